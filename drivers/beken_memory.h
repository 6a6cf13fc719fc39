/*
 * What is known about getting into a board: which parameters worked for a slot, and for all boards
 * of its target. Who keeps it (an archive, or a struct in memory) stands behind an interface.
 */
#pragma once

#include "beken_spi.h"

#define BEKEN_KNOWN 16 /* sets that are kept and asked for, per scope */

enum beken_scope { BEKEN_SLOT, BEKEN_TARGET };

struct beken_known {
	struct beken_params params;
	uint32_t successes, attempts; /* entries made, and trains sent for them */
};

struct beken_memory;

struct beken_memory_ops {
	const char *name; /* "ram" */

	/*
	 * Fills at most max sets that worked at least once, the one that did so last first; returns
	 * how many. Called once, at the start of an entry; may block on a disk. Cannot fail: a
	 * memory that cannot be read knows nothing, and says so in a log of its own.
	 */
	size_t (*recall)(struct beken_memory *memory, enum beken_scope scope,
			 struct beken_known *known, size_t max);

	/*
	 * Adds to what is known of tried->params, in both scopes. Called at the end of an entry in
	 * which the chip was heard, for each set that was tried. Cannot fail.
	 */
	void (*remember)(struct beken_memory *memory, const struct beken_known *tried);
};

/* First member of every implementation; one per slot, so that it knows slot and target. */
struct beken_memory {
	const struct beken_memory_ops *ops;
};

/* memory may be NULL: nothing is known, nothing is kept. */
size_t beken_recall(struct beken_memory *memory, enum beken_scope scope, struct beken_known *known,
		    size_t max);
void beken_remember(struct beken_memory *memory, const struct beken_known *tried);

bool beken_params_equal(const struct beken_params *a, const struct beken_params *b);

/* A memory that ends with the process. Plain data; used by one thread at a time. */
struct beken_ram {
	struct beken_memory base;
	struct beken_ram *target; /* borrowed: told too, and asked about the target; NULL: none */
	struct beken_known known[BEKEN_KNOWN]; /* that which worked last first */
	size_t n;
};

void beken_ram_init(struct beken_ram *ram, struct beken_ram *target);
