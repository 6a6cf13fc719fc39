/*
 * A block is a flash sector as the archive holds it: once, under its SHA-256, packed where that
 * helps. An erased sector is no block at all: its id is BLOCK_ERASED.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

#include "archive.h"

#define BLOCK_ERASED 0

/* Numbers in the file: never change, only add. */
enum block_codec { BLOCK_RAW = 0, BLOCK_ZSTD = 1 };

struct block {
	bool erased; /* then the rest says nothing */
	uint8_t sha256[HASH_SHA256_LEN];
	int64_t codec;        /* enum block_codec, or what the file says */
	size_t size;          /* bytes of flash */
	size_t len;           /* bytes in the file */
	const uint8_t *bytes; /* borrowed */
};

/* Hashes and packs a sector in its own place: bytes then hold what goes into the file. */
void block_pack(struct block *block, ZSTD_CCtx *zstd, uint8_t *bytes, size_t size);

/*
 * Takes them out again, in one transaction. A block whose row is damaged, in whatever way, is taken
 * from the repairs, where there is one for it. Repairs stand in a table of their own: to write into
 * a damaged row could spread the damage, when it is its chain of pages that leads astray.
 */
struct block_reader {
	struct tx *tx; /* borrowed */
	struct stmt get;
	struct stmt repair; /* made when it is needed */
	ZSTD_DCtx *zstd;
};

/* Puts blocks into the file, in one transaction. */
struct block_writer {
	struct stmt find, insert, mend;
	struct block_reader stored;
};

struct block_writer block_writer_open(struct tx *tx);

/*
 * *id is the block with these bytes; *fresh tells whether it is new. One that is there already is
 * read: where it is damaged these bytes repair it.
 */
int block_put(struct block_writer *writer, const struct block *block, uint32_t *id, bool *fresh,
	      struct err *e) MUST_CHECK;
void block_writer_close(struct block_writer *writer);

struct block_reader block_reader_open(struct tx *tx);

/*
 * Writes size bytes to buf, checked against the block's hash; size must be that of the block.
 * *len are its bytes in the file. ERR_ARCHIVE_DAMAGED: lost, of another size, of an unknown codec,
 * or not what was stored.
 */
int block_get(struct block_reader *reader, uint32_t id, uint8_t *buf, size_t size, size_t *len,
	      struct err *e) MUST_CHECK;
void block_reader_close(struct block_reader *reader);
