/*
 * One wire that the rig drives: CEN or power of a slot. Levels are logical (a line configured
 * active-low is turned over by its backend). A line is held from open to close; it is at rest
 * whenever nobody drives it.
 */
#pragma once

#include <stdbool.h>

#include "err.h"

struct line;

struct line_ops {
	const char *name;

	/* Drives the wire. Takes effect before it returns. Errors: ERR_IO, ERR_OFFLINE. */
	int (*set)(struct line *line, bool high, struct err *e);

	/*
	 * Lets go: drives the rest level and, where the hardware can, returns the wire to input
	 * so that the board's own pull decides. Same errors.
	 */
	int (*rest)(struct line *line, struct err *e);

	/* Brings it to rest and frees it. Cannot fail; is called once. */
	void (*close)(struct line *line);
};

/* First member of every backend's own struct. */
struct line {
	const struct line_ops *ops;
};

int line_set(struct line *line, bool high, struct err *e) MUST_CHECK;
int line_rest(struct line *line, struct err *e) MUST_CHECK;
void line_close(struct line *line);
