/* SPI NOR: what reading and writing cost, beside what the wire and the chip take at least. */
#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "bench.h"
#include "nor_write.h"

#define SIZE   0x400000u
#define PAGE   256u
#define PART   "EF4016"
#define MS_64K 150u /* W25Q32JV data sheet (rev. H): typical 64 KiB erase, */
#define US_PP  400u /* and page program */

#define OPEN(b, hz, e) \
	AUTO(bench_close) struct bench b; \
	CHECK_OK(bench_open(&(b), PART, (hz), &(e)), (e))

static uint8_t content[SIZE], image[SIZE], seen[SIZE];

static int write_all(struct bench *b, const uint8_t *bytes, struct err *e)
{
	struct nor_memory memory = nor_memory(bytes, 0);
	const struct nor_image what = { .source = &memory.base, .addr = 0, .len = SIZE };

	return nor_write(&b->nor, &what, &(struct nor_write_options){ .unprotect = false }, e);
}

/* The chip holds content, and what comes is measured. */
static int begin_with_content(struct bench *b, struct err *e)
{
	bench_random(content, SIZE, 1);
	if (write_all(b, content, e) < 0)
		return -1;
	return bench_begin(b, e);
}

static bool holds_image(struct bench *b)
{
	sim_board_peek(b->board, 0, seen, SIZE);
	return !memcmp(seen, image, SIZE);
}

static void reading_costs_the_clock_time_of_its_bytes(void)
{
	struct err e;
	OPEN(b, 8000000, e);

	CHECK_OK(nor_read(&b.nor, 0, seen, SIZE, &e), e);
	CHECK(bench_time("read 4 MiB, 8 MHz", bench_ns(&b), bench_clock_ns(&b, SIZE), 1.01));
}

static void random_over_random_costs_little_more_than_the_chip_takes(void)
{
	const uint64_t chip_ns = SIZE / 0x10000 * (uint64_t)MS_64K * CLOCK_MS +
				 SIZE / PAGE * (uint64_t)US_PP * CLOCK_US;
	struct err e;
	OPEN(b, 20000000, e);

	CHECK_OK(begin_with_content(&b, &e), e);
	bench_random(image, SIZE, 2);
	CHECK_OK(write_all(&b, image, &e), e);
	CHECK(holds_image(&b));
	CHECK(bench_time("write 4 MiB random over random, 20 MHz, proven", bench_ns(&b),
			 chip_ns + bench_clock_ns(&b, 3ull * SIZE), 1.08));
	CHECK(bench_count("  erases", bench_counters(&b).erases, SIZE / 0x10000));
	CHECK(bench_count("  page programs", bench_counters(&b).programs, SIZE / PAGE));
}

static void the_same_image_again_costs_two_reads(void)
{
	struct err e;
	OPEN(b, 20000000, e);

	CHECK_OK(begin_with_content(&b, &e), e);
	CHECK_OK(write_all(&b, content, &e), e);
	CHECK(bench_count("the same image again: erases", bench_counters(&b).erases, 0));
	CHECK(bench_count("the same image again: programs", bench_counters(&b).programs, 0));
	CHECK(bench_time("the same image again: two reads", bench_ns(&b),
			 bench_clock_ns(&b, 2ull * SIZE), 1.08));
}

static void one_changed_byte_costs_its_sector(void)
{
	struct err e;
	OPEN(b, 20000000, e);

	CHECK_OK(begin_with_content(&b, &e), e);
	memcpy(image, content, SIZE);
	image[0x123456] = (uint8_t)(~image[0x123456]);
	CHECK_OK(write_all(&b, image, &e), e);
	CHECK(holds_image(&b));
	CHECK(bench_count("one changed byte: erases", bench_counters(&b).erases, 1));
	CHECK(bench_count("one changed byte: page programs", bench_counters(&b).programs, 16));
	CHECK(bench_time("one changed byte: two reads, a sector, 16 pages", bench_ns(&b),
			 bench_clock_ns(&b, 2ull * SIZE) + 45 * CLOCK_MS + 16 * US_PP * CLOCK_US,
			 1.08));
}

static void blank_pages_cost_nothing(void)
{
	struct err e;
	OPEN(b, 20000000, e);

	bench_random(image, SIZE, 3);
	for (size_t page = 0; page < SIZE / PAGE; page += 2)
		memset(image + page * PAGE, 0xff, PAGE);
	CHECK_OK(write_all(&b, image, &e), e);
	CHECK(holds_image(&b));
	CHECK(bench_count("FF to 50 % FF pages: erases", bench_counters(&b).erases, 0));
	CHECK(bench_count("FF to 50 % FF pages: page programs", bench_counters(&b).programs,
			  SIZE / PAGE / 2));
	CHECK(bench_time("FF to 50 % FF pages", bench_ns(&b),
			 SIZE / PAGE / 2 * (uint64_t)US_PP * CLOCK_US +
				 bench_clock_ns(&b, 7ull * SIZE / 2),
			 1.08));
}

static const struct check all[] = {
	{ "reading costs the clock time of its bytes", reading_costs_the_clock_time_of_its_bytes },
	{ "random over random costs little more than the chip takes",
	  random_over_random_costs_little_more_than_the_chip_takes },
	{ "the same image again costs two reads", the_same_image_again_costs_two_reads },
	{ "one changed byte costs its sector", one_changed_byte_costs_its_sector },
	{ "blank pages cost nothing", blank_pages_cost_nothing },
};
CHECK_MAIN(all)
