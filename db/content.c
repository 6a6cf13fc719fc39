#include <assert.h>
#include <string.h>

#include "archive.h"
#include "auto.h"
#include "content_map.h"

static int read_sums(struct stmt *s, struct content *content, struct err *e)
{
	size_t len;
	const void *sha256 = stmt_col_blob(s, "sha256", &len);

	if (len != HASH_SHA256_LEN)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "content %lld has no hash",
			       (long long)stmt_col_int(s, "id"));
	*content = (struct content){ .id = stmt_col_int(s, "id"),
				     .size = (uint64_t)stmt_col_int(s, "size"),
				     .crc32 = (uint32_t)stmt_col_int(s, "crc32"),
				     .stored_bytes = (uint64_t)stmt_col_int(s, "stored") };
	memcpy(content->sha256, sha256, len);
	return 0;
}

int content_get(struct tx *tx, int64_t id, struct content *content, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id, size, crc32, sha256, stored FROM content"
				     " WHERE id = ? AND complete = 1");

	stmt_int(&s, id);
	if (stmt_row(&s))
		return read_sums(&s, content, e);
	return stmt_end(&s, e) < 0
		       ? -1
		       : err_set(e, ERR_NOT_FOUND, "there is no content %lld", (long long)id);
}

/* Copies the part of a sector that lies in the range; sectors go through a buffer because each is
 * hashed as a whole. */
static int read_part(struct map_walk *walk, uint64_t at, uint8_t *buf, size_t len, struct err *e)
{
	uint8_t sector[ARCHIVE_BLOCK];

	if (map_walk_read(walk, at / ARCHIVE_BLOCK, sector, e) < 0)
		return -1;
	memcpy(buf, sector + at % ARCHIVE_BLOCK, len);
	return 0;
}

int content_read(struct tx *tx, int64_t id, uint64_t offset, uint8_t *buf, size_t len,
		 struct err *e)
{
	struct content content = { 0 };

	if (content_get(tx, id, &content, e) < 0)
		return -1;
	assert(len <= content.size && offset <= content.size - len);

	AUTO(map_walk_close) struct map_walk walk = map_walk_open(tx, id, content.size);

	for (size_t done = 0, part; done < len; done += part) {
		const size_t room = ARCHIVE_BLOCK - (size_t)((offset + done) % ARCHIVE_BLOCK);

		part = len - done < room ? len - done : room;
		if (read_part(&walk, offset + done, buf + done, part, e) < 0)
			return -1;
	}
	return 0;
}

static void count_common(const struct map_row *a, const struct map_row *b, uint64_t *common,
			 uint64_t *of_a)
{
	for (size_t i = 0; i < a->n; i++) {
		if (a->block[i] == BLOCK_ERASED)
			continue;
		++*of_a;
		if (i < b->n && a->block[i] == b->block[i])
			++*common;
	}
}

int content_common(struct tx *tx, int64_t a, int64_t b, uint64_t *common, uint64_t *of_a,
		   struct err *e)
{
	struct map_row row_a, row_b;
	uint64_t both = 0, all = 0;

	for (uint64_t seq = 0; seq == 0 || row_a.n == MAP_ROW; seq++) {
		if (map_load(tx, a, seq, &row_a, e) < 0 || map_load(tx, b, seq, &row_b, e) < 0)
			return -1;
		count_common(&row_a, &row_b, &both, &all);
	}
	*common = both;
	*of_a = all;
	return 0;
}

/* A content whose map is looked at sector by sector; -1: all erased. */
struct look {
	struct tx *tx;
	int64_t content;
	uint64_t shift; /* sectors: where its first one stands */
	uint64_t seq;   /* of row; UINT64_MAX: none yet */
	struct map_row row;
};

static struct look look_at(struct tx *tx, int64_t content, uint64_t shift)
{
	return (struct look){ .tx = tx, .content = content, .shift = shift, .seq = UINT64_MAX };
}

/* BLOCK_ERASED before its start and behind its end. */
static int look_block(struct look *look, uint64_t place, uint32_t *block, struct err *e)
{
	const uint64_t sector = place - look->shift;

	*block = BLOCK_ERASED;
	if (look->content < 0 || place < look->shift)
		return 0;
	if (look->seq != sector / MAP_ROW) {
		look->seq = sector / MAP_ROW;
		if (map_load(look->tx, look->content, look->seq, &look->row, e) < 0)
			return -1;
	}
	if (sector % MAP_ROW < look->row.n)
		*block = look->row.block[sector % MAP_ROW];
	return 0;
}

/* Whether a block that stands at a sector was there, or was to come there. */
static int is_known(struct look looks[2], uint64_t sector, uint32_t block, bool *known,
		    struct err *e)
{
	uint32_t was, will;

	if (look_block(&looks[0], sector, &was, e) < 0 ||
	    look_block(&looks[1], sector, &will, e) < 0)
		return -1;
	*known = block == was || block == will;
	return 0;
}

int content_explained(struct tx *tx, int64_t content, const struct content_mix *mix,
		      uint64_t *known, uint64_t *all, struct err *e)
{
	struct look looks[] = { look_at(tx, mix->old, 0), look_at(tx, mix->fresh, mix->shift) };
	struct map_row row = { .n = 0 };
	uint64_t same = 0, used = 0;
	bool is_same = false;

	for (uint64_t seq = 0; seq == 0 || row.n == MAP_ROW; seq++) {
		if (map_load(tx, content, seq, &row, e) < 0)
			return -1;
		for (size_t i = 0; i < row.n; i++) {
			if (row.block[i] == BLOCK_ERASED)
				continue;
			if (is_known(looks, seq * MAP_ROW + i, row.block[i], &is_same, e) < 0)
				return -1;
			used++;
			same += is_same;
		}
	}
	*known = same;
	*all = used;
	return 0;
}
