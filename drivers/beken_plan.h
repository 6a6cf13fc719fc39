/*
 * Which parameters which attempt uses, for beken_spi.c. A plan is a list of sets, from what is
 * known, from what public programs do, and from all sorts of mixtures; and what came of each so
 * far. Nothing in it is chance: equal answers give equal plans.
 */
#pragma once

#include "beken_memory.h"

#define BEKEN_TRAIN_MAX 2048u

enum beken_origin {
	BEKEN_FROM_SLOT,
	BEKEN_FROM_TARGET,
	BEKEN_USUAL, /* what public programs do */
	BEKEN_WILD   /* a mixture; makes room for the next when it shows nothing */
};

struct beken_set {
	enum beken_origin origin;
	struct beken_known known; /* the parameters, and how often they worked before */
	struct beken_tried tried; /* in this entry */
	uint64_t cost_ns;         /* what an attempt takes, about */
	uint64_t share_ns;        /* the time it had, and those whose room it took */
};

struct beken_plan {
	struct beken_set set[BEKEN_SETS];
	size_t n;
	uint32_t wild; /* mixtures made so far */
	uint32_t max_hz;
	size_t max_len;
};

/* Nothing above limits->max_hz; no train longer than max_len or BEKEN_TRAIN_MAX. Asks the memory. */
void beken_plan_init(struct beken_plan *plan, const struct beken_limits *limits, size_t max_len);

/*
 * The set for the next attempt, counted from 0. One in four explores: all sets get the same time,
 * so that the short ones are tried more often. The others go to what worked for the slot (the last
 * one first), then for the target, then to what echoes, by how much time a success is likely to
 * cost; a set that worked once, but not in four times the attempts it should need, counts no more.
 */
struct beken_set *beken_plan_next(struct beken_plan *plan, uint32_t attempt);

/* What came of it. */
void beken_plan_note(struct beken_set *set, bool echoed, uint64_t ns);
