#include "content_map.h"

#include <string.h>

#include "auto.h"

#define NO_ROW UINT64_MAX

uint32_t map_id(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void decode(struct map_row *row, const uint8_t *bytes, size_t len)
{
	row->n = len / 4;
	for (size_t i = 0; i < row->n; i++)
		row->block[i] = map_id(bytes + 4 * i);
}

int map_load(struct tx *tx, int64_t content, uint64_t seq, struct map_row *row, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s =
		stmt_new(tx, "SELECT blocks FROM content_map WHERE content = ? AND seq = ?");
	size_t len = 0;

	row->n = 0;
	stmt_int(&s, content);
	stmt_int(&s, (int64_t)seq);
	if (stmt_row(&s)) {
		const uint8_t *bytes = stmt_col_blob(&s, "blocks", &len);

		if (len % 4 || len > 4 * MAP_ROW)
			return err_set(e, ERR_ARCHIVE_DAMAGED,
				       "the map of content %lld has a broken row",
				       (long long)content);
		decode(row, bytes, len);
	}
	return stmt_end(&s, e);
}

static int save(struct tx *tx, int64_t content, uint64_t seq, const struct map_row *row,
		struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT OR REPLACE INTO content_map (content, seq, blocks)"
				     " VALUES (?, ?, ?)");
	uint8_t bytes[4 * MAP_ROW];

	for (size_t i = 0; i < row->n; i++)
		put32(bytes + 4 * i, row->block[i]);
	stmt_int(&s, content);
	stmt_int(&s, (int64_t)seq);
	stmt_blob(&s, bytes, 4 * row->n);
	return stmt_end(&s, e);
}

int map_put(struct tx *tx, int64_t content, uint64_t first, const uint32_t *blocks, size_t n,
	    struct err *e)
{
	struct map_row row;

	for (size_t done = 0, fits; done < n; done += fits) {
		const uint64_t seq = (first + done) / MAP_ROW;
		const size_t at = (size_t)((first + done) % MAP_ROW);

		fits = n - done < MAP_ROW - at ? n - done : MAP_ROW - at;
		if (map_load(tx, content, seq, &row, e) < 0)
			return -1;
		memcpy(row.block + at, blocks + done, fits * sizeof *blocks);
		row.n = row.n > at + fits ? row.n : at + fits;
		if (save(tx, content, seq, &row, e) < 0)
			return -1;
	}
	return 0;
}

struct map_walk map_walk_open(struct tx *tx, int64_t content, uint64_t size)
{
	return (struct map_walk){ .tx = tx,
				  .content = content,
				  .size = size,
				  .seq = NO_ROW,
				  .blocks = block_reader_open(tx) };
}

void map_walk_close(struct map_walk *walk)
{
	block_reader_close(&walk->blocks);
}

size_t map_walk_size(const struct map_walk *walk, uint64_t sector)
{
	const uint64_t left = walk->size - sector * ARCHIVE_BLOCK;

	return left < ARCHIVE_BLOCK ? (size_t)left : ARCHIVE_BLOCK;
}

static int find_block(struct map_walk *walk, uint64_t sector, struct err *e)
{
	const uint64_t seq = sector / MAP_ROW;
	const size_t at = (size_t)(sector % MAP_ROW);

	if (walk->seq != seq) {
		walk->seq = NO_ROW;
		if (map_load(walk->tx, walk->content, seq, &walk->row, e) < 0)
			return -1;
		walk->seq = seq;
	}
	if (at >= walk->row.n)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "its map ends before");
	walk->block = walk->row.block[at];
	return 0;
}

static int read_block(struct map_walk *walk, uint8_t *buf, size_t size, struct err *e)
{
	if (walk->block != BLOCK_ERASED)
		return block_get(&walk->blocks, walk->block, buf, size, &walk->len, e);
	memset(buf, 0xff, size);
	walk->len = 0;
	return 0;
}

static int fail_at(const struct map_walk *walk, uint64_t sector, struct err *e)
{
	const uint64_t offset = sector * ARCHIVE_BLOCK;

	err_at(e, (int64_t)offset, ERR_NO_OFFSET);
	return err_prefix(e, "content %lld at 0x%llx: ", (long long)walk->content,
			  (unsigned long long)offset);
}

int map_walk_block(struct map_walk *walk, uint64_t sector, uint32_t *id, struct err *e)
{
	if (find_block(walk, sector, e) < 0)
		return fail_at(walk, sector, e);
	*id = walk->block;
	return 0;
}

int map_walk_read(struct map_walk *walk, uint64_t sector, uint8_t *buf, struct err *e)
{
	if (find_block(walk, sector, e) == 0 &&
	    read_block(walk, buf, map_walk_size(walk, sector), e) == 0)
		return 0;
	return fail_at(walk, sector, e);
}
