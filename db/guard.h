/*
 * One daemon for one archive: a second one would take the first one's running jobs for the
 * leavings of a crash. Tools that only read, or add a row, need no guard.
 */
#pragma once

#include "err.h"

/* Holds PATH-lock as long as the process lives; the kernel lets go of it on any death. */
struct guard {
	int fd; /* -1: not held */
};

/* Makes the file where it is not there. ERR_CONFLICT when another process holds it; ERR_IO. */
int guard_take(struct guard *guard, const char *archive, struct err *e) MUST_CHECK;

/* Accepts one that is not held. */
void guard_release(struct guard *guard);
