#include "check.h"

#include <stdlib.h>

#include "archive.h"
#include "auto.h"
#include "diff.h"
#include "room.h"

static struct err e;
static struct diff diff;

/* Takes both in and compares. */
static int compare(struct db *db, const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	struct content content[2];

	if (take_in(db, a, a_len, &content[0], &e) < 0 ||
	    take_in(db, b, b_len, &content[1], &e) < 0)
		return -1;
	return content_diff(db, content[0].id, content[1].id, &diff, &e);
}

static void equal_contents_have_no_ranges(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, MIB);

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(compare(&room.db, bytes, MIB, bytes, MIB), e);
	CHECK(diff.sectors == 0 && diff.bytes == 0 && diff.n == 0 && !diff.cut);
}

static void bytes_are_counted_and_sectors_merged(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *a = noise_new(1, MIB), *b = noise_new(1, MIB);

	CHECK_OK(room_open(&room, &e), e);
	b[5] ^= 1;
	b[10 * BLOCK] ^= 1;
	b[11 * BLOCK - 1] ^= 1;
	b[11 * BLOCK] ^= 1;
	b[MIB - 1] ^= 1;
	CHECK_OK(compare(&room.db, a, MIB, b, MIB), e);
	CHECK(diff.sectors == 4 && diff.bytes == 5 && diff.n == 3);
	CHECK(diff.range[0].offset == 0 && diff.range[0].length == BLOCK);
	CHECK(diff.range[1].offset == 10 * BLOCK && diff.range[1].length == 2 * BLOCK);
	CHECK(diff.range[2].offset == MIB - BLOCK && diff.range[2].length == BLOCK);
}

static void what_only_one_has_differs(void)
{
	static const size_t lens[][2] = { { 5 * BLOCK, 3 * BLOCK }, { 3 * BLOCK, 5 * BLOCK } };
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 5 * BLOCK);

	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		AUTO(room_close) struct room room;

		CHECK_OK(room_open(&room, &e), e);
		CHECK_OK(compare(&room.db, bytes, lens[i][0], bytes, lens[i][1]), e);
		CHECK(diff.sectors == 2 && diff.bytes == 2 * BLOCK && diff.n == 1);
		CHECK(diff.range[0].offset == 3 * BLOCK && diff.range[0].length == 2 * BLOCK);
	}
}

static void ends_within_a_sector_are_exact(void)
{
	AUTO(room_close) struct room room;
	uint8_t bytes[2 * BLOCK];

	CHECK_OK(room_open(&room, &e), e);
	memset(bytes, 0xff,
	       sizeof bytes); /* erased: both ends have the same block, of other sizes */
	CHECK_OK(compare(&room.db, bytes, BLOCK + 10, bytes, BLOCK + 17), e);
	CHECK(diff.sectors == 1 && diff.bytes == 7 && diff.n == 1);
	CHECK(diff.range[0].offset == BLOCK && diff.range[0].length == 17);
}

static void erased_and_used_sectors_are_compared(void)
{
	AUTO(room_close) struct room room;
	uint8_t a[2 * BLOCK], b[2 * BLOCK];

	CHECK_OK(room_open(&room, &e), e);
	memset(a, 0xff, sizeof a);
	memset(b, 0xff, sizeof b);
	b[BLOCK + 1] = 0;
	CHECK_OK(compare(&room.db, a, sizeof a, b, sizeof b), e);
	CHECK(diff.sectors == 1 && diff.bytes == 1 && diff.range[0].offset == BLOCK);
}

static void nothing_and_something_differ(void)
{
	AUTO(room_close) struct room room;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(compare(&room.db, (const uint8_t *)"", 0, (const uint8_t *)"abc", 3), e);
	CHECK(diff.sectors == 1 && diff.bytes == 3 && diff.n == 1 && diff.range[0].length == 3);
}

static void too_many_ranges_are_cut_but_counted(void)
{
	AUTO(room_close) struct room room;
	const size_t sectors = 2 * DIFF_RANGES + 10, len = sectors * BLOCK;
	AUTO(auto_free) uint8_t *a = malloc(len), *b = malloc(len);

	CHECK_OK(room_open(&room, &e), e);
	CHECK(a && b);
	memset(a, 0, len);
	memset(b, 0, len);
	for (size_t i = 0; i < sectors; i += 2)
		b[i * BLOCK] = 1;
	CHECK_OK(compare(&room.db, a, len, b, len), e);
	CHECK(diff.cut && diff.n == DIFF_RANGES);
	CHECK(diff.sectors == sectors / 2 && diff.bytes == sectors / 2);
}

/* Equal blocks are not read: damage in them does not matter, elsewhere it has an address. */
static void damage_is_told_where_bytes_are_needed(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *a = noise_new(1, 8 * BLOCK), *b = noise_new(1, 8 * BLOCK);

	CHECK_OK(room_open(&room, &e), e);
	b[5 * BLOCK] ^= 1;
	CHECK_OK(compare(&room.db, a, 8 * BLOCK, b, 8 * BLOCK), e);
	CHECK(run(&room.db, "DELETE FROM block WHERE id = 1") == 0);
	CHECK_OK(content_diff(&room.db, 1, 2, &diff, &e), e);
	CHECK(run(&room.db, "DELETE FROM block WHERE id = 6") == 0);
	CHECK(content_diff(&room.db, 1, 2, &diff, &e) == -1);
	CHECK(e.code == ERR_ARCHIVE_DAMAGED && e.offset == 5 * BLOCK);
	CHECK(content_diff(&room.db, 1, 77, &diff, &e) == -1 && e.code == ERR_NOT_FOUND);
}

static const struct check all[] = {
	{ "equal contents have no ranges", equal_contents_have_no_ranges },
	{ "bytes are counted and sectors merged", bytes_are_counted_and_sectors_merged },
	{ "what only one has differs", what_only_one_has_differs },
	{ "ends within a sector are exact", ends_within_a_sector_are_exact },
	{ "erased and used sectors are compared", erased_and_used_sectors_are_compared },
	{ "nothing and something differ", nothing_and_something_differ },
	{ "too many ranges are cut but counted", too_many_ranges_are_cut_but_counted },
	{ "damage is told where bytes are needed", damage_is_told_where_bytes_are_needed },
};
CHECK_MAIN(all)
