#include "block.h"

#include <string.h>

#include "auto.h"

/* Scrambled code hardly packs: level 19 saves 1 % more and takes five times as long. */
#define LEVEL 3

/* Compared with itself, one byte on: true when all are as the first. */
static bool is_erased(const uint8_t *bytes, size_t size)
{
	return bytes[0] == 0xff && !memcmp(bytes, bytes + 1, size - 1);
}

/* Packing must save a sixteenth: less is not worth the unpacking at each read. */
static void compress(struct block *block, ZSTD_CCtx *zstd, uint8_t *bytes, size_t size)
{
	uint8_t packed[ARCHIVE_BLOCK];
	const size_t len = ZSTD_compressCCtx(zstd, packed, size - size / 16, bytes, size, LEVEL);

	if (ZSTD_isError(len))
		return;
	memcpy(bytes, packed, len);
	block->codec = BLOCK_ZSTD;
	block->len = len;
}

void block_pack(struct block *block, ZSTD_CCtx *zstd, uint8_t *bytes, size_t size)
{
	*block = (struct block){ .erased = is_erased(bytes, size),
				 .codec = BLOCK_RAW,
				 .size = size,
				 .len = size,
				 .bytes = bytes };
	if (block->erased)
		return;
	hash_sha256_of(bytes, size, block->sha256);
	compress(block, zstd, bytes, size);
}

struct block_writer block_writer_open(struct tx *tx)
{
	return (struct block_writer){
		.find = stmt_new(tx, "SELECT id FROM block WHERE sha256 = ?"),
		.insert = stmt_new(tx, "INSERT INTO block (id, sha256, codec, size, bytes)"
				       " VALUES (1 + max((SELECT coalesce(max(id), 0) FROM block),"
				       " (SELECT coalesce(max(value), 0) FROM meta"
				       "  WHERE name = 'last_block')), ?, ?, ?, ?) RETURNING id"),
		.mend = stmt_new(tx, "INSERT OR REPLACE INTO block_repair"
				     " (id, sha256, codec, size, bytes) VALUES (?, ?, ?, ?, ?)"),
		.stored = block_reader_open(tx),
	};
}

void block_writer_close(struct block_writer *writer)
{
	stmt_free(&writer->find);
	stmt_free(&writer->insert);
	stmt_free(&writer->mend);
	block_reader_close(&writer->stored);
}

/* *id is 0 when there is none. */
static int find(struct stmt *s, const uint8_t *sha256, int64_t *id, struct err *e)
{
	stmt_reset(s);
	stmt_blob(s, sha256, HASH_SHA256_LEN);
	*id = stmt_row(s) ? stmt_col_int(s, "id") : 0;
	return stmt_end(s, e);
}

static void bind(struct stmt *s, const struct block *block)
{
	stmt_blob(s, block->sha256, HASH_SHA256_LEN);
	stmt_int(s, block->codec);
	stmt_int(s, (int64_t)block->size);
	stmt_blob(s, block->bytes, block->len);
}

static int insert(struct stmt *s, const struct block *block, int64_t *id, struct err *e)
{
	stmt_reset(s);
	bind(s, block);
	*id = stmt_row(s) ? stmt_col_int(s, "id") : 0;
	return stmt_end(s, e);
}

static int mend(struct stmt *s, int64_t id, const struct block *block, struct err *e)
{
	stmt_reset(s);
	stmt_int(s, id);
	bind(s, block);
	return stmt_end(s, e);
}

/* The block that was found must hold what its hash says: else it gets these bytes. */
static int prove(struct block_writer *writer, int64_t id, const struct block *block, struct err *e)
{
	uint8_t bytes[ARCHIVE_BLOCK], sha256[HASH_SHA256_LEN];
	size_t len;

	if (block_get(&writer->stored, (uint32_t)id, bytes, block->size, &len, e) < 0)
		return e->code == ERR_MEMORY ? -1 : mend(&writer->mend, id, block, e);
	hash_sha256_of(bytes, block->size, sha256);
	if (!memcmp(sha256, block->sha256, sizeof sha256))
		return 0;
	err_set(e, ERR_ARCHIVE_DAMAGED, "the index of blocks leads to a wrong one, block %lld",
		(long long)id);
	return err_hint(e, "stop the daemon, keep a copy of the archive, and run: "
			   "sqlite3 FILE 'REINDEX block'");
}

int block_put(struct block_writer *writer, const struct block *block, uint32_t *id, bool *fresh,
	      struct err *e)
{
	int64_t found, added = 0;

	if (find(&writer->find, block->sha256, &found, e) < 0)
		return -1;
	if (found ? prove(writer, found, block, e) < 0
		  : insert(&writer->insert, block, &added, e) < 0)
		return -1;
	if (added > UINT32_MAX)
		return err_set(e, ERR_ARCHIVE_FULL, "the archive holds as many sectors as it can");
	*id = (uint32_t)(found ? found : added);
	*fresh = !found;
	return 0;
}

/* ---- reading */

#define SELECT_BLOCK "SELECT sha256, codec, size, bytes FROM block WHERE id = ?"

struct block_reader block_reader_open(struct tx *tx)
{
	return (struct block_reader){ .tx = tx, .get = stmt_new(tx, SELECT_BLOCK) };
}

void block_reader_close(struct block_reader *reader)
{
	stmt_free(&reader->get);
	stmt_free(&reader->repair);
	ZSTD_freeDCtx(reader->zstd);
}

/* A block as it stands in the file. Its bytes are the statement's. */
static int load(struct stmt *s, uint32_t id, struct block *block, struct err *e)
{
	const void *sha256;
	size_t len;

	stmt_reset(s);
	stmt_int(s, id);
	if (!stmt_row(s))
		return stmt_end(s, e) < 0 ? -1
					  : err_set(e, ERR_ARCHIVE_DAMAGED, "block %u is lost", id);
	*block = (struct block){ .codec = stmt_col_int(s, "codec"),
				 .size = (size_t)stmt_col_int(s, "size") };
	block->bytes = stmt_col_blob(s, "bytes", &block->len);
	sha256 = stmt_col_blob(s, "sha256", &len);
	if (len != sizeof block->sha256)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "block %u has no hash", id);
	memcpy(block->sha256, sha256, len);
	return 0;
}

static int unpack_raw(struct block_reader *reader, const struct block *block, uint8_t *buf)
{
	(void)reader;
	if (block->len != block->size)
		return -1;
	memcpy(buf, block->bytes, block->size);
	return 0;
}

/* The context is made for the first block that needs one: most do not. */
static int unpack_zstd(struct block_reader *reader, const struct block *block, uint8_t *buf)
{
	if (!reader->zstd)
		reader->zstd = ZSTD_createDCtx();
	return reader->zstd && ZSTD_decompressDCtx(reader->zstd, buf, block->size, block->bytes,
						   block->len) == block->size
		       ? 0
		       : -1;
}

static int (*const unpackers[])(struct block_reader *, const struct block *, uint8_t *) = {
	[BLOCK_RAW] = unpack_raw,
	[BLOCK_ZSTD] = unpack_zstd,
};

static int unpack(struct block_reader *reader, uint32_t id, const struct block *block, uint8_t *buf,
		  struct err *e)
{
	if ((uint64_t)block->codec >= ARRAY_LEN(unpackers)) {
		err_set(e, ERR_ARCHIVE_DAMAGED,
			"block %u has codec %lld, which this program does not know", id,
			(long long)block->codec);
		return err_hint(e, "a newer version may have stored it");
	}
	if (unpackers[block->codec](reader, block, buf) < 0)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "block %u cannot be unpacked", id);
	return 0;
}

static int fetch(struct block_reader *reader, struct stmt *s, uint32_t id, uint8_t *buf,
		 struct block *block, struct err *e)
{
	const size_t size = block->size;
	uint8_t sha256[HASH_SHA256_LEN];

	if (load(s, id, block, e) < 0)
		return -1;
	if (block->size != size)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "block %u has %zu bytes instead of %zu", id,
			       block->size, size);
	if (unpack(reader, id, block, buf, e) < 0)
		return -1;
	hash_sha256_of(buf, size, sha256);
	return memcmp(sha256, block->sha256, sizeof sha256) != 0
		       ? err_set(e, ERR_ARCHIVE_DAMAGED, "block %u is not what was stored", id)
		       : 0;
}

/* A statement that has failed stays so: the next block gets a new one. */
static void renew(struct block_reader *reader)
{
	stmt_free(&reader->get);
	reader->get = stmt_new(reader->tx, SELECT_BLOCK);
}

static int fetch_repair(struct block_reader *reader, uint32_t id, uint8_t *buf, struct block *block)
{
	struct err e;

	stmt_free(&reader->repair);
	reader->repair = stmt_new(reader->tx, "SELECT sha256, codec, size, bytes"
					      " FROM block_repair WHERE id = ?");
	return fetch(reader, &reader->repair, id, buf, block, &e);
}

int block_get(struct block_reader *reader, uint32_t id, uint8_t *buf, size_t size, size_t *len,
	      struct err *e)
{
	struct block block = { .size = size };

	if (fetch(reader, &reader->get, id, buf, &block, e) < 0) {
		renew(reader);
		block.size = size;
		if (fetch_repair(reader, id, buf, &block) < 0)
			return -1;
	}
	*len = block.len;
	return 0;
}
