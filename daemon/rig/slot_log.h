/*
 * What a slot's board prints on its log UART: a thread reads it as long as the daemon runs, keeps
 * the last of it, and tells the observer. Nothing but printable text and line ends is kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct rig;
struct slot;
struct slot_log;

/* The slot's board has a log port, which is this thread's alone from now on. NULL and *e without memory. */
struct slot_log *slot_log_open(struct slot *slot, struct err *e) MUST_CHECK;
void slot_log_close(struct slot_log *log); /* accepts NULL */

/*
 * Until all that has been printed by now is gathered, for a board that says nothing at the moment: some
 * 200 ms, and a second at most.
 */
void slot_log_settle(struct slot_log *log);

/* Where the next text will stand. */
uint64_t slot_log_mark(struct slot_log *log);

/* One piece of it; "" while there is none. */
#define SLOT_LOG_PIECE 1024
struct slot_log_piece {
	int64_t at_ms; /* wall clock of its first byte */
	char text[SLOT_LOG_PIECE + 1];
};

/*
 * The piece at *from, and moves *from on; what is not kept any more is left out. Waits up to
 * timeout_ms for one. False when none came.
 */
bool slot_log_next(struct slot_log *log, uint64_t *from, unsigned timeout_ms,
		   struct slot_log_piece *piece);
