/* One request for many slots: what rig.h is for single jobs. Everything may be called from any thread. */
#pragma once

#include "batch_store.h"
#include "rig.h"

/*
 * Stores the batch and a job for each slot, and queues them: all of them, or nothing at all.
 * *batch says what is wanted (request, label, slot, hands_free, again_of) and comes back as
 * stored. key may be NULL, else see batch_add(); with *existed true nothing new was queued. What
 * becomes of one slot's job is nothing to the others.
 *
 * A hands-free batch has no jobs at first: its slots watch for boards, and each that is put in
 * brings one, until the batch is finished or cancelled.
 *
 * Errors: ERR_UNPROCESSABLE (no slot, a slot that is not there or named twice, a request that
 * makes no sense), ERR_TOO_MANY (a queue is full; it is named), ERR_CONFLICT (same key, other
 * body; a slot that is hands-free already), ERR_UNAVAILABLE, and those of the database.
 */
int rig_batch_submit(struct rig *rig, struct batch *batch, const struct job_key *key, bool *existed,
		     struct err *e) MUST_CHECK;

/* The same once more, as a new batch. ERR_NOT_FOUND; and as rig_batch_submit(). */
int rig_batch_again(struct rig *rig, int64_t id, struct batch *batch, struct err *e) MUST_CHECK;

/*
 * Ends hands-free: no more boards; what runs goes on. ERR_NOT_FOUND; ERR_CONFLICT when it is done,
 * or not hands-free.
 */
int rig_batch_finish(struct rig *rig, int64_t id, struct err *e) MUST_CHECK;

/*
 * Ends hands-free and cancels its jobs, those that wait and those that run: when this returns they are cancelled or
 * have been asked to stop. ERR_NOT_FOUND; ERR_CONFLICT when the batch is done.
 */
int rig_batch_cancel(struct rig *rig, int64_t id, struct err *e) MUST_CHECK;

/* ERR_NOT_FOUND. */
int rig_batch_get(struct rig *rig, int64_t id, struct batch *batch, struct err *e) MUST_CHECK;
