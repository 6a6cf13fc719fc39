/*
 * Questions about what is inside of dumps. What a search has learnt about blocks is kept for the
 * next part of the same question: see find.h.
 */
#pragma once

#include <pthread.h>

#include "db.h"
#include "find.h"
#include "request.h"

#define SEARCH_KEPT \
	3 /* questions that are kept: their memory grows with the archive, half a byte a block */

struct search {
	pthread_mutex_t lock;
	struct finder *kept[SEARCH_KEPT]; /* owned, or NULL; the oldest last; guarded by lock */
};

void search_init(struct search *search);
void search_done(struct search *search);

/* One that nobody else uses, until it is given back. */
struct finder *search_take(struct search *search, struct db *db, const struct needle *needle,
			   struct err *e) MUST_CHECK;
void search_give(struct search *search, struct finder *finder);

/*
 * ?contains=: text as it is, or bytes as 0x0A0B...; *given is false without one. ERR_BAD_INPUT for
 * less than FIND_LEAST or more than FIND_MOST bytes, or half a byte.
 */
int search_read(const struct request *req, struct needle *needle, bool *given, struct err *e)
	MUST_CHECK;
