/* Small facts about the archive itself. */
#pragma once

#include "db.h"

/* Counts the daemon's starts on this archive, from 1; event ids are built on it so that they go on rising. */
int meta_count_start(struct tx *tx, int64_t *starts, struct err *e) MUST_CHECK;

/* Writes a small row and rolls it back or replaces it: 0 when the archive can be written. */
int meta_try_write(struct db *db, struct err *e) MUST_CHECK;
