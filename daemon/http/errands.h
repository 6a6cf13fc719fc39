/*
 * Requests that take long. Threads of their own run their handlers, one after the other, while the
 * connections sleep: those of the server stay free for all others.
 */
#pragma once

#include <stdbool.h>

#include "err.h"

struct errands;

/* One that waits or runs; the caller's, until run() is called. */
struct errand {
	/* Called once, in a thread of the errands. stopping: the server ends, do no work. */
	void (*run)(struct errand *errand, bool stopping);
	struct errand *next;
};

/* Starts the threads. So many wait at most. */
struct errands *errands_open(unsigned waiting, struct err *e) MUST_CHECK;

/* ERR_TOO_MANY when too many wait, ERR_UNAVAILABLE behind errands_stop(): run() is not called then. */
int errands_add(struct errands *errands, struct errand *errand, struct err *e) MUST_CHECK;

/* Waits for those that run, and ends the threads; no errand is left. */
void errands_stop(struct errands *errands);

/* The same, and gives the memory back. Accepts NULL. */
void errands_close(struct errands *errands);
