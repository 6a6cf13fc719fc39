/*
 * How the archive grows: many boards of some products, each with settings of its own. The numbers
 * of docs/ARCHITECTURE.md come from FLASHRIG_SCALE=10000 in a release build, which takes some
 * minutes and 2 GB in $TMPDIR; without it few and small dumps are made, and the ratio is tried.
 */
#include "check.h"

#include <stdlib.h>

#include "archive.h"
#include "audit.h"
#include "auto.h"
#include "clock.h"
#include "db.h"
#include "device_store.h"
#include "dump_store.h"
#include "find.h"
#include "temp.h"
#include "words.h"

#define BLOCK  ((size_t)ARCHIVE_BLOCK)
#define BOARDS 100 /* of a product */
#define CODE   52  /* of a hundred sectors: scrambled code, the same in all of a product */
#define TEXT   4   /* of a hundred: pages, tables; they pack */
#define OWN    4   /* of a hundred: keys, calibration, settings of a board; the rest is erased */

static struct err e;

struct shelf {
	struct temp temp;
	struct db db;
	uint64_t dumps;
	size_t size; /* of a dump */
	uint8_t *bytes;
};

static int shelf_open(struct shelf *shelf, uint64_t dumps, size_t size)
{
	*shelf = (struct shelf){ .temp = temp_open(), .dumps = dumps, .size = size };
	shelf->bytes = malloc(size);
	return shelf->bytes ? db_open(&shelf->db, shelf->temp.path, &e) : -1;
}

static void shelf_close(struct shelf *shelf)
{
	db_close(&shelf->db);
	temp_close(&shelf->temp);
	free(shelf->bytes);
}

static void fill_text(uint64_t seed, uint8_t *bytes, size_t len)
{
	noise_fill(seed, bytes, len);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)("etaoin shrdlu-<>"[bytes[i] & 15]);
}

static void make_board(struct shelf *shelf, uint64_t product, uint64_t board)
{
	const size_t sectors = shelf->size / BLOCK;

	for (size_t i = 0; i < sectors; i++) {
		uint8_t *sector = shelf->bytes + i * BLOCK;
		const size_t place = i * 100 / sectors;

		if (place < CODE)
			noise_fill(product * 100000 + i + 1, sector, BLOCK);
		else if (place < CODE + TEXT)
			fill_text(product * 100000 + i + 1, sector, BLOCK);
		else if (place >= 100 - OWN)
			noise_fill(((board + 1) << 40) + product * 100000 + i, sector, BLOCK);
		else
			memset(sector, 0xff, BLOCK);
	}
}

/* One in ten is the same board read once more. */
static int add_board(struct shelf *shelf, uint64_t n)
{
	static struct dump dump;
	const uint64_t board = n % 10 == 9 ? n - 1 : n;
	char id[17];
	const struct device_clue clue = { "0B4016", id, "", "left", -1, clock_wall_ms() };
	struct content content;

	snprintf(id, sizeof id, "%016llX", (unsigned long long)board + 1);
	make_board(shelf, board / BOARDS, board);
	if (take_in(&shelf->db, shelf->bytes, shelf->size, &content, &e) < 0)
		return -1;

	AUTO(tx_end) struct tx tx = tx_begin(&shelf->db);

	dump = (struct dump){ .job = -1, .complete = true, .verified = true };
	dump.content = content;
	dump.created_ms = clue.now_ms;
	strcpy(dump.slot, n % 2 ? "left" : "right");
	strcpy(dump.jedec_id, "0B4016");
	strcpy(dump.chip, "XTX XT25F32B");
	snprintf(dump.label, sizeof dump.label, "product %llu, board %llu",
		 (unsigned long long)board / BOARDS, (unsigned long long)board);
	if (device_find_or_add(&tx, &clue, &dump.device, &e) < 0 || dump_add(&tx, &dump, &e) < 0)
		return -1;
	return tx_commit(&tx, &e);
}

/* ---- measuring */

static double seconds_since(uint64_t start_ns)
{
	return (double)(clock_now_ns(clock_real()) - start_ns) / 1e9;
}

static struct dump page_of[50];

/* The slowest of some pages, in ms; *n is how many dumps were on it. */
static double list_ms(struct shelf *shelf, struct dump_filter filter, size_t *n)
{
	double slowest = 0;

	for (int i = 0; i < 10; i++) {
		const uint64_t start = clock_now_ns(clock_real());
		struct page page = { .max = 50 };
		AUTO(tx_end) struct tx tx = tx_begin_read(&shelf->db);

		filter.before = (int64_t)(shelf->dumps * (uint64_t)(10 - i) / 10) + 1;
		if (dump_list(&tx, &filter, page_of, &page, &e) < 0)
			return -1;
		*n = page.n;
		if (seconds_since(start) * 1e3 > slowest)
			slowest = seconds_since(start) * 1e3;
	}
	return slowest;
}

static int no_damage(struct audit *audit, const struct audit_damage *damage, struct err *why)
{
	(void)audit, (void)damage;
	return err_set(why, ERR_INTERNAL, "damage");
}

static int check_all_bytes(struct shelf *shelf, double *seconds)
{
	const uint64_t start = clock_now_ns(clock_real());
	struct audit audit = { .found = no_damage };
	AUTO(db_close) struct db db;

	if (db_open_to_read(&db, shelf->temp.path, &e) < 0 || audit_contents(&db, &audit, &e) < 0)
		return -1;
	*seconds = seconds_since(start);
	return audit.at.checked == shelf->dumps ? 0 : err_set(&e, ERR_INTERNAL, "not all checked");
}

/* A needle that nobody has, in all contents. */
static int search_all(struct shelf *shelf, double *seconds, uint64_t *reads)
{
	const uint64_t start = clock_now_ns(clock_real());
	struct needle needle = { .len = 16 };
	struct finder *finder;
	struct found found = { .max = 0 };
	int result = 0;

	noise_fill(UINT64_MAX, needle.bytes, needle.len);
	finder = finder_open(shelf->temp.path, &needle, &e);
	if (!finder)
		return -1;
	for (int64_t id = 1; id <= (int64_t)shelf->dumps && result == 0; id++)
		result = finder_look(finder, id, 0, &found, &e);
	*reads = finder_reads(finder);
	*seconds = seconds_since(start);
	finder_close(finder);
	return result;
}

static void many_variants_take_little_room(void)
{
	const char *text = secure_getenv("FLASHRIG_SCALE");
	const uint64_t dumps = text ? strtoull(text, NULL, 10) : 40;
	AUTO(shelf_close) struct shelf shelf;
	double ingest, check, search, newest, words, both;
	uint64_t start, reads, logical, stored;
	size_t n_words = 0, n = 0;

	CHECK_OK(shelf_open(&shelf, dumps, text ? 2 << 20 : 256 << 10), e);
	start = clock_now_ns(clock_real());
	for (uint64_t i = 0; i < dumps; i++)
		CHECK_OK(add_board(&shelf, i), e);
	ingest = seconds_since(start);
	start = clock_now_ns(clock_real());
	CHECK_OK(words_catch_up(&shelf.db, &e), e);
	words = seconds_since(start);
	logical = dumps * shelf.size;
	stored = (uint64_t)ask(&shelf.db, "SELECT page_count * page_size FROM pragma_page_count,"
					  " pragma_page_size");
	newest = list_ms(&shelf, (struct dump_filter){ .device = -1 }, &n);
	CHECK(n > 0);
	both = list_ms(&shelf, (struct dump_filter){ .device = -1, .q = "oduct 0, board" },
		       &n_words);
	CHECK_OK(check_all_bytes(&shelf, &check), e);
	CHECK_OK(search_all(&shelf, &search, &reads), e);
	printf("table: archive: %llu dumps of %zu KiB, 100 boards a product: %.1f MB logical, %.1f "
	       "MB "
	       "in the file, %.2f %%\n",
	       (unsigned long long)dumps, shelf.size >> 10, (double)logical / 1e6,
	       (double)stored / 1e6, 100.0 * (double)stored / (double)logical);
	printf("table: archive: ingest %.0f MB/s with proof and sync; check %.0f MB/s; index of "
	       "words "
	       "%.2f s; search of all %.2f s, %llu blocks read\n",
	       (double)logical / 1e6 / ingest, (double)logical / 1e6 / check, words, search,
	       (unsigned long long)reads);
	printf("table: archive: slowest of 10 pages of 50: newest %.2f ms, by words %.2f ms\n",
	       newest, both);
	CHECK(newest >= 0 && both >= 0);
	CHECK((double)stored < 0.35 * (double)logical);
	CHECK(reads < 2 * (logical / BLOCK));
}

static const struct check all[] = {
	{ "many variants take little room", many_variants_take_little_room },
};
CHECK_MAIN(all)
