/*
 * Which parts of a device a write has begun to change and not come to its end with: the truth
 * about a board after any crash. A write marks its ranges, on the disk, before its first write
 * enable; they are unmarked by whichever write proves them right.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "db.h"

/* A range that a write (a job) is about to change. */
struct partial {
	int64_t device, job;
	uint64_t start, length; /* bytes of the chip */
	int64_t backup;         /* the dump that holds what was there; -1: none was made */
	int64_t since_ms;       /* wall clock */
	int64_t image, dump;    /* what the job was to write; -1: not that. Filled when read */
};

/*
 * What the device has been through, in one piece: the newest write (job, and its ranges from the
 * first byte to the last), but the backup and the time of the oldest, because a later backup holds
 * what was half-written. job is -1 when the device is whole.
 */
int partial_get(struct tx *tx, int64_t device, struct partial *sum, struct err *e) MUST_CHECK;

/* Its marks one by one, oldest write first; of many the first PARTIAL_MARKS. */
#define PARTIAL_MARKS 64
int partial_list(struct tx *tx, int64_t device, struct partial marks[PARTIAL_MARKS], size_t *n,
		 struct err *e) MUST_CHECK;

/* As partial_get(), of one write: job is -1 where nothing of it is left. */
int partial_of_job(struct tx *tx, int64_t job, struct partial *sum, struct err *e) MUST_CHECK;

/* Marks one more range. Asking for the same twice is no mistake. */
int partial_add(struct tx *tx, const struct partial *range, struct err *e) MUST_CHECK;

/* The write has come to its end, proven: its marks are gone. */
int partial_end(struct tx *tx, int64_t job, struct err *e) MUST_CHECK;

/* The bytes of this range are proven: every mark on this device that lies in it is gone. */
int partial_clear(struct tx *tx, int64_t device, uint64_t start, uint64_t length, struct err *e)
	MUST_CHECK;

/* The device that needs this dump to be whole again; -1: none does. */
int partial_needs(struct tx *tx, int64_t dump, int64_t *device, struct err *e) MUST_CHECK;
