/* Small facts about the archive itself. */
#pragma once

#include "db.h"

/* Counts the daemon's starts on this archive, from 1; event ids are built on it so that they go on rising. */
int meta_count_start(struct tx *tx, int64_t *starts, struct err *e) MUST_CHECK;

/* A number by name; `otherwise` when it was never set. */
int meta_get(struct tx *tx, const char *name, int64_t otherwise, int64_t *value, struct err *e)
	MUST_CHECK;
int meta_set(struct tx *tx, const char *name, int64_t value, struct err *e) MUST_CHECK;

/*
 * Before blocks or contents are deleted: remembers the highest ids, as "last_block" and
 * "last_content", so that none comes back as another thing. Floors of sweeps (sweep.h) and readers
 * between two transactions count on that.
 */
int meta_keep_ids(struct tx *tx, struct err *e) MUST_CHECK;

/* Writes a small row and rolls it back or replaces it: 0 when the archive can be written. */
int meta_try_write(struct db *db, struct err *e) MUST_CHECK;
