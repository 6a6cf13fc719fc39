/*
 * Content: the bytes of dumps, kept in flash sectors. Equal sectors are stored once, compressed
 * where that helps; erased ones are not stored at all. Content is immutable: nothing is ever
 * overwritten in place.
 *
 * It comes in by an ingest, piece by piece while the chip is read, and is nothing that anybody
 * can see until ingest_commit() makes it part of a transaction. A crash before that leaves pieces
 * that the next start removes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "hash.h"

#define ARCHIVE_BLOCK 4096u /* a flash sector */

struct content {
	int64_t id;
	uint64_t size;
	uint32_t crc32;
	uint8_t sha256[HASH_SHA256_LEN];
	uint64_t
		stored_bytes; /* what this content alone brought into the file, blocks shared with others not counted */
};

struct ingest;

/*
 * Starts taking content in; nothing is listed. Uses constant memory, and short transactions of its
 * own: but for ingest_commit(), nothing here may be called by a thread that is in one. Several may
 * be open at a time, each used by one thread. ERR_ARCHIVE_FULL when there is no room for the
 * reserve (db.h).
 */
struct ingest *ingest_open(struct db *db, struct err *e) MUST_CHECK;

/* Appends; any length, in order. After a failure only ingest_close() makes sense, here and below. */
int ingest_append(struct ingest *in, const uint8_t *bytes, size_t len, struct err *e) MUST_CHECK;

/* The SHA-256 of what was appended so far: nothing is said of what is stored. */
void ingest_sum(const struct ingest *in, uint8_t sha256[HASH_SHA256_LEN]);

/*
 * Compares bytes (a second, independent read) with what was appended, as it stands in the file.
 * offset and len are multiples of ARCHIVE_BLOCK, except at the end of the content. For each
 * sector that differs differs() is called with its offset; it may be NULL.
 */
struct ingest_compare {
	void (*differs)(struct ingest_compare *compare, uint64_t offset);
};
int ingest_check(struct ingest *in, uint64_t offset, const uint8_t *bytes, size_t len,
		 struct ingest_compare *compare, struct err *e) MUST_CHECK;

/* Puts other bytes in the place of a sector that turned out to be wrong. */
int ingest_replace(struct ingest *in, uint64_t offset, const uint8_t *bytes, size_t len,
		   struct err *e) MUST_CHECK;

/*
 * No more pieces. Reads everything back from the file and hashes it: the sums are those of what is
 * stored, and, when nothing was replaced, must be those of what came in (else
 * ERR_ARCHIVE_DAMAGED). Fills *content but the id.
 */
int ingest_seal(struct ingest *in, struct content *content, struct err *e) MUST_CHECK;

/*
 * Makes the content part of tx; content->id is then valid when tx commits. Content that the
 * archive has already is not stored twice: the id is that of the first.
 */
int ingest_commit(struct ingest *in, struct tx *tx, struct content *content, struct err *e)
	MUST_CHECK;

/* Ends it; what was not committed is removed. Accepts NULL. */
void ingest_close(struct ingest *in);
static inline void auto_ingest_close(struct ingest **in)
{
	ingest_close(*in);
}

/* ERR_NOT_FOUND. */
int content_get(struct tx *tx, int64_t id, struct content *content, struct err *e) MUST_CHECK;

/*
 * Reads a range; touches only the blocks it needs, each checked against its hash:
 * ERR_ARCHIVE_DAMAGED names the offset. Asserts offset + len <= size.
 */
int content_read(struct tx *tx, int64_t id, uint64_t offset, uint8_t *buf, size_t len,
		 struct err *e) MUST_CHECK;

/* How many blocks two contents have in common by place, erased ones not counted, and how many the first has. */
int content_common(struct tx *tx, int64_t a, int64_t b, uint64_t *common, uint64_t *of_a,
		   struct err *e) MUST_CHECK;

/*
 * How many of a content's blocks that are not erased stand at the same place in `old`, or `shift`
 * blocks further on in `fresh` (-1: none) than there: *known of *all. For a content that a write
 * has left half-way from the one to the other.
 */
struct content_mix {
	int64_t old, fresh;
	uint64_t shift;
};
int content_explained(struct tx *tx, int64_t content, const struct content_mix *mix,
		      uint64_t *known, uint64_t *all, struct err *e) MUST_CHECK;

/*
 * After a dump or an image that names it has been removed, in the same tx: when nothing names the
 * content any more it cannot be read from then on, nor be found by an ingest of the same bytes.
 * Its blocks stay until archive_collect().
 */
int content_release(struct tx *tx, int64_t id, struct err *e) MUST_CHECK;

/*
 * Removes the blocks that only released contents name, and gives their space back to the disk. In
 * short transactions of its own, also while ingests are open; what a crash leaves undone the next
 * call does. Looks at the maps of the whole archive: about 1 ms for every 100 MB. ERR_ARCHIVE_FULL
 * when not even that can be written. *freed, where it is not NULL: bytes of blocks that went.
 */
int archive_collect(struct db *db, uint64_t *freed, struct err *e) MUST_CHECK;

/*
 * What a removal of all that names this content would give back: bytes of its blocks that no other
 * content has. Looks at as much.
 */
int archive_would_free(struct db *db, int64_t content, uint64_t *bytes, struct err *e) MUST_CHECK;

/*
 * At start, while no ingest is open: removes what those before a crash left, *n tells how many,
 * and collects.
 */
int archive_sweep(struct db *db, size_t *n, struct err *e) MUST_CHECK;
