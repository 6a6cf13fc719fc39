/* Which block stands at which sector of a content. One row of the file tells it for MAP_ROW sectors. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "block.h"
#include "db.h"

#define MAP_ROW ((size_t)256)

struct map_row {
	size_t n;
	uint32_t block[MAP_ROW];
};

/* The id that stands in a row of the file: 4 bytes, little endian. */
uint32_t map_id(const uint8_t *bytes);

/* A row that is not there has n = 0. ERR_ARCHIVE_DAMAGED for a broken one. */
int map_load(struct tx *tx, int64_t content, uint64_t seq, struct map_row *row, struct err *e)
	MUST_CHECK;

/* Puts n blocks at sectors first and up, in the place of what stood there. */
int map_put(struct tx *tx, int64_t content, uint64_t first, const uint32_t *blocks, size_t n,
	    struct err *e) MUST_CHECK;

/* Reads sectors one after another, in one transaction. */
struct map_walk {
	struct tx *tx;
	int64_t content;
	uint64_t size; /* of the content */
	uint64_t seq;  /* of row */
	struct map_row row;
	struct block_reader blocks;
	uint32_t block; /* of the last sector */
	size_t len;     /* its bytes in the file */
};

struct map_walk map_walk_open(struct tx *tx, int64_t content, uint64_t size);

/* Bytes of flash in a sector: ARCHIVE_BLOCK, but for the last. */
size_t map_walk_size(const struct map_walk *walk, uint64_t sector);

/* Which block it is, without reading it. ERR_ARCHIVE_DAMAGED as below. */
int map_walk_block(struct map_walk *walk, uint64_t sector, uint32_t *id, struct err *e) MUST_CHECK;

/* Writes map_walk_size() bytes. ERR_ARCHIVE_DAMAGED has the offset in text and value. */
int map_walk_read(struct map_walk *walk, uint64_t sector, uint8_t *buf, struct err *e) MUST_CHECK;
void map_walk_close(struct map_walk *walk);
