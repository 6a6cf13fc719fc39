/*
 * Where two contents differ. Blocks that both have by id are equal without being read; only the
 * bytes of the others are compared.
 */
#pragma once

#include <stdbool.h>

#include "archive.h"
#include "db.h"

#define DIFF_RANGES 4096 /* enough for 32 MiB of which every other sector differs */

struct diff_range {
	uint64_t offset, length; /* whole sectors, but at the end of the longer content */
};

struct diff {
	uint64_t sectors; /* that differ */
	uint64_t bytes;   /* that differ; what only one of them has differs */
	size_t n;         /* ranges; sectors that stand together are one */
	bool cut;         /* there were more than DIFF_RANGES */
	struct diff_range range[DIFF_RANGES];
};

/*
 * From the first byte of each on. Reads in short transactions of its own. ERR_NOT_FOUND;
 * ERR_ARCHIVE_DAMAGED with the offset.
 */
int content_diff(struct db *db, int64_t a, int64_t b, struct diff *diff, struct err *e) MUST_CHECK;
