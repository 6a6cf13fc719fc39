/*
 * Looks for bytes inside of contents. A finder knows what it has learnt about each block: whether
 * the bytes are in it, and whether they may begin at its end or end at its beginning. So a block
 * that many dumps have is read once, and two that stand side by side are only read together where
 * the bytes may lie across. Blocks never change, nor does an id come back: what was learnt stays
 * true, and a question that is asked in parts goes on where it was.
 *
 * Works on a connection of its own, in short reading transactions: nobody waits for it. One thread
 * at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"

#define FIND_LEAST 3   /* bytes of a needle: less is found everywhere */
#define FIND_MOST  256 /* much less than a block, so that it lies across two at most */

struct needle {
	size_t len;
	uint8_t bytes[FIND_MOST];
};

struct finder;

/* For the archive at path, as db_open_to_read(). */
struct finder *finder_open(const char *path, const struct needle *needle, struct err *e) MUST_CHECK;
void finder_close(struct finder *finder); /* accepts NULL */

/* Is it one for this needle? */
bool finder_is_for(const struct finder *finder, const struct needle *needle);

/* How many blocks it has read so far: what its work is measured by. */
uint64_t finder_reads(const struct finder *finder);

/* Where the needle begins, from below; at most max addresses. */
struct found {
	size_t max, n;
	bool more;           /* there are more than max */
	uint64_t unreadable; /* sectors that are damaged, and were passed over */
	uint64_t *at;        /* the caller's array of max */
};

/*
 * Looks at the content from the address on. A content that is gone has nothing. Reads no more than
 * the content itself, and as a rule much less. ERR_MEMORY.
 */
int finder_look(struct finder *finder, int64_t content, uint64_t from, struct found *found,
		struct err *e) MUST_CHECK;
