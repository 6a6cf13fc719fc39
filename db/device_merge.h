/*
 * Two devices turn out to be one: a board whose chip was changed, a dump imported before the board
 * came, content that was all new after a write.
 */
#pragma once

#include "db.h"

/*
 * SQL for one question mark, a device's number: the device that it is part of today. For rows that
 * are written by who has had the number since before a merge.
 */
#define DEVICE_NOW \
	"(SELECT coalesce((SELECT device FROM device_gone WHERE device_gone.id = asked.id)," \
	" asked.id) FROM (SELECT ? AS id) AS asked)"

/* The same, for a number that is kept in memory; -1 stays. */
int device_now(struct tx *tx, int64_t *id, struct err *e) MUST_CHECK;

/*
 * Makes `other` a part of `id`: dumps, jobs and half-done writes are those of `id` from then on,
 * and what `other` was known by leads to `id`. Nothing of it is lost: a label that `id` does not
 * have yet stands in its notes, before the notes of the other. ERR_NOT_FOUND for id,
 * ERR_UNPROCESSABLE for other: there is none, it is the same, or both together have too many tags
 * or too long notes.
 */
int device_merge(struct tx *tx, int64_t id, int64_t other, struct err *e) MUST_CHECK;
