/*
 * Batches: one request for many slots. How far a batch is, is counted from its jobs; nothing of it
 * is stored twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "job_store.h"

#define BATCH_SLOTS 64   /* at most */
#define BATCH_JOBS  1000 /* the newest, where their ids are listed */

/* A place of the batch. Of a hands-free one also what the slot waits for. */
struct batch_slot {
	char name[JOB_SLOT];
	bool gone; /* no board has been there since the last job, or there was no job */
};

struct batch {
	int64_t id;
	struct job_request request; /* what each slot shall do; slot is "" */
	char label[JOB_LABEL];
	bool hands_free;  /* jobs come as boards are put in, until it is ended */
	int64_t again_of; /* the batch that was run once more; JOB_NONE */
	int64_t created_ms;
	int64_t ended_ms; /* when hands-free was ended; JOB_NONE */
	size_t n_slots;
	struct batch_slot slot[BATCH_SLOTS]; /* as they were named */

	/* Filled when it is read. */
	bool open; /* jobs wait or run, or hands-free goes on */
	size_t total, queued, running, done, failed, cancelled, interrupted;
	int64_t finished_ms; /* JOB_NONE while it is open */
};

/*
 * Stores the batch; fills id and created_ms. Its jobs are the caller's to add, in the same tx.
 * key: as job_add(), but a namespace of its own; with *existed true *batch is the first.
 */
int batch_add(struct tx *tx, struct batch *batch, const struct job_key *key, bool *existed,
	      struct err *e) MUST_CHECK;

/* ERR_NOT_FOUND. */
int batch_get(struct tx *tx, int64_t id, struct batch *batch, struct err *e) MUST_CHECK;

/* Newest first, from below `before` (JOB_NONE: the newest). batches is the caller's array of page->max. */
int batch_list(struct tx *tx, int64_t before, struct batch *batches, struct page *page,
	       struct err *e) MUST_CHECK;

/* Those that are open, newest first. */
int batch_list_open(struct tx *tx, struct batch *batches, size_t max, size_t *n, struct err *e)
	MUST_CHECK;

/* Those whose hands-free goes on, oldest first, with ids above `after`. */
int batch_list_hands_free(struct tx *tx, int64_t after, struct batch *batches, size_t max,
			  size_t *n, struct err *e) MUST_CHECK;

/* The ids of its jobs, ascending; of many the newest BATCH_JOBS. */
int batch_jobs(struct tx *tx, int64_t id, int64_t ids[BATCH_JOBS], size_t *n, struct err *e)
	MUST_CHECK;

/* Ends hands-free; of a batch that has none, or has ended, nothing changes. */
int batch_end(struct tx *tx, int64_t id, struct err *e) MUST_CHECK;

/* Remembers whether the slot was seen without a board since its last job. */
int batch_set_gone(struct tx *tx, int64_t id, const char *slot, bool gone, struct err *e)
	MUST_CHECK;

/* What one slot of a batch has done. */
struct batch_tally {
	size_t boards, failed; /* jobs that ended; and those of them that were not done */
	int64_t last;          /* the newest job, JOB_NONE */
	enum job_state state;  /* of that job */
};
int batch_tally(struct tx *tx, int64_t id, const char *slot, struct batch_tally *tally,
		struct err *e) MUST_CHECK;
