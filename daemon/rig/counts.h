/* What the workers count for those who watch the rig (rig_counts()): atomics, without a lock. */
#pragma once

#include <stdatomic.h>

#include "rig.h"

struct counts {
	atomic_ullong mismatched; /* sectors that a further read saw differently */
	atomic_ullong rereads;    /* whole reads beyond the second */
	atomic_ullong slowed;     /* times a clock was halved */
	struct counts_step {
		_Atomic(const char *) name; /* NULL: free, as are all behind it */
		atomic_ullong runs, failed, ns;
	} step[RIG_STEPS];
};

/* name is a literal. Beyond RIG_STEPS different ones nothing is counted. */
void counts_step(struct counts *counts, const char *name, bool well, uint64_t ns);
