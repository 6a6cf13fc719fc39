/* What the files of an analysis share. */
#pragma once

#include "analysis.h"
#include "code.h"
#include "survey.h"
#include "tuya_vault.h"

#define APP_PHYS    0x11000u
#define APP_LOGICAL 0x10000u

struct work {
	struct flash *flash; /* borrowed */
	struct analysis *a;  /* borrowed */
	struct survey survey;
	struct code code;
	struct banner banner;
	struct tuya_vault vault; /* has_key: there is one */
	uint8_t piece[CODE_PIECE];
};

/* identify.c: kind and start, before anything else is read; then the key. */
int identify_kind(struct work *w, const struct analysis_hint *hint, struct err *e) MUST_CHECK;
int identify_key(struct work *w, struct err *e) MUST_CHECK;

/* clues.c: which chip, by all that was found. */
void clues_weigh(struct work *w);

/* places.c: the layout and its partitions. */
void places_find(struct work *w);

/* proofs.c: containers, code, and what else can be checked. */
int proofs_containers(struct work *w, struct err *e) MUST_CHECK;
int proofs_code(struct work *w, struct err *e) MUST_CHECK;
void proofs_partitions(struct work *w);

/* texts.c: what firmware says of itself. */
int texts_read(struct work *w, struct err *e) MUST_CHECK;
int texts_unpack(struct work *w, struct rbl *rbl, struct err *e) MUST_CHECK;

/* stores.c: configuration, from all stores. */
int stores_read(struct work *w, struct err *e) MUST_CHECK;

void analysis_warn(struct analysis *a, const char *warning);
