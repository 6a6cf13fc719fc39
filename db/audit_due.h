/* When the archive is to be read through again by itself. */
#pragma once

#include "db.h"

/*
 * every_ms after the last check went through (or after this was asked first); at once when the last
 * one was broken off by a stop of the daemon; a day, or every_ms if that is less, after one that
 * was cancelled or failed. *due_ms is wall clock; -1 with every_ms 0: never.
 */
int audit_due(struct tx *tx, uint64_t every_ms, int64_t *due_ms, struct err *e) MUST_CHECK;

/* At start: from when on "every" counts on an archive that has not been checked yet. */
int audit_begin_count(struct tx *tx, struct err *e) MUST_CHECK;
