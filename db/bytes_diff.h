/* Where two contents differ to the byte, within a window. */
#pragma once

#include "diff.h"

#define BYTES_WINDOW 65536u

/*
 * Ranges of bytes in the window (its length up to BYTES_WINDOW); what only one of them has differs.
 * ranges is the caller's array of (length + 1) / 2. ERR_BAD_RANGE behind the end of both;
 * ERR_NOT_FOUND, ERR_ARCHIVE_DAMAGED.
 */
int content_diff_bytes(struct tx *tx, const int64_t ids[2], const struct diff_range *window,
		       struct diff_range *ranges, size_t *n, struct err *e) MUST_CHECK;
