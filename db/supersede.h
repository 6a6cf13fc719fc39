/*
 * A content whose own record or map is damaged, when the same bytes come in again: the new one
 * takes its place, so that old dumps become whole. (Damaged blocks are block.h's business.)
 */
#pragma once

#include <stdbool.h>

#include "archive.h"

/* Does the file say of id what is known of good, which has the same SHA-256: sums, size, blocks? */
bool content_is_same(struct tx *tx, int64_t id, const struct content *good);

/*
 * Whatever names the content `damaged` names `good` from now on. The damaged one stays, out of
 * sight: to remove it would mean to follow what is broken.
 */
int content_supersede(struct tx *tx, int64_t damaged, int64_t good, struct err *e) MUST_CHECK;
