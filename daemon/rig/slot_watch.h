/*
 * Hands-free: a slot that watches whether a board is in it, and starts the job of its batch when
 * one has been put in. Presence is known by what answers: a bare flash by its ID; a Beken part by
 * the echo of a few trains after a reset, because getting in is a matter of chance and an echo is
 * not. Both ways it must be seen several times in a row. A board that stays in is not done twice,
 * also over a restart: what is remembered is whether the slot was seen empty since its last job.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch_store.h"

struct rig;
struct slot;

/* The slot's worker alone: what the last looks saw. */
struct watch_sight {
	unsigned seen, missed; /* in a row */
	unsigned others;       /* in a row, of another board than the last job's */
	bool empty;            /* the slot was seen without a board since the last job */
	char unique_id[17];    /* of the last job's board; "" when it has none */
	char complaint[320];   /* what went wrong last, so that it is said once */
};

/* ---- any thread */

#define WATCH_RESERVED 0 /* the batch of a slot whose batch is being stored: it does not look yet */

/* Keeps the slot for a batch that is being stored. ERR_CONFLICT when it is hands-free already. */
int watch_reserve(struct slot *slot, struct err *e) MUST_CHECK;

/* A reserved slot belongs to the batch, and begins to look. */
void watch_begin(struct slot *slot, int64_t batch);

/* No more of this batch (or reservation); what runs goes on. False when it was not the slot's. */
bool watch_end(struct slot *slot, int64_t batch);

/* A job of the batch was cancelled while it waited: its board is to be taken out. */
void watch_job_dropped(struct slot *slot, const struct job *job);

/* At start: takes up the modes that were on. */
int watch_restore(struct rig *rig, struct err *e) MUST_CHECK;

/* ---- the slot's worker */

/* Once: is a board there? Starts the job, or sees that it was taken out. */
void watch_look(struct slot *slot);

/* A job has ended; where it was the batch's own, its board is to be taken out. */
void watch_job_ended(struct slot *slot, const struct job *job);
