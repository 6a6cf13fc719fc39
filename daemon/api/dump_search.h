/* Lists of dumps by what is inside of them. */
#pragma once

#include "dump_query.h"
#include "paging.h"
#include "reply.h"
#include "search.h"

/*
 * As the list of dumps, but only those that have the needle in them, each with where: `found`. The
 * work of one request is bounded; where the bound is met the page ends, perhaps empty, and `next`
 * goes on.
 */
int dump_search_reply(const struct request *req, struct dump_filter *filter,
		      const struct needle *needle, int64_t limit, struct reply *reply,
		      struct err *e) MUST_CHECK;
