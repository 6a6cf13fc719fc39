/*
 * The audit log: who changed what, when and from where, and who was turned away. Rows are only
 * ever added; the oldest go when there are too many. No secret is in it: what a client sends comes
 * in as far as it is a path, never as a query, a header or a body.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "db.h"

/* How many rows stay. Of their own each, so that somebody who guesses tokens pushes out no deed. */
#define TRAIL_DEEDS   20000
#define TRAIL_REFUSED 2000

#define TRAIL_WHO     64 /* bytes, with NUL: a token's name */
#define TRAIL_ADDRESS 48
#define TRAIL_METHOD  8
#define TRAIL_PATH    160
#define TRAIL_WHAT    128

struct trail {
	int64_t id, at_ms;
	bool refused;        /* it was not let in */
	int64_t token;       /* when it is added: whose name stands for who; 0: who as it is */
	char who[TRAIL_WHO]; /* "": nobody showed a token that is known */
	char address[TRAIL_ADDRESS];
	char method[TRAIL_METHOD]; /* "", "" and 0 for what was no request */
	char path[TRAIL_PATH];
	int status;
	char what[TRAIL_WHAT]; /* in words: "job 7: backup in slot left" */
};

/* at_ms is as given. */
int trail_add(struct tx *tx, const struct trail *trail, struct err *e) MUST_CHECK;

/* Newest first; before = page->next of the page before, -1 at first. */
int trail_list(struct tx *tx, int64_t before, struct trail *trails, struct page *page,
	       struct err *e) MUST_CHECK;

/* Removes what is too much, the oldest first. */
int trail_trim(struct tx *tx, int64_t deeds, int64_t refused, struct err *e) MUST_CHECK;
