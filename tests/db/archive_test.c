#include "check.h"

#include <sys/resource.h>

#include "archive.h"
#include "auto.h"
#include "db.h"
#include "temp.h"

#define MIB   ((size_t)1 << 20)
#define BLOCK ((size_t)ARCHIVE_BLOCK)

static struct err e;

/* An archive of its own, and nothing in it. */
struct room {
	struct temp temp;
	struct db db;
};

static int room_open(struct room *room)
{
	room->temp = temp_open();
	return db_open(&room->db, room->temp.path, &e);
}

static void room_close(struct room *room)
{
	db_close(&room->db);
	temp_close(&room->temp);
}

static int read_back(struct db *db, int64_t id, uint64_t offset, uint8_t *buf, size_t len)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return content_read(&tx, id, offset, buf, len, &e);
}

static bool sums_are_of(const struct content *content, const uint8_t *bytes, size_t len)
{
	uint8_t sha256[HASH_SHA256_LEN];
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, bytes, len);
	hash_sha256(&hash, sha256);
	return content->size == len && content->crc32 == hash.crc32 &&
	       !memcmp(content->sha256, sha256, sizeof sha256);
}

/* Is what the archive holds under this id? */
static bool holds(struct db *db, int64_t id, const uint8_t *bytes, size_t len)
{
	AUTO(auto_free) uint8_t *buf = malloc(len + 1);

	return buf && read_back(db, id, 0, buf, len) == 0 && !memcmp(buf, bytes, len);
}

static int commit(struct db *db, struct ingest *in, struct content *content)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	if (ingest_commit(in, &tx, content, &e) < 0)
		return -1;
	return tx_commit(&tx, &e);
}

static int seal_and_commit(struct db *db, struct ingest *in, struct content *content)
{
	return ingest_seal(in, content, &e) == 0 ? commit(db, in, content) : -1;
}

/* ---- in and out */

static void every_size_comes_back(void)
{
	static const size_t sizes[] = { 0,         1,   4095,       4096,       4097,
					65536 + 1, MIB, MIB + 4096, 5 * MIB + 3 };
	AUTO(room_close) struct room room;

	CHECK_OK(room_open(&room), e);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(auto_free) uint8_t *bytes = noise_new(i, sizes[i]);
		struct content content;

		CHECK_OK(take_in(&room.db, bytes, sizes[i], &content, &e), e);
		CHECK(sums_are_of(&content, bytes, sizes[i]));
		CHECK(content.stored_bytes == sizes[i]);
		CHECK(holds(&room.db, content.id, bytes, sizes[i]));
	}
	CHECK(is_clean(&room.db));
}

static void pieces_of_any_length_make_the_same_content(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 3 * MIB);
	struct noise noise = { 7 };
	struct content content;

	CHECK_OK(room_open(&room), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	for (size_t at = 0, len; at < 3 * MIB; at += len) {
		len = noise_next(&noise) % 100000;
		len = len < 3 * MIB - at ? len : 3 * MIB - at;
		CHECK_OK(ingest_append(in, bytes + at, len, &e), e);
	}
	CHECK_OK(seal_and_commit(&room.db, in, &content), e);
	CHECK(sums_are_of(&content, bytes, 3 * MIB));
}

static void any_range_is_read(void)
{
	AUTO(room_close) struct room room;
	const size_t size = 2 * MIB + 77;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, size);
	AUTO(auto_free) uint8_t *buf = malloc(size);
	struct noise noise = { 3 };
	struct content content;

	CHECK_OK(room_open(&room), e);
	memset(bytes + 100000, 0xff, 50000);
	CHECK_OK(take_in(&room.db, bytes, size, &content, &e), e);
	for (int i = 0; i < 100; i++) {
		const size_t offset = (size_t)(noise_next(&noise) % (size + 1));
		const size_t room_left = size - offset < 70000 ? size - offset : 70000;
		const size_t len = (size_t)(noise_next(&noise) % (room_left + 1));

		CHECK_OK(read_back(&room.db, content.id, offset, buf, len), e);
		CHECK(!memcmp(buf, bytes + offset, len));
	}
}

static void erased_sectors_are_not_stored(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = malloc(MIB + 100);
	struct content content;

	CHECK_OK(room_open(&room), e);
	CHECK(bytes);
	memset(bytes, 0xff, MIB + 100);
	CHECK_OK(take_in(&room.db, bytes, MIB + 100, &content, &e), e);
	CHECK(content.stored_bytes == 0 && content.size == MIB + 100);
	CHECK(ask(&room.db, "SELECT count(*) FROM block") == 0);
	CHECK(holds(&room.db, content.id, bytes, MIB + 100));
}

static void text_is_packed_and_noise_is_not(void)
{
	AUTO(room_close) struct room room;
	uint8_t bytes[2 * BLOCK];
	struct content content;

	CHECK_OK(room_open(&room), e);
	noise_fill(1, bytes, BLOCK);
	memset(bytes + BLOCK, 'a', BLOCK);
	CHECK_OK(take_in(&room.db, bytes, sizeof bytes, &content, &e), e);
	CHECK(ask(&room.db, "SELECT codec FROM block WHERE id = 1") == 0);
	CHECK(ask(&room.db, "SELECT codec FROM block WHERE id = 2") == 1);
	CHECK(content.stored_bytes > 4096 && content.stored_bytes < 4200);
	CHECK(holds(&room.db, content.id, bytes, sizeof bytes));
}

static void unknown_content_is_not_found(void)
{
	AUTO(room_close) struct room room;
	struct content content;
	uint8_t byte;

	CHECK_OK(room_open(&room), e);
	CHECK(read_back(&room.db, 5, 0, &byte, 0) == -1 && e.code == ERR_NOT_FOUND);

	AUTO(tx_end) struct tx tx = tx_begin_read(&room.db);

	CHECK(content_get(&tx, 5, &content, &e) == -1 && e.code == ERR_NOT_FOUND);
}

static void nothing_is_there_before_the_commit(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content content;

	CHECK_OK(room_open(&room), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	CHECK_OK(ingest_append(in, bytes, 2 * MIB, &e), e);
	CHECK_OK(ingest_seal(in, &content, &e), e);
	CHECK(read_back(&room.db, 1, 0, bytes, 1) == -1 && e.code == ERR_NOT_FOUND);
	CHECK(ask(&room.db, "SELECT count(*) FROM content WHERE complete = 1") == 0);
}

static void commit_that_is_rolled_back_leaves_nothing(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, MIB);
	struct content content;

	CHECK_OK(room_open(&room), e);
	{
		AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

		CHECK(in);
		CHECK_OK(ingest_append(in, bytes, MIB, &e), e);
		CHECK_OK(ingest_seal(in, &content, &e), e);

		AUTO(tx_end) struct tx tx = tx_begin(&room.db);

		CHECK_OK(ingest_commit(in, &tx, &content, &e), e);
	}
	CHECK(ask(&room.db, "SELECT count(*) FROM block") == 0);
	CHECK(is_clean(&room.db));
}

/* ---- once */

static void equal_content_is_stored_once(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, MIB);
	struct content first, again;

	CHECK_OK(room_open(&room), e);
	CHECK_OK(take_in(&room.db, bytes, MIB, &first, &e), e);

	const int64_t pages = ask(&room.db, "PRAGMA page_count");

	CHECK_OK(take_in(&room.db, bytes, MIB, &again, &e), e);
	CHECK(again.id == first.id && again.stored_bytes == first.stored_bytes);
	CHECK(ask(&room.db, "SELECT count(*) FROM content") == 1);
	CHECK(ask(&room.db, "PRAGMA page_count") <= pages + 4);
	CHECK(is_clean(&room.db));
}

static void sisters_share_their_blocks(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content first, sister;
	uint64_t common, used;

	CHECK_OK(room_open(&room), e);
	memset(bytes + MIB, 0xff, MIB / 2);
	CHECK_OK(take_in(&room.db, bytes, 2 * MIB, &first, &e), e);
	CHECK(first.stored_bytes == 384u * BLOCK);
	for (size_t i = 0; i < 19; i++)
		bytes[i * 10 * BLOCK + i] ^= 1;
	CHECK_OK(take_in(&room.db, bytes, 2 * MIB, &sister, &e), e);
	CHECK(sister.id != first.id && sister.stored_bytes == 19u * BLOCK);
	CHECK(ask(&room.db, "SELECT count(*) FROM block") == 384 + 19);

	AUTO(tx_end) struct tx tx = tx_begin_read(&room.db);

	CHECK_OK(content_common(&tx, first.id, sister.id, &common, &used, &e), e);
	CHECK(used == 384 && common == 384 - 19);
}

static void sector_that_is_there_twice_counts_once(void)
{
	AUTO(room_close) struct room room;
	uint8_t bytes[3 * BLOCK];
	struct content content;

	CHECK_OK(room_open(&room), e);
	noise_fill(1, bytes, BLOCK);
	memcpy(bytes + BLOCK, bytes, BLOCK);
	memcpy(bytes + 2 * BLOCK, bytes, BLOCK);
	CHECK_OK(take_in(&room.db, bytes, sizeof bytes, &content, &e), e);
	CHECK(content.stored_bytes == BLOCK);
	CHECK(holds(&room.db, content.id, bytes, sizeof bytes));
}

/* As two real dumps of one product: 297 different sectors of 1024, most of which do not pack. */
static void two_dumps_of_a_product_take_thirty_per_cent(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content content;
	struct db db;

	memset(bytes + 255u * BLOCK, 0xff, 2 * MIB - 255u * BLOCK);
	for (size_t i = 300; i < 323; i++)
		memset(bytes + i * BLOCK, (int)i, BLOCK);
	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(take_in(&db, bytes, 2 * MIB, &content, &e), e);
	for (size_t i = 300; i < 319; i++)
		memset(bytes + i * BLOCK, (int)i + 100, BLOCK);
	CHECK_OK(take_in(&db, bytes, 2 * MIB, &content, &e), e);
	db_close(&db);
	CHECK(file_size(temp.path) < 4 * MIB * 30 / 100);
}

/* ---- comparing and replacing */

struct seen {
	struct ingest_compare base;
	size_t n;
	uint64_t offset[16];
};

static void note(struct ingest_compare *compare, uint64_t offset)
{
	struct seen *seen = (struct seen *)compare;

	if (seen->n < ARRAY_LEN(seen->offset))
		seen->offset[seen->n] = offset;
	seen->n++;
}

static void check_names_the_sectors_that_differ(void)
{
	AUTO(room_close) struct room room;
	const size_t size = 3 * MIB + 10;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, size);
	struct seen seen = { .base = { .differs = note } };

	CHECK_OK(room_open(&room), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	memset(bytes + MIB, 0xff, BLOCK);
	CHECK_OK(ingest_append(in, bytes, size, &e), e);
	CHECK_OK(ingest_check(in, 0, bytes, size, &seen.base, &e), e);
	CHECK(seen.n == 0);
	bytes[0] ^= 1;
	bytes[MIB + 5] ^= 1;
	bytes[2 * MIB - 1] ^= 0x80;
	bytes[size - 1] ^= 1;
	CHECK_OK(ingest_check(in, 0, bytes, size, &seen.base, &e), e);
	CHECK(seen.n == 4 && seen.offset[0] == 0 && seen.offset[1] == MIB);
	CHECK(seen.offset[2] == 2 * MIB - BLOCK && seen.offset[3] == 3 * MIB);
	seen.n = 0;
	CHECK_OK(ingest_check(in, MIB, bytes + MIB, BLOCK, &seen.base, &e), e);
	CHECK(seen.n == 1 && seen.offset[0] == MIB);
	CHECK_OK(ingest_check(in, 0, bytes, size, NULL, &e), e);
}

static void reading_may_go_on_after_a_check(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct seen seen = { .base = { .differs = note } };
	struct content content;

	CHECK_OK(room_open(&room), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	for (size_t at = 0; at < 2 * MIB; at += 160 * BLOCK) {
		const size_t left = 2 * MIB - at, most = 160 * BLOCK;
		const size_t len = left < most ? left : most;

		CHECK_OK(ingest_append(in, bytes + at, len, &e), e);
		CHECK_OK(ingest_check(in, at, bytes + at, len, &seen.base, &e), e);
	}
	CHECK(seen.n == 0);
	CHECK_OK(seal_and_commit(&room.db, in, &content), e);
	CHECK(sums_are_of(&content, bytes, 2 * MIB));
	CHECK(holds(&room.db, content.id, bytes, 2 * MIB));
}

static void replaced_sectors_are_the_content(void)
{
	AUTO(room_close) struct room room;
	const size_t size = 2 * MIB + 5;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, size);
	struct content content;

	CHECK_OK(room_open(&room), e);
	{
		AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

		CHECK(in);
		CHECK_OK(ingest_append(in, bytes, size, &e), e);
		noise_fill(9, bytes + MIB - BLOCK, 2 * BLOCK);
		CHECK_OK(ingest_replace(in, MIB - BLOCK, bytes + MIB - BLOCK, 2 * BLOCK, &e), e);
		memset(bytes + 2 * MIB, 0xff, 5);
		CHECK_OK(ingest_replace(in, 2 * MIB, bytes + 2 * MIB, 5, &e), e);
		CHECK_OK(seal_and_commit(&room.db, in, &content), e);
		CHECK(content.stored_bytes == 2 * MIB);
	}
	CHECK(sums_are_of(&content, bytes, size));
	CHECK(holds(&room.db, content.id, bytes, size));
	CHECK(is_clean(&room.db));
}

/* ---- damage */

static void damaged_block_is_found_and_named(void)
{
	static const char *const damages[] = {
		"UPDATE block SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB) WHERE id = 3",
		"UPDATE block SET bytes = CAST(substr(bytes, 2) AS BLOB) WHERE id = 3",
		"UPDATE block SET size = 17 WHERE id = 3",
		"UPDATE block SET codec = 1 WHERE id = 3",
		"UPDATE block SET sha256 = zeroblob(32) WHERE id = 3",
		"UPDATE block SET sha256 = zeroblob(3) WHERE id = 3",
		"DELETE FROM block WHERE id = 3",
		"UPDATE content_map SET blocks = CAST(substr(blocks, 1, 8) AS BLOB)",
		"UPDATE content_map SET blocks = CAST(substr(blocks, 1, 10) AS BLOB)",
		"DELETE FROM content_map",
	};
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 4 * BLOCK);

	bytes[2 * BLOCK] = 7;
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		AUTO(room_close) struct room room;
		struct content content;
		uint8_t byte;

		CHECK_OK(room_open(&room), e);
		CHECK_OK(take_in(&room.db, bytes, 4 * BLOCK, &content, &e), e);
		CHECK(run(&room.db, damages[i]) == 0);
		CHECK(read_back(&room.db, content.id, 2 * BLOCK + 5, &byte, 1) == -1);
		CHECK(e.code == ERR_ARCHIVE_DAMAGED && e.offset == 2 * BLOCK);
		CHECK(strstr(e.text, "0x2000"));
	}
}

static void packed_block_is_checked_too(void)
{
	AUTO(room_close) struct room room;
	uint8_t bytes[BLOCK], byte;
	struct content content;

	CHECK_OK(room_open(&room), e);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i / 64);
	CHECK_OK(take_in(&room.db, bytes, sizeof bytes, &content, &e), e);
	for (int at = 1; at <= (int)content.stored_bytes; at++) {
		char sql[300];

		snprintf(sql, sizeof sql,
			 "CREATE TEMP TABLE keep AS SELECT bytes FROM block;"
			 "UPDATE block SET bytes = CAST(substr(bytes, 1, %d) || x'55' ||"
			 " substr(bytes, %d) AS BLOB)",
			 at - 1, at + 1);
		CHECK(run(&room.db, sql) == 0);

		const int rc = read_back(&room.db, content.id, 0, &byte, 1);

		CHECK(rc == -1 ? e.code == ERR_ARCHIVE_DAMAGED && e.offset == 0 : byte == bytes[0]);
		CHECK(run(&room.db, "UPDATE block SET bytes = (SELECT bytes FROM keep);"
				    "DROP TABLE keep") == 0);
	}
	CHECK(holds(&room.db, content.id, bytes, sizeof bytes));
}

static void undamaged_rest_can_be_read(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 4 * BLOCK);
	struct content content;
	uint8_t buf[2 * BLOCK];

	CHECK_OK(room_open(&room), e);
	CHECK_OK(take_in(&room.db, bytes, 4 * BLOCK, &content, &e), e);
	CHECK(run(&room.db, "DELETE FROM block WHERE id = 3") == 0);
	CHECK_OK(read_back(&room.db, content.id, 0, buf, 2 * BLOCK), e);
	CHECK(!memcmp(buf, bytes, 2 * BLOCK));
	CHECK_OK(read_back(&room.db, content.id, 3 * BLOCK, buf, BLOCK), e);
	CHECK(!memcmp(buf, bytes + 3 * BLOCK, BLOCK));
}

static void unknown_codec_is_refused_by_number(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, BLOCK);
	static const int64_t codecs[] = { 2, -1, INT64_C(1) << 32 };
	struct content content;
	uint8_t byte;

	CHECK_OK(room_open(&room), e);
	CHECK_OK(take_in(&room.db, bytes, BLOCK, &content, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
		char sql[100], number[40];

		snprintf(sql, sizeof sql, "UPDATE block SET codec = %lld", (long long)codecs[i]);
		snprintf(number, sizeof number, "codec %lld,", (long long)codecs[i]);
		CHECK(run(&room.db, sql) == 0);
		CHECK(read_back(&room.db, content.id, 0, &byte, 1) == -1);
		CHECK(strstr(e.text, number) && *e.hint);
	}
}

static void seal_finds_what_was_damaged_on_the_way(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content content;

	CHECK_OK(room_open(&room), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	CHECK_OK(ingest_append(in, bytes, 2 * MIB, &e), e);
	/* A block that is sound in itself, in the wrong place: only the whole sum tells. */
	CHECK(run(&room.db, "UPDATE content_map SET blocks = (SELECT blocks FROM content_map"
			    " WHERE seq = 0)") == 0);
	CHECK(ingest_seal(in, &content, &e) == -1);
	CHECK(e.code == ERR_ARCHIVE_DAMAGED && strstr(e.text, "not what came in"));
}

/* ---- giving up */

static void aborted_ingest_leaves_nothing_and_its_space_is_used_again(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 3 * MIB);
	struct content content;
	int64_t pages = 0;

	CHECK_OK(room_open(&room), e);
	CHECK_OK(take_in(&room.db, bytes, MIB / 2, &content, &e), e);
	for (uint64_t i = 0; i < 4; i++) {
		AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

		CHECK(in);
		noise_fill(100 + i, bytes + MIB / 2, 3 * MIB - MIB / 2);
		CHECK_OK(ingest_append(in, bytes, 3 * MIB, &e), e);
		if (i == 0)
			pages = ask(&room.db, "PRAGMA page_count");
	}
	CHECK(ask(&room.db, "PRAGMA page_count") <= pages + 40);
	CHECK(ask(&room.db, "SELECT count(*) FROM block") == 128);
	CHECK(holds(&room.db, content.id, bytes, MIB / 2));
	CHECK(is_clean(&room.db));
}

/* The first brings the blocks, the second names them, the first gives up. */
static void block_of_an_aborted_ingest_stays_for_another(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct ingest *first, *second;
	struct content content;

	CHECK_OK(room_open(&room), e);
	first = ingest_open(&room.db, &e);
	second = ingest_open(&room.db, &e);
	CHECK(first && second);
	CHECK_OK(ingest_append(first, bytes, 2 * MIB, &e), e);
	CHECK_OK(ingest_append(second, bytes, MIB, &e), e);
	ingest_close(first);
	CHECK_OK(ingest_append(second, bytes + MIB, MIB / 2, &e), e);
	CHECK_OK(seal_and_commit(&room.db, second, &content), e);
	ingest_close(second);
	CHECK(holds(&room.db, content.id, bytes, MIB + MIB / 2));
	CHECK(is_clean(&room.db));
}

/* The second finishes while the first is at work; then a third begins, and the first gives up. */
static void sweep_waits_until_no_ingest_is_open(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 4 * MIB);
	struct ingest *first, *second, *third;
	struct content content, last;

	CHECK_OK(room_open(&room), e);
	first = ingest_open(&room.db, &e);
	second = ingest_open(&room.db, &e);
	CHECK(first && second);
	CHECK_OK(ingest_append(first, bytes, 4 * MIB, &e), e);
	CHECK_OK(ingest_append(second, bytes, 2 * MIB, &e), e);
	CHECK_OK(seal_and_commit(&room.db, second, &content), e);
	ingest_close(second);
	third = ingest_open(&room.db, &e);
	CHECK(third);
	CHECK_OK(ingest_append(third, bytes + 2 * MIB, MIB, &e), e);
	ingest_close(first);
	CHECK(holds(&room.db, content.id, bytes, 2 * MIB));
	CHECK_OK(seal_and_commit(&room.db, third, &last), e);
	ingest_close(third);
	CHECK(holds(&room.db, content.id, bytes, 2 * MIB));
	CHECK(holds(&room.db, last.id, bytes + 2 * MIB, MIB));
	CHECK(ask(&room.db, "SELECT count(*) FROM block") == 768);
	CHECK(is_clean(&room.db));
}

/* By seed: up to four ingests of sister dumps at once, begun, finished and given up in any order. */
static void ingests_in_any_order_keep_what_was_committed(void)
{
	enum { SEEDS = 12, OPEN = 4, MOVES = 40, SIZE = 24 * 4096 };

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		AUTO(room_close) struct room room;
		AUTO(auto_free) uint8_t *bytes = noise_new(1, SIZE);
		struct ingest *in[OPEN] = { NULL };
		struct noise noise = { seed };
		struct content content;

		CHECK_OK(room_open(&room), e);
		for (int i = 0; i < MOVES; i++) {
			const size_t k = (size_t)(noise_next(&noise) % OPEN);
			const size_t sector = (size_t)(noise_next(&noise) % 24);

			if (!in[k]) {
				in[k] = ingest_open(&room.db, &e);
				CHECK(in[k]);
				noise_fill(noise_next(&noise) % 50, bytes + sector * 4096, 4096);
				CHECK_OK(ingest_append(in[k], bytes, SIZE, &e), e);
				CHECK_OK(ingest_check(in[k], 0, bytes, SIZE, NULL, &e), e);
				continue;
			}
			if (noise_next(&noise) % 2)
				CHECK_OK(seal_and_commit(&room.db, in[k], &content), e);
			ingest_close(TAKE(in[k]));
		}
		for (size_t k = 0; k < OPEN; k++)
			ingest_close(in[k]);
		for (int64_t id = 1; id <= ask(&room.db, "SELECT max(id) FROM content"); id++) {
			CHECK(read_back(&room.db, id, 0, bytes, SIZE) == 0 ||
			      e.code == ERR_NOT_FOUND);
		}
		CHECK(is_clean(&room.db));
	}
}

/* ---- memory */

#if defined(__has_feature) /* clang's way to say it */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

static void memory_does_not_grow_with_the_chip(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	SKIP("a sanitizer keeps memory of its own");
#endif
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *piece = noise_new(1, 65536);
	struct content content;
	struct rusage before, after;

	CHECK_OK(room_open(&room), e);
	CHECK_OK(take_in(&room.db, piece, 65536, &content, &e), e);
	getrusage(RUSAGE_SELF, &before);
	{
		AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

		CHECK(in);
		for (uint64_t i = 0; i < 32 * MIB / 65536; i++) {
			noise_fill(i, piece, 65536);
			CHECK_OK(ingest_append(in, piece, 65536, &e), e);
		}
		CHECK_OK(seal_and_commit(&room.db, in, &content), e);
	}
	getrusage(RUSAGE_SELF, &after);
	CHECK(content.size == 32 * MIB);
	CHECK(after.ru_maxrss - before.ru_maxrss < 8 * 1024);
}

static const struct check all[] = {
	/* First: it measures the largest that the process has ever been. */
	{ "memory does not grow with the chip", memory_does_not_grow_with_the_chip },
	{ "every size comes back", every_size_comes_back },
	{ "pieces of any length make the same content",
	  pieces_of_any_length_make_the_same_content },
	{ "any range is read", any_range_is_read },
	{ "erased sectors are not stored", erased_sectors_are_not_stored },
	{ "text is packed and noise is not", text_is_packed_and_noise_is_not },
	{ "unknown content is not found", unknown_content_is_not_found },
	{ "nothing is there before the commit", nothing_is_there_before_the_commit },
	{ "a commit that is rolled back leaves nothing",
	  commit_that_is_rolled_back_leaves_nothing },
	{ "equal content is stored once", equal_content_is_stored_once },
	{ "sisters share their blocks", sisters_share_their_blocks },
	{ "a sector that is there twice counts once", sector_that_is_there_twice_counts_once },
	{ "two dumps of a product take thirty per cent",
	  two_dumps_of_a_product_take_thirty_per_cent },
	{ "check names the sectors that differ", check_names_the_sectors_that_differ },
	{ "reading may go on after a check", reading_may_go_on_after_a_check },
	{ "replaced sectors are the content", replaced_sectors_are_the_content },
	{ "a damaged block is found and named", damaged_block_is_found_and_named },
	{ "a packed block is checked too", packed_block_is_checked_too },
	{ "the undamaged rest can be read", undamaged_rest_can_be_read },
	{ "an unknown codec is refused by number", unknown_codec_is_refused_by_number },
	{ "seal finds what was damaged on the way", seal_finds_what_was_damaged_on_the_way },
	{ "an aborted ingest leaves nothing, and its space is used again",
	  aborted_ingest_leaves_nothing_and_its_space_is_used_again },
	{ "a block of an aborted ingest stays for another",
	  block_of_an_aborted_ingest_stays_for_another },
	{ "a sweep waits until no ingest is open", sweep_waits_until_no_ingest_is_open },
	{ "ingests in any order keep what was committed",
	  ingests_in_any_order_keep_what_was_committed },
};
CHECK_MAIN(all)
