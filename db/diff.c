#include "diff.h"

#include <string.h>

#include "auto.h"
#include "content_map.h"

#define PIECE 64 /* sectors in a transaction */

/* One of the two. */
struct side {
	struct content content;
	struct map_walk walk;
};

static uint64_t sectors(uint64_t bytes)
{
	return (bytes + ARCHIVE_BLOCK - 1) / ARCHIVE_BLOCK;
}

static uint64_t longer(const struct side *side)
{
	const uint64_t a = side[0].content.size, b = side[1].content.size;

	return a > b ? a : b;
}

/* Bytes that a side has in a sector; 0 behind its end. */
static size_t part(const struct side *side, uint64_t sector)
{
	return sector < sectors(side->content.size) ? map_walk_size(&side->walk, sector) : 0;
}

static void note(struct diff *diff, uint64_t offset, uint64_t length)
{
	struct diff_range *last = diff->n ? &diff->range[diff->n - 1] : NULL;

	diff->sectors++;
	if (diff->cut)
		return;
	if (last && last->offset + last->length == offset)
		last->length += length;
	else if (diff->n < DIFF_RANGES)
		diff->range[diff->n++] = (struct diff_range){ offset, length };
	else
		diff->cut = true;
}

static int read_part(struct side *side, uint64_t sector, uint8_t *bytes, struct err *e)
{
	return part(side, sector) ? map_walk_read(&side->walk, sector, bytes, e) : 0;
}

static size_t count(const uint8_t *a, const uint8_t *b, size_t n)
{
	size_t differing = 0;

	for (size_t i = 0; i < n; i++)
		differing += a[i] != b[i];
	return differing;
}

static int compare_bytes(struct side *side, uint64_t sector, struct diff *diff, struct err *e)
{
	const size_t a = part(&side[0], sector), b = part(&side[1], sector);
	const size_t both = a < b ? a : b, all = a < b ? b : a;
	uint8_t bytes[2][ARCHIVE_BLOCK];
	size_t differing;

	if (read_part(&side[0], sector, bytes[0], e) < 0 ||
	    read_part(&side[1], sector, bytes[1], e) < 0)
		return -1;
	differing = count(bytes[0], bytes[1], both) + all - both;
	diff->bytes += differing;
	if (differing)
		note(diff, sector * ARCHIVE_BLOCK, all);
	return 0;
}

static int compare_sector(struct side *side, uint64_t sector, struct diff *diff, struct err *e)
{
	uint32_t id[2];

	if (part(&side[0], sector) == part(&side[1], sector)) {
		for (int i = 0; i < 2; i++)
			if (map_walk_block(&side[i].walk, sector, &id[i], e) < 0)
				return -1;
		if (id[0] == id[1])
			return 0;
	}
	return compare_bytes(side, sector, diff, e);
}

static void sides_close(struct side (*side)[2])
{
	for (int i = 0; i < 2; i++)
		map_walk_close(&(*side)[i].walk);
}

/* The sectors from *at on; the contents must still be there, which they were when it began. */
static int compare_piece(struct db *db, const int64_t *ids, uint64_t *at, bool *more,
			 struct diff *diff, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	AUTO(sides_close) struct side side[2] = { 0 };
	uint64_t end;

	for (int i = 0; i < 2; i++) {
		if (content_get(&tx, ids[i], &side[i].content, e) < 0)
			return -1;
		side[i].walk = map_walk_open(&tx, ids[i], side[i].content.size);
	}
	end = sectors(longer(side));
	for (uint64_t first = *at; *at < end && *at < first + PIECE; ++*at)
		if (compare_sector(side, *at, diff, e) < 0)
			return -1;
	*more = *at < end;
	return 0;
}

int content_diff(struct db *db, int64_t a, int64_t b, struct diff *diff, struct err *e)
{
	const int64_t ids[] = { a, b };
	uint64_t at = 0;

	diff->sectors = diff->bytes = 0;
	diff->n = 0;
	diff->cut = false;
	for (bool more = a != b; more;)
		if (compare_piece(db, ids, &at, &more, diff, e) < 0)
			return -1;
	return 0;
}
