#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "auto.h"
#include "bitmap.h"
#include "conn.h"
#include "content_map.h"
#include "supersede.h"
#include "sweep.h"

#define STAGE \
	((size_t)64) /* sectors in a transaction: 256 KiB, and all the memory an ingest needs */
#define COMPARE ((size_t)64) /* sectors compared under the reader's lock: one bit each */

struct ingest {
	struct db *db; /* borrowed */
	int64_t content;
	struct sweep_floor floor;
	uint64_t size;         /* bytes so far, staged ones too */
	bool broken;           /* something failed: what was staged is lost */
	bool replaced;         /* then the sums of what came in say nothing */
	bool sealed;           /* sum is filled */
	struct hash hash;      /* of what came in */
	struct content sum;    /* of what is stored */
	struct bitmap brought; /* blocks that were new, as id - floor.block */
	ZSTD_CCtx *zstd;
	size_t staged; /* bytes, at the end of size */
	struct block block[STAGE];
	uint8_t stage[STAGE * ARCHIVE_BLOCK];
};

/* ---- opening and closing */

static int add_content(struct tx *tx, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(
		tx, "INSERT INTO content (id)"
		    " VALUES (1 + max((SELECT coalesce(max(id), 0) FROM content),"
		    " (SELECT coalesce(max(value), 0) FROM meta WHERE name = 'last_content')))");

	if (stmt_end(&s, e) < 0)
		return -1;
	*id = tx_last_id(tx);
	return 0;
}

/* Under the writer's lock, so that no sweep can run in between. */
static int enter(struct ingest *in, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_lazy(in->db);

	if (add_content(&tx, &in->content, e) < 0 ||
	    sweep_enter(&tx, in->content, &in->floor, e) < 0 || tx_commit(&tx, e) < 0)
		return -1;
	in->db->ingests++;
	return 0;
}

struct ingest *ingest_open(struct db *db, struct err *e)
{
	AUTO(auto_free) struct ingest *in = calloc(1, sizeof *in);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	if (!in || !zstd) {
		ZSTD_freeCCtx(zstd);
		err_set(e, ERR_MEMORY, "out of memory for an ingest");
		return NULL;
	}
	in->db = db;
	in->zstd = zstd;
	hash_init(&in->hash);
	if (conn_take_reserve(&db->writer, e) < 0 || enter(in, e) < 0) {
		ZSTD_freeCCtx(zstd);
		return NULL;
	}
	return TAKE(in);
}

static void leave(struct ingest *in)
{
	struct tx tx = tx_begin_lazy(in->db); /* for its lock */

	in->db->ingests--;
	tx_end(&tx);
}

/* The last one to go cleans up after all; what fails now the next one does, or the next start. */
void ingest_close(struct ingest *in)
{
	struct err e;
	size_t n;

	if (!in)
		return;
	leave(in);
	(void)!sweep_run(in->db, &n, &e);
	bitmap_done(&in->brought);
	ZSTD_freeCCtx(in->zstd);
	free(in);
}

/* ---- storing */

static size_t sectors(uint64_t bytes)
{
	return (size_t)((bytes + ARCHIVE_BLOCK - 1) / ARCHIVE_BLOCK);
}

/* Hashes and packs what is staged: the slow part, under no lock. */
static void pack(struct ingest *in, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += ARCHIVE_BLOCK)
		block_pack(&in->block[at / ARCHIVE_BLOCK], in->zstd, in->stage + at,
			   bytes - at < ARCHIVE_BLOCK ? bytes - at : ARCHIVE_BLOCK);
}

static int put_block(struct ingest *in, struct block_writer *writer, const struct block *block,
		     uint32_t *id, struct err *e)
{
	bool fresh;

	*id = BLOCK_ERASED;
	if (block->erased)
		return 0;
	if (block_put(writer, block, id, &fresh, e) < 0)
		return -1;
	return fresh ? bitmap_set(&in->brought, (uint64_t)(*id - in->floor.block), e) : 0;
}

static int put_blocks(struct ingest *in, struct tx *tx, size_t n, uint32_t *ids, struct err *e)
{
	AUTO(block_writer_close) struct block_writer writer = block_writer_open(tx);

	for (size_t i = 0; i < n; i++)
		if (put_block(in, &writer, &in->block[i], &ids[i], e) < 0)
			return -1;
	return 0;
}

static int put_staged(struct ingest *in, uint64_t first, size_t n, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_lazy(in->db);
	uint32_t ids[STAGE];

	if (put_blocks(in, &tx, n, ids, e) < 0 || map_put(&tx, in->content, first, ids, n, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

/* Stores the first bytes of the stage at a sector. */
static int store(struct ingest *in, uint64_t first, size_t bytes, struct err *e)
{
	const unsigned long long offset = first * ARCHIVE_BLOCK;

	pack(in, bytes);
	if (put_staged(in, first, sectors(bytes), e) == 0)
		return 0;
	in->broken = true;
	return err_prefix(e, "storing 0x%llx: ", offset);
}

static int flush(struct ingest *in, struct err *e)
{
	const size_t staged = in->staged;

	in->staged = 0;
	return staged ? store(in, (in->size - staged) / ARCHIVE_BLOCK, staged, e) : 0;
}

/* Nothing goes on after a failure, nor after the seal. */
static int check_open(const struct ingest *in, struct err *e)
{
	assert(!in->sealed);
	return in->broken ? err_set(e, ERR_IO, "storing has failed before") : 0;
}

int ingest_append(struct ingest *in, const uint8_t *bytes, size_t len, struct err *e)
{
	if (check_open(in, e) < 0)
		return -1;
	/* The odd end of a content has been stored, by a check: nothing may follow it. */
	assert(!len || (in->size - in->staged) % ARCHIVE_BLOCK == 0);
	for (size_t done = 0, part; done < len; done += part) {
		part = sizeof in->stage - in->staged;
		part = len - done < part ? len - done : part;
		memcpy(in->stage + in->staged, bytes + done, part);
		hash_update(&in->hash, bytes + done, part);
		in->staged += part;
		in->size += part;
		if (in->staged == sizeof in->stage && flush(in, e) < 0)
			return -1;
	}
	return 0;
}

void ingest_sum(const struct ingest *in, uint8_t sha256[HASH_SHA256_LEN])
{
	struct hash so_far = in->hash;

	hash_sha256(&so_far, sha256);
}

static void assert_sectors(const struct ingest *in, uint64_t offset, size_t len)
{
	assert(len <= in->size && offset <= in->size - len);
	assert(offset % ARCHIVE_BLOCK == 0);
	assert(len % ARCHIVE_BLOCK == 0 || offset + len == in->size);
}

int ingest_replace(struct ingest *in, uint64_t offset, const uint8_t *bytes, size_t len,
		   struct err *e)
{
	assert_sectors(in, offset, len);
	if (check_open(in, e) < 0 || flush(in, e) < 0)
		return -1;
	in->replaced = true;
	for (size_t done = 0, part; done < len; done += part) {
		part = len - done < sizeof in->stage ? len - done : sizeof in->stage;
		memcpy(in->stage, bytes + done, part);
		if (store(in, (offset + done) / ARCHIVE_BLOCK, part, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- comparing */

/* Bit i of *differing: sector i of this piece. */
static int compare_piece(struct ingest *in, uint64_t offset, const uint8_t *bytes, size_t len,
			 uint64_t *differing, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(in->db);
	AUTO(map_walk_close)
	struct map_walk walk = map_walk_open(&tx, in->content, in->size);
	uint8_t stored[ARCHIVE_BLOCK];

	*differing = 0;
	for (size_t i = 0; i < sectors(len); i++) {
		const uint64_t sector = offset / ARCHIVE_BLOCK + i;

		if (map_walk_read(&walk, sector, stored, e) < 0)
			return -1;
		if (memcmp(stored, bytes + i * ARCHIVE_BLOCK, map_walk_size(&walk, sector)) != 0)
			*differing |= (uint64_t)1 << i;
	}
	return 0;
}

/* With no lock held: the caller may want to use the database. */
static void tell(struct ingest_compare *compare, uint64_t offset, uint64_t differing)
{
	for (uint64_t i = 0; i < COMPARE; i++)
		if (differing >> i & 1)
			compare->differs(compare, offset + i * ARCHIVE_BLOCK);
}

int ingest_check(struct ingest *in, uint64_t offset, const uint8_t *bytes, size_t len,
		 struct ingest_compare *compare, struct err *e)
{
	assert_sectors(in, offset, len);
	if (check_open(in, e) < 0 || flush(in, e) < 0)
		return -1;
	for (size_t done = 0, part; done < len; done += part) {
		uint64_t differing;

		part = COMPARE * ARCHIVE_BLOCK;
		part = len - done < part ? len - done : part;
		if (compare_piece(in, offset + done, bytes + done, part, &differing, e) < 0)
			return -1;
		if (compare)
			tell(compare, offset + done, differing);
	}
	return 0;
}

/* ---- sealing */

/* A block counts for this content when it was the first to bring it, and once. */
static void count_stored(struct ingest *in, const struct map_walk *walk)
{
	const uint64_t i = (uint64_t)(walk->block - in->floor.block);

	if (walk->block <= in->floor.block || !bitmap_has(&in->brought, i))
		return;
	bitmap_clear(&in->brought, i);
	in->sum.stored_bytes += walk->len;
}

/* In pieces, so that other readers get their turn. */
static int hash_piece(struct ingest *in, uint64_t first, struct hash *hash, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(in->db);
	AUTO(map_walk_close)
	struct map_walk walk = map_walk_open(&tx, in->content, in->size);
	const uint64_t end = sectors(in->size);
	uint8_t bytes[ARCHIVE_BLOCK];

	for (uint64_t i = first; i < end && i < first + COMPARE; i++) {
		if (map_walk_read(&walk, i, bytes, e) < 0)
			return -1;
		hash_update(hash, bytes, map_walk_size(&walk, i));
		count_stored(in, &walk);
	}
	return 0;
}

static int hash_stored(struct ingest *in, struct err *e)
{
	struct hash hash;

	hash_init(&hash);
	for (uint64_t first = 0; first < sectors(in->size); first += COMPARE)
		if (hash_piece(in, first, &hash, e) < 0)
			return -1;
	in->sum.size = hash.len;
	in->sum.crc32 = hash.crc32;
	hash_sha256(&hash, in->sum.sha256);
	return 0;
}

/* What came in, and was not replaced, is what is stored. */
static bool sums_agree(const struct ingest *in)
{
	struct hash came = in->hash;
	uint8_t sha256[HASH_SHA256_LEN];

	hash_sha256(&came, sha256);
	return in->replaced || !memcmp(sha256, in->sum.sha256, sizeof sha256);
}

int ingest_seal(struct ingest *in, struct content *content, struct err *e)
{
	if (check_open(in, e) < 0 || flush(in, e) < 0)
		return -1;
	in->sum = (struct content){ .id = -1 };
	if (hash_stored(in, e) < 0)
		return err_prefix(e, "reading back: ");
	if (!sums_agree(in))
		return err_set(e, ERR_ARCHIVE_DAMAGED,
			       "reading back: what is stored is not what came in");
	in->sealed = true;
	*content = in->sum;
	return 0;
}

/* ---- committing */

/* *id is the complete content with these bytes; 0 when there is none. */
static int find_equal(struct tx *tx, const struct content *sum, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id FROM content WHERE sha256 = ? AND complete = 1");

	stmt_blob(&s, sum->sha256, sizeof sum->sha256);
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : 0;
	return stmt_end(&s, e);
}

static int complete(struct ingest *in, struct tx *tx, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE content SET complete = 1, size = ?, crc32 = ?,"
				     " sha256 = ?, stored = ? WHERE id = ?");

	stmt_int(&s, (int64_t)in->sum.size);
	stmt_int(&s, in->sum.crc32);
	stmt_blob(&s, in->sum.sha256, sizeof in->sum.sha256);
	stmt_int(&s, (int64_t)in->sum.stored_bytes);
	stmt_int(&s, in->content);
	if (stmt_end(&s, e) < 0)
		return -1;
	/* Blocks that were replaced are still there, and for a sweep to find. */
	return bitmap_is_empty(&in->brought) ? sweep_leave(tx, in->content, e) : 0;
}

int ingest_commit(struct ingest *in, struct tx *tx, struct content *content, struct err *e)
{
	int64_t id;

	assert(in->sealed);
	if (find_equal(tx, &in->sum, &id, e) < 0)
		return -1;
	in->sum.id = in->content;
	if (id && !content_is_same(tx, id, &in->sum)) {
		if (content_supersede(tx, id, in->content, e) < 0)
			return -1;
		id = 0;
	}
	if (!id && complete(in, tx, e) < 0)
		return -1;
	return content_get(tx, id ? id : in->content, content, e);
}
