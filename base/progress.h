/*
 * The thread that a long operation and its owner hold between them: the operation says how far
 * it is, the owner says whether to go on. One call does both, so that whatever can be followed
 * can be cancelled.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define PROGRESS_SAME UINT64_MAX

struct progress {
	/*
	 * Called by the operation at least every 100 ms of its work, from its own thread. Must
	 * not block. Returns 0 to go on; -1 with *e filled (ERR_CANCELLED) to stop. With
	 * PROGRESS_SAME for done there is nothing new to show.
	 */
	int (*report)(struct progress *progress, uint64_t done, uint64_t total, struct err *e);
};

/* progress may be NULL: nobody follows, nobody cancels. */
static inline int progress_report(struct progress *progress, uint64_t done, uint64_t total,
				  struct err *e)
{
	return progress ? progress->report(progress, done, total, e) : 0;
}

/* Only whether to go on: where a step of an operation does not know how far that one is. */
static inline int progress_check(struct progress *progress, struct err *e)
{
	return progress_report(progress, PROGRESS_SAME, PROGRESS_SAME, e);
}
