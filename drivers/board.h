/*
 * A board as a slot sees it: a handful of wires and the clock they run by. A backend (linux, sim)
 * builds one; everything above uses only what is here.
 */
#pragma once

#include "clock.h"
#include "line.h"
#include "serial.h"
#include "spi.h"

struct board;

/* A simulated board is taken out of its slot, or put in. */
struct board_plug {
	bool present;
	bool other; /* another one of its kind: with a unique ID of its own (if they have one), and */
	const uint8_t *content; /* this in its flash, the rest erased; borrowed */
	size_t len;
};

struct board_ops {
	const char *name; /* "linux", "sim" */

	/*
	 * Before each job, and whenever somebody wants to know whether the board is there: opens
	 * what is not open yet, or has vanished and come back. Moves no line but to rest; clocks
	 * nothing. Does not block. Errors: ERR_OFFLINE with what is missing, ERR_BAD_INPUT for what
	 * the configuration names wrongly. NULL for a board that is always there.
	 */
	int (*wake)(struct board *board, struct err *e);

	/*
	 * The same for the log port alone, which is read by a thread of its own: wake() leaves it
	 * alone. NULL for one that is always there.
	 */
	int (*wake_log)(struct board *board, struct err *e);

	/*
	 * After each job, with all lines at rest: a simulated board writes its content back to
	 * its image file. May block on a disk. NULL when there is nothing to do.
	 */
	int (*settle)(struct board *board, struct err *e);

	/*
	 * Only of what pretends, NULL for a real board: hands do what *plug says. From any thread,
	 * also while the board is used. ERR_MEMORY; ERR_UNPROCESSABLE: more content than flash.
	 */
	int (*plug)(struct board *board, const struct board_plug *plug, struct err *e);

	/* Brings all lines to rest and frees everything. Cannot fail; is called once. */
	void (*close)(struct board *board);
};

/* First member of every backend's own struct. A board is used by one thread at a time. */
struct board {
	const struct board_ops *ops;
	struct clock *clock;
	struct spi *spi;          /* NULL: not wired; then there is a uart */
	struct line *cen;         /* NULL: no reset line */
	struct line *power;       /* NULL: powered from elsewhere. High: the board has power. */
	struct serial *uart;      /* NULL: not wired */
	struct serial *log;       /* NULL: not wired */
	struct clock *port_clock; /* time at uart and log; NULL: clock */
};

/* Lines to rest: power first, so that CEN does not feed a dead board. Tries all, tells the first error. */
int board_rest(struct board *board, struct err *e) MUST_CHECK;

int board_wake(struct board *board, struct err *e) MUST_CHECK;
int board_wake_log(struct board *board, struct err *e) MUST_CHECK;
int board_settle(struct board *board, struct err *e) MUST_CHECK;

/* ERR_UNPROCESSABLE for a real one. */
int board_plug(struct board *board, const struct board_plug *plug, struct err *e) MUST_CHECK;
void board_close(struct board *board);
static inline void auto_board_close(struct board **board)
{
	board_close(*board);
}
