#include "check.h"

#include <stdlib.h>

#include "archive.h"
#include "auto.h"
#include "db.h"
#include "find.h"
#include "shelf.h"

static struct err e;

#define BLOCK ((size_t)ARCHIVE_BLOCK)

static void auto_finder(struct finder **finder)
{
	finder_close(*finder);
}

static struct needle needle_of(const char *text)
{
	struct needle n = { .len = strlen(text) };

	memcpy(n.bytes, text, n.len);
	return n;
}

#define MAX 16

/* All places, by hand; what finder_look() must say. */
static size_t by_hand(const uint8_t *bytes, size_t len, const struct needle *n, uint64_t from,
		      uint64_t *at)
{
	size_t found = 0;

	for (size_t i = from; i + n->len <= len && found <= MAX; i++)
		if (!memcmp(bytes + i, n->bytes, n->len))
			at[found++] = i;
	return found;
}

static bool same(const struct found *found, const uint64_t *at, size_t n)
{
	const size_t shown = n < MAX ? n : MAX;

	return found->n == shown && found->more == (n > MAX) &&
	       !memcmp(found->at, at, shown * sizeof *at);
}

static void places_are_those_that_are_there_across_sectors_too(void)
{
	AUTO(shelf_close) struct shelf shelf;
	AUTO(auto_free) uint8_t *bytes = NULL;
	struct noise noise = { 11 };
	uint64_t at[MAX + 1], places[MAX];

	CHECK_OK(shelf_open(&shelf, &e), e);
	for (int round = 0; round < 40; round++) {
		const size_t len = 1 + noise_next(&noise) % (9 * BLOCK);
		struct needle n = { .len = FIND_LEAST + noise_next(&noise) % 40 };
		AUTO(auto_finder) struct finder *finder = NULL;
		struct content content;

		free(bytes);
		bytes = noise_new(noise_next(&noise), len);
		/* Few letters, so that pieces of it stand everywhere; some erased sectors. */
		noise_fill((uint64_t)round, n.bytes, n.len);
		for (size_t i = 0; i < n.len; i++)
			n.bytes[i] = round % 4 == 3 ? 0xff : n.bytes[i] & 1;
		for (size_t i = 0; i < len; i++)
			bytes[i] &= 1;
		for (int k = 0; k < 3; k++) {
			const size_t sector = noise_next(&noise) % 9 * BLOCK;

			if (sector < len)
				memset(bytes + sector, 0xff,
				       len - sector < BLOCK ? len - sector : BLOCK);
		}
		for (int k = 0; k < 12; k++) {
			const size_t edge = (1 + noise_next(&noise) % 8) * BLOCK;
			const size_t to = edge - noise_next(&noise) % (n.len + 1);

			if (to + n.len <= len)
				memcpy(bytes + to, n.bytes, n.len);
		}
		CHECK_OK(take_in(&shelf.db, bytes, len, &content, &e), e);
		finder = finder_open(shelf.temp.path, &n, &e);
		CHECK(finder);
		for (int again = 0; again < 3; again++) {
			const uint64_t from = again ? noise_next(&noise) % (len + 10) : 0;
			struct found found = { .max = MAX, .at = places };
			const size_t wanted = by_hand(bytes, len, &n, from, at);

			CHECK_OK(finder_look(finder, content.id, from, &found, &e), e);
			CHECK(same(&found, at, wanted) && found.unreadable == 0);
		}
	}
}

static void block_that_many_have_is_read_once(void)
{
	AUTO(shelf_close) struct shelf shelf;
	AUTO(auto_free) uint8_t *bytes = noise_new(3, 64 * BLOCK);
	const struct needle n = needle_of("no such thing");
	AUTO(auto_finder) struct finder *finder = NULL;
	struct found found = { .max = 0, .at = NULL };
	uint64_t first;

	CHECK_OK(shelf_open(&shelf, &e), e);
	finder = finder_open(shelf.temp.path, &n, &e);
	CHECK(finder);
	for (uint64_t i = 0; i < 10; i++) {
		struct content content;

		noise_fill(100 + i, bytes, BLOCK);
		CHECK_OK(take_in(&shelf.db, bytes, 64 * BLOCK, &content, &e), e);
		CHECK_OK(finder_look(finder, content.id, 0, &found, &e), e);
		CHECK(found.n == 0 && !found.more);
		if (i == 0)
			first = finder_reads(finder);
	}
	/* A pair may have to be looked at again: its ends and beginnings are few bytes. */
	CHECK(first >= 64 && finder_reads(finder) < first + 9 + 2 * 64);
}

static void damaged_sector_is_passed_over_and_told(void)
{
	AUTO(shelf_close) struct shelf shelf;
	AUTO(auto_free) uint8_t *bytes = noise_new(4, 4 * BLOCK);
	const struct needle n = needle_of("here it is");
	AUTO(auto_finder) struct finder *finder = NULL;
	uint64_t places[4];
	struct found found = { .max = 4, .at = places };
	struct content content;

	CHECK_OK(shelf_open(&shelf, &e), e);
	memcpy(bytes + BLOCK, n.bytes, n.len);
	memcpy(bytes + 3 * BLOCK + 7, n.bytes, n.len);
	CHECK_OK(take_in(&shelf.db, bytes, 4 * BLOCK, &content, &e), e);
	CHECK(run(&shelf.db, "UPDATE block SET bytes = zeroblob(4096) WHERE id = 2") == 0);
	finder = finder_open(shelf.temp.path, &n, &e);
	CHECK(finder);
	CHECK_OK(finder_look(finder, content.id, 0, &found, &e), e);
	CHECK(found.n == 1 && places[0] == 3 * BLOCK + 7 && found.unreadable == 1);
	CHECK_OK(finder_look(finder, 99, 0, &found, &e), e);
	CHECK(found.n == 0 && found.unreadable == 0);
}

static const struct check all[] = {
	{ "places are those that are there, across sectors too",
	  places_are_those_that_are_there_across_sectors_too },
	{ "a block that many have is read once", block_that_many_have_is_read_once },
	{ "a damaged sector is passed over, and told", damaged_sector_is_passed_over_and_told },
};
CHECK_MAIN(all)
