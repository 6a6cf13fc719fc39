#include "check.h"

#include "archive.h"
#include "auto.h"
#include "db.h"
#include "room.h"

static struct err e;

/* ---- in and out */

static void every_size_comes_back(void)
{
	static const size_t sizes[] = { 0,         1,   4095,       4096,       4097,
					65536 + 1, MIB, MIB + 4096, 5 * MIB + 3 };
	AUTO(room_close) struct room room;

	CHECK_OK(room_open(&room, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	for (size_t at = 0, len; at < 3 * MIB; at += len) {
		len = noise_next(&noise) % 100000;
		len = len < 3 * MIB - at ? len : 3 * MIB - at;
		CHECK_OK(ingest_append(in, bytes + at, len, &e), e);
	}
	CHECK_OK(seal_and_commit(&room.db, in, &content, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);
	memset(bytes + 100000, 0xff, 50000);
	CHECK_OK(take_in(&room.db, bytes, size, &content, &e), e);
	for (int i = 0; i < 100; i++) {
		const size_t offset = (size_t)(noise_next(&noise) % (size + 1));
		const size_t room_left = size - offset < 70000 ? size - offset : 70000;
		const size_t len = (size_t)(noise_next(&noise) % (room_left + 1));

		CHECK_OK(read_back(&room.db, content.id, offset, buf, len, &e), e);
		CHECK(!memcmp(buf, bytes + offset, len));
	}
}

static void erased_sectors_are_not_stored(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = malloc(MIB + 100);
	struct content content;

	CHECK_OK(room_open(&room, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);
	CHECK(read_back(&room.db, 5, 0, &byte, 0, &e) == -1 && e.code == ERR_NOT_FOUND);

	AUTO(tx_end) struct tx tx = tx_begin_read(&room.db);

	CHECK(content_get(&tx, 5, &content, &e) == -1 && e.code == ERR_NOT_FOUND);
}

static void nothing_is_there_before_the_commit(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content content;

	CHECK_OK(room_open(&room, &e), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	CHECK_OK(ingest_append(in, bytes, 2 * MIB, &e), e);
	CHECK_OK(ingest_seal(in, &content, &e), e);
	CHECK(read_back(&room.db, 1, 0, bytes, 1, &e) == -1 && e.code == ERR_NOT_FOUND);
	CHECK(ask(&room.db, "SELECT count(*) FROM content WHERE complete = 1") == 0);
}

static void commit_that_is_rolled_back_leaves_nothing(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, MIB);
	struct content content;

	CHECK_OK(room_open(&room, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);
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

		CHECK_OK(room_open(&room, &e), e);
		CHECK_OK(take_in(&room.db, bytes, 4 * BLOCK, &content, &e), e);
		CHECK(run(&room.db, damages[i]) == 0);
		CHECK(read_back(&room.db, content.id, 2 * BLOCK + 5, &byte, 1, &e) == -1);
		CHECK(e.code == ERR_ARCHIVE_DAMAGED && e.offset == 2 * BLOCK);
		CHECK(strstr(e.text, "0x2000"));
	}
}

static void packed_block_is_checked_too(void)
{
	AUTO(room_close) struct room room;
	uint8_t bytes[BLOCK], byte;
	struct content content;

	CHECK_OK(room_open(&room, &e), e);
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

		const int rc = read_back(&room.db, content.id, 0, &byte, 1, &e);

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

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, bytes, 4 * BLOCK, &content, &e), e);
	CHECK(run(&room.db, "DELETE FROM block WHERE id = 3") == 0);
	CHECK_OK(read_back(&room.db, content.id, 0, buf, 2 * BLOCK, &e), e);
	CHECK(!memcmp(buf, bytes, 2 * BLOCK));
	CHECK_OK(read_back(&room.db, content.id, 3 * BLOCK, buf, BLOCK, &e), e);
	CHECK(!memcmp(buf, bytes + 3 * BLOCK, BLOCK));
}

static void unknown_codec_is_refused_by_number(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, BLOCK);
	static const int64_t codecs[] = { 2, -1, INT64_C(1) << 32 };
	struct content content;
	uint8_t byte;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, bytes, BLOCK, &content, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
		char sql[100], number[40];

		snprintf(sql, sizeof sql, "UPDATE block SET codec = %lld", (long long)codecs[i]);
		snprintf(number, sizeof number, "codec %lld,", (long long)codecs[i]);
		CHECK(run(&room.db, sql) == 0);
		CHECK(read_back(&room.db, content.id, 0, &byte, 1, &e) == -1);
		CHECK(strstr(e.text, number) && *e.hint);
	}
}

static const struct check all[] = {
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
	{ "a damaged block is found and named", damaged_block_is_found_and_named },
	{ "a packed block is checked too", packed_block_is_checked_too },
	{ "the undamaged rest can be read", undamaged_rest_can_be_read },
	{ "an unknown codec is refused by number", unknown_codec_is_refused_by_number },
};
CHECK_MAIN(all)
