/*
 * The thread that a long operation and its owner hold between them: the operation says how far
 * it is, the owner says whether to go on. One call does both, so that whatever can be followed
 * can be cancelled.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct progress {
	/*
	 * Called by the operation at least every 100 ms of its work, from its own thread. Must
	 * not block. Returns 0 to go on; -1 with *e filled (ERR_CANCELLED) to stop.
	 */
	int (*report)(struct progress *progress, uint64_t done, uint64_t total, struct err *e);
};

/* progress may be NULL: nobody follows, nobody cancels. */
static inline int progress_report(struct progress *progress, uint64_t done, uint64_t total,
				  struct err *e)
{
	return progress ? progress->report(progress, done, total, e) : 0;
}
