#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "archive.h"
#include "auto.h"
#include "dump_store.h"
#include "room.h"

static struct err e;

#define SIZE (6 * BLOCK + 9)

/* Noise, but one sector that packs. */
static uint8_t *make_bytes(void)
{
	uint8_t *bytes = noise_new(1, SIZE);

	memset(bytes + 4 * BLOCK, 'a', BLOCK);
	return bytes;
}

static int add_dump(struct db *db, const struct content *content, int64_t *id)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	struct dump dump = { .device = -1, .job = -1, .source = DUMP_SPI, .content = *content };

	if (dump_add(&tx, &dump, &e) < 0 || tx_commit(&tx, &e) < 0)
		return -1;
	*id = dump.id;
	return 0;
}

static bool dump_holds(struct db *db, int64_t id, const uint8_t *bytes)
{
	struct dump dump = { 0 };
	{
		AUTO(tx_end) struct tx tx = tx_begin_read(db);

		if (dump_get(&tx, id, &dump, &e) < 0)
			return false;
	}
	return dump.content.size == SIZE && holds(db, dump.content.id, bytes, SIZE);
}

/* Whatever happened to the old dump: the same bytes come in again, and both are whole. */
static void damage_is_healed_by_the_same_bytes(void)
{
	static const char *const damages[] = {
		"UPDATE block SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB) WHERE id = 3",
		"UPDATE block SET bytes = CAST(substr(bytes, 2) AS BLOB) WHERE id = 3",
		"UPDATE block SET bytes = zeroblob(9) WHERE id = 5",
		"UPDATE block SET size = 17 WHERE id = 3",
		"UPDATE block SET codec = 1 WHERE id = 3",
		"UPDATE block SET codec = 77 WHERE id = 3",
		"UPDATE block SET sha256 = zeroblob(32) WHERE id = 3",
		"DELETE FROM block WHERE id = 3",
		"UPDATE content_map SET blocks = CAST(substr(blocks, 1, 8) AS BLOB)",
		"UPDATE content_map SET blocks = CAST(substr(blocks, 1, 10) AS BLOB)",
		"UPDATE content_map SET blocks = zeroblob(28)",
		"DELETE FROM content_map",
		"UPDATE content SET crc32 = crc32 + 1",
		"UPDATE content SET size = size - 1",
	};
	AUTO(auto_free) uint8_t *bytes = make_bytes();

	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		AUTO(room_close) struct room room;
		struct content content;
		int64_t old, again;

		CHECK_OK(room_open(&room, &e), e);
		CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
		CHECK(add_dump(&room.db, &content, &old) == 0);
		CHECK(run(&room.db, damages[i]) == 0);
		CHECK(!dump_holds(&room.db, old, bytes) || i == 12); /* a CRC is in nobody's way */
		CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
		CHECK(sums_are_of(&content, bytes, SIZE));
		CHECK(add_dump(&room.db, &content, &again) == 0);
		CHECK(dump_holds(&room.db, again, bytes));
		/* The hash and the row are gone for good: nothing leads from them to the bytes. */
		CHECK(dump_holds(&room.db, old, bytes) || i == 6 || i == 7);
	}
}

/* Puts other bytes in the place of the first n that are in the file. */
static bool patch(const char *path, const uint8_t *what, size_t n, size_t nth)
{
	AUTO(auto_free) uint8_t *file = malloc(file_size(path) + 1);
	AUTO(auto_fclose) FILE *f = fopen(path, "r+b");
	const size_t len = file_size(path);
	const uint8_t *at = file;

	if (!f || !file || fread(file, 1, len, f) != len)
		return false;
	do
		at = memmem(at + 1, len - (size_t)(at + 1 - file), what, n);
	while (at && nth--);
	return at && fseek(f, at - file, SEEK_SET) == 0 && fputc(*at ^ 1, f) != EOF;
}

/* A hash stands twice in the file, in the row and in the index over hashes: one of them is flipped. */
static void flipped_hash_does_not_stop_an_ingest(void)
{
	AUTO(auto_free) uint8_t *bytes = make_bytes();
	uint8_t sha256[HASH_SHA256_LEN];

	hash_sha256_of(bytes, BLOCK, sha256);
	for (size_t nth = 0; nth < 2; nth++) {
		AUTO(room_close) struct room room;
		struct content content;
		int64_t old;

		CHECK_OK(room_open(&room, &e), e);
		CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
		CHECK(add_dump(&room.db, &content, &old) == 0);
		db_close(&room.db);
		CHECK(patch(room.temp.path, sha256, sizeof sha256, nth));
		CHECK_OK(db_open(&room.db, room.temp.path, &e), e);
		CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
		CHECK(holds(&room.db, content.id, bytes, SIZE));
		CHECK(dump_holds(&room.db, old, bytes));
	}
}

static void repaired_block_is_repaired_once(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = make_bytes();
	struct content content;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
	CHECK(run(&room.db, "UPDATE block SET bytes = zeroblob(4096) WHERE id IN (1, 2)") == 0);
	for (int i = 0; i < 3; i++)
		CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
	CHECK(ask(&room.db, "SELECT count(*) FROM block_repair") == 2);
	CHECK(ask(&room.db, "SELECT count(*) FROM content") == 1);
	CHECK(holds(&room.db, content.id, bytes, SIZE));
}

static void damaged_repair_is_repaired(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = make_bytes();
	struct content content;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
	CHECK(run(&room.db, "UPDATE block SET bytes = zeroblob(4096) WHERE id = 1") == 0);
	CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
	CHECK(run(&room.db, "UPDATE block_repair SET bytes = zeroblob(4096)") == 0);
	CHECK(!holds(&room.db, content.id, bytes, SIZE));
	CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
	CHECK(holds(&room.db, content.id, bytes, SIZE));
}

static void sound_blocks_are_not_stored_twice(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = make_bytes();
	struct content content;

	CHECK_OK(room_open(&room, &e), e);
	for (int i = 0; i < 2; i++)
		CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
	CHECK(ask(&room.db, "SELECT count(*) FROM block_repair") == 0);
	CHECK(ask(&room.db, "SELECT count(*) FROM block") == 7);
}

static void repair_goes_with_its_block(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = make_bytes();
	struct content content;
	int64_t id;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
	CHECK(add_dump(&room.db, &content, &id) == 0);
	CHECK(run(&room.db, "UPDATE block SET bytes = zeroblob(4096) WHERE id = 1") == 0);
	CHECK_OK(take_in(&room.db, bytes, SIZE, &content, &e), e);
	{
		AUTO(tx_end) struct tx tx = tx_begin(&room.db);

		CHECK_OK(dump_remove(&tx, id, DUMP_FORCE, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(ask(&room.db, "SELECT count(*) FROM block") == 0);
	CHECK(ask(&room.db, "SELECT count(*) FROM block_repair") == 0);
}

static const struct check all[] = {
	{ "damage is healed by the same bytes", damage_is_healed_by_the_same_bytes },
	{ "a flipped hash does not stop an ingest", flipped_hash_does_not_stop_an_ingest },
	{ "a repaired block is repaired once", repaired_block_is_repaired_once },
	{ "a damaged repair is repaired", damaged_repair_is_repaired },
	{ "sound blocks are not stored twice", sound_blocks_are_not_stored_twice },
	{ "a repair goes with its block", repair_goes_with_its_block },
};
CHECK_MAIN(all)
