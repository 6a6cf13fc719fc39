#include "check.h"

#include <sys/resource.h>

#include "archive.h"
#include "auto.h"
#include "db.h"
#include "room.h"

static struct err e;

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

	CHECK_OK(room_open(&room, &e), e);

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

	CHECK_OK(room_open(&room, &e), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	for (size_t at = 0; at < 2 * MIB; at += 160 * BLOCK) {
		const size_t left = 2 * MIB - at, most = 160 * BLOCK;
		const size_t len = left < most ? left : most;

		CHECK_OK(ingest_append(in, bytes + at, len, &e), e);
		CHECK_OK(ingest_check(in, at, bytes + at, len, &seen.base, &e), e);
	}
	CHECK(seen.n == 0);
	CHECK_OK(seal_and_commit(&room.db, in, &content, &e), e);
	CHECK(sums_are_of(&content, bytes, 2 * MIB));
	CHECK(holds(&room.db, content.id, bytes, 2 * MIB));
}

static void replaced_sectors_are_the_content(void)
{
	AUTO(room_close) struct room room;
	const size_t size = 2 * MIB + 5;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, size);
	struct content content;

	CHECK_OK(room_open(&room, &e), e);
	{
		AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

		CHECK(in);
		CHECK_OK(ingest_append(in, bytes, size, &e), e);
		noise_fill(9, bytes + MIB - BLOCK, 2 * BLOCK);
		CHECK_OK(ingest_replace(in, MIB - BLOCK, bytes + MIB - BLOCK, 2 * BLOCK, &e), e);
		memset(bytes + 2 * MIB, 0xff, 5);
		CHECK_OK(ingest_replace(in, 2 * MIB, bytes + 2 * MIB, 5, &e), e);
		CHECK_OK(seal_and_commit(&room.db, in, &content, &e), e);
		CHECK(content.stored_bytes == 2 * MIB);
	}
	CHECK(sums_are_of(&content, bytes, size));
	CHECK(holds(&room.db, content.id, bytes, size));
	CHECK(is_clean(&room.db));
}

static void seal_finds_what_was_damaged_on_the_way(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content content;

	CHECK_OK(room_open(&room, &e), e);

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

	CHECK_OK(room_open(&room, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);
	first = ingest_open(&room.db, &e);
	second = ingest_open(&room.db, &e);
	CHECK(first && second);
	CHECK_OK(ingest_append(first, bytes, 2 * MIB, &e), e);
	CHECK_OK(ingest_append(second, bytes, MIB, &e), e);
	ingest_close(first);
	CHECK_OK(ingest_append(second, bytes + MIB, MIB / 2, &e), e);
	CHECK_OK(seal_and_commit(&room.db, second, &content, &e), e);
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

	CHECK_OK(room_open(&room, &e), e);
	first = ingest_open(&room.db, &e);
	second = ingest_open(&room.db, &e);
	CHECK(first && second);
	CHECK_OK(ingest_append(first, bytes, 4 * MIB, &e), e);
	CHECK_OK(ingest_append(second, bytes, 2 * MIB, &e), e);
	CHECK_OK(seal_and_commit(&room.db, second, &content, &e), e);
	ingest_close(second);
	third = ingest_open(&room.db, &e);
	CHECK(third);
	CHECK_OK(ingest_append(third, bytes + 2 * MIB, MIB, &e), e);
	ingest_close(first);
	CHECK(holds(&room.db, content.id, bytes, 2 * MIB));
	CHECK_OK(seal_and_commit(&room.db, third, &last, &e), e);
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

		CHECK_OK(room_open(&room, &e), e);
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
				CHECK_OK(seal_and_commit(&room.db, in[k], &content, &e), e);
			ingest_close(TAKE(in[k]));
		}
		for (size_t k = 0; k < OPEN; k++)
			ingest_close(in[k]);
		for (int64_t id = 1; id <= ask(&room.db, "SELECT max(id) FROM content"); id++) {
			CHECK(read_back(&room.db, id, 0, bytes, SIZE, &e) == 0 ||
			      e.code == ERR_NOT_FOUND);
		}
		CHECK(is_clean(&room.db));
	}
}

/* ---- memory */

#if defined(__has_feature) /* clang's way to say it */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

static void memory_does_not_grow_with_the_chip(void)
{
#if defined(SANITIZED) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	SKIP("a sanitizer keeps memory of its own");
#endif
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *piece = noise_new(1, 65536);
	struct content content;
	struct rusage before, after;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, piece, 65536, &content, &e), e);
	getrusage(RUSAGE_SELF, &before);
	{
		AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

		CHECK(in);
		for (uint64_t i = 0; i < 32 * MIB / 65536; i++) {
			noise_fill(i, piece, 65536);
			CHECK_OK(ingest_append(in, piece, 65536, &e), e);
		}
		CHECK_OK(seal_and_commit(&room.db, in, &content, &e), e);
	}
	getrusage(RUSAGE_SELF, &after);
	CHECK(content.size == 32 * MIB);
	CHECK(after.ru_maxrss - before.ru_maxrss < 8192 /* KiB */);
}

static const struct check all[] = {
	/* First: it measures the largest that the process has ever been. */
	{ "memory does not grow with the chip", memory_does_not_grow_with_the_chip },
	{ "check names the sectors that differ", check_names_the_sectors_that_differ },
	{ "reading may go on after a check", reading_may_go_on_after_a_check },
	{ "replaced sectors are the content", replaced_sectors_are_the_content },
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
