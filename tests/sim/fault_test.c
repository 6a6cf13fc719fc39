#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "fault.h"
#include "sim_board.h"

#define SIZE 0x100000u

static const struct nor_part part = {
	.jedec_id = 0xef4014,
	.vendor = "Winbond",
	.names = "W25Q80",
	.size = SIZE,
	.page = 256,
	.address_bytes = 3,
	.erase = { { 0x20, 0x1000 }, { 0xd8, 0x10000 }, { 0xc7, SIZE } },
};

/* A bare chip, all FF, behind a bus with these faults. */
static struct board *open_board(const struct fault_plan *faults)
{
	struct err e;
	const struct sim_board_config config = {
		.part = &part, .bare = true, .max_hz = 8000000, .faults = *faults
	};

	return sim_board_open(&config, &e);
}

#define BOARD(...) \
	AUTO(auto_board_close) struct board *b = open_board(&(struct fault_plan){ __VA_ARGS__ })

static int read_at(struct board *b, uint32_t addr, uint8_t *rx, size_t len)
{
	const uint8_t tx[] = { 0x03, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr };
	struct err e;

	return spi_command(b->spi, tx, sizeof tx, rx, len, &e);
}

static int send(struct board *b, const uint8_t *tx, size_t len)
{
	struct err e;

	return spi_command(b->spi, tx, len, NULL, 0, &e);
}

static uint8_t status(struct board *b)
{
	struct err e;
	uint8_t value = 0;

	return spi_command(b->spi, (const uint8_t[]){ 0x05 }, 1, &value, 1, &e) == 0 ? value : 0xff;
}

/* Programs 16 zeros at the start of a page, and waits until the chip is ready. */
static void program(struct board *b, uint32_t page)
{
	uint8_t tx[4 + 16] = { 0x02, (uint8_t)(page >> 8), (uint8_t)page };

	(void)send(b, (const uint8_t[]){ 0x06 }, 1);
	(void)send(b, tx, sizeof tx);
	while (status(b) & 1)
		;
}

static uint8_t byte_at(struct board *b, uint32_t addr)
{
	uint8_t byte;

	sim_board_peek(b, addr, &byte, 1);
	return byte;
}

/* Reads the whole blank chip; counts the bytes that are not FF. *odd: those with more than one bit wrong. */
static uint64_t wrong_bytes(struct board *b, uint64_t *odd)
{
	static uint8_t rx[4096];
	uint64_t wrong = 0;

	for (uint32_t at = 0; at < SIZE; at += sizeof rx) {
		if (read_at(b, at, rx, sizeof rx) < 0)
			return SIZE;
		for (size_t i = 0; i < sizeof rx; i++) {
			wrong += rx[i] != 0xff;
			*odd += __builtin_popcount(rx[i]) < 7;
		}
	}
	return wrong;
}

static void quiet_plan_changes_nothing(void)
{
	BOARD(.seed = 7);
	uint64_t odd = 0;

	CHECK(b && wrong_bytes(b, &odd) == 0);
}

static void flips_are_one_bit_and_as_often_as_asked(void)
{
	static const double rates[] = { 1e-2, 1e-3, 1e-4 };

	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		BOARD(.seed = i, .flip = rates[i]);
		const double want = SIZE * rates[i];
		uint64_t odd = 0;
		const double got = (double)wrong_bytes(b, &odd);

		CHECK(odd == 0);
		CHECK(got > want * 0.6 && got < want * 1.4);
	}
}

static void certain_flip_spoils_every_byte(void)
{
	BOARD(.seed = 1, .flip = 1.0);
	uint64_t odd = 0;

	CHECK(wrong_bytes(b, &odd) == SIZE && odd == 0);
}

static void same_seed_gives_the_same_faults(void)
{
	static uint8_t got[3][4096];
	static const uint64_t seeds[] = { 42, 42, 43 };

	for (size_t i = 0; i < 3; i++) {
		BOARD(.seed = seeds[i], .flip = 1e-2, .short_ = 0.1);

		for (int k = 0; k < 3; k++)
			CHECK(read_at(b, 0, got[i], sizeof got[i]) == 0);
	}
	CHECK(memcmp(got[0], got[1], sizeof got[0]) == 0);
	CHECK(memcmp(got[0], got[2], sizeof got[0]) != 0);
}

static void short_answers_end_in_ffs(void)
{
	BOARD(.seed = 5, .short_ = 0.5);
	uint8_t rx[16];
	int whole = 0, cut = 0;

	program(b, 0);
	for (int i = 0; i < 200; i++) {
		size_t zeros = 0;

		CHECK(read_at(b, 0, rx, sizeof rx) == 0);
		while (zeros < sizeof rx && rx[zeros] == 0)
			zeros++;
		for (size_t k = zeros; k < sizeof rx; k++)
			CHECK(rx[k] == 0xff);
		whole += zeros == sizeof rx;
		cut += zeros < sizeof rx;
	}
	CHECK(whole > 60 && cut > 60);
}

static void short_spoils_one_command_of_a_message_only(void)
{
	BOARD(.seed = 2, .short_ = 0.5);
	const uint8_t id[] = { 0x9f };
	uint8_t first[3], second[3];
	int differ = 0;

	for (int i = 0; i < 100; i++) {
		struct err e;
		const struct spi_seg seg[] = { { .tx = id, .len = 1 },
					       { .rx = first, .len = 3, .cs_up = true },
					       { .tx = id, .len = 1 },
					       { .rx = second, .len = 3 } };

		CHECK(spi_xfer(b->spi, seg, 4, &e) == 0);
		differ += (first[2] == 0xff) != (second[2] == 0xff);
	}
	CHECK(differ > 25 && differ < 75);
}

static void drops_are_io_errors_as_often_as_asked(void)
{
	BOARD(.seed = 9, .drop = 0.1);
	uint8_t rx[3];
	int dropped = 0;

	for (int i = 0; i < 2000; i++) {
		struct err e;

		if (spi_command(b->spi, (const uint8_t[]){ 0x9f }, 1, rx, 3, &e) == 0) {
			CHECK(memcmp(rx, "\xef\x40\x14", 3) == 0);
			continue;
		}
		CHECK(e.code == ERR_IO);
		dropped++;
	}
	CHECK(dropped > 140 && dropped < 260);
}

static void dropped_command_reaches_the_chip_sometimes(void)
{
	BOARD(.seed = 3, .drop = 1.0);
	struct sim_counters counters;

	for (int i = 0; i < 100; i++)
		CHECK(send(b, (const uint8_t[]){ 0x06 }, 1) == -1);
	sim_board_counters(b, &counters);
	CHECK(counters.selects > 20 && counters.selects < 80);
}

static void stuck_line_shows_the_same_whatever_the_chip_says(void)
{
	static const struct {
		enum fault_stuck stuck;
		uint8_t seen[4];
	} cases[] = { { FAULT_STUCK_HIGH, { 0xff, 0xff, 0xff, 0xff } },
		      { FAULT_STUCK_LOW, { 0, 0, 0, 0 } },
		      { FAULT_STUCK_LOOP, { 0x9f, 1, 2, 3 } } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BOARD(.stuck = cases[i].stuck);
		uint8_t rx[4];
		struct err e;
		const struct spi_seg seg = { .tx = (const uint8_t[]){ 0x9f, 1, 2, 3 },
					     .rx = rx,
					     .len = 4 };

		CHECK(spi_xfer(b->spi, &seg, 1, &e) == 0);
		CHECK(memcmp(rx, cases[i].seen, 4) == 0);
	}
}

static void looped_line_shows_zeros_where_nothing_is_sent(void)
{
	BOARD(.stuck = FAULT_STUCK_LOOP);
	uint8_t rx[2] = { 1, 1 };

	CHECK(read_at(b, 0, rx, 2) == 0);
	CHECK(rx[0] == 0 && rx[1] == 0);
}

static void lie_keeps_the_chip_busy_and_changes_nothing(void)
{
	BOARD(.seed = 1, .write_lie = 1.0);
	const uint8_t page[] = { 0x02, 0, 0, 0, 0x55 };

	CHECK(send(b, (const uint8_t[]){ 0x06 }, 1) == 0);
	CHECK(send(b, page, sizeof page) == 0);
	CHECK(status(b) == 0x03);
	CHECK(byte_at(b, 0) == 0xff);
}

static void words_are_lied_about_too(void)
{
	struct nor_part words = part;
	const struct sim_board_config config = {
		.part = &words, .bare = true, .max_hz = 8000000, .faults = { .write_lie = 1.0 }
	};
	struct err e;

	words.program = NOR_PROGRAM_AAI;
	AUTO(auto_board_close) struct board *b = sim_board_open(&config, &e);
	CHECK(send(b, (const uint8_t[]){ 0x06 }, 1) == 0);
	CHECK(send(b, (const uint8_t[]){ 0xad, 0, 0, 8, 1, 2 }, 6) == 0);
	CHECK((status(b) & 0x42) == 0x42);
	CHECK(send(b, (const uint8_t[]){ 0xad, 3, 4 }, 3) == 0);
	CHECK(send(b, (const uint8_t[]){ 0x04 }, 1) == 0);
	for (uint32_t addr = 0; addr < 16; addr++)
		CHECK(byte_at(b, addr) == 0xff);
}

static void lies_are_told_as_often_as_asked(void)
{
	BOARD(.seed = 4, .write_lie = 0.25);
	int lies = 0;

	for (uint32_t page = 0; page < 1000; page++) {
		program(b, page);
		lies += byte_at(b, page * 256) == 0xff;
	}
	CHECK(lies > 190 && lies < 310);
}

static void lies_do_not_touch_erases(void)
{
	BOARD(.seed = 1, .write_lie = 0.5);

	for (uint32_t page = 0; page < 8; page++)
		program(b, page);
	CHECK(send(b, (const uint8_t[]){ 0x06 }, 1) == 0);
	CHECK(send(b, (const uint8_t[]){ 0x20, 0, 0, 0 }, 4) == 0);
	for (uint32_t page = 0; page < 8; page++)
		CHECK(byte_at(b, page * 256) == 0xff);
}

static void dead_chip_is_silent_and_hears_nothing(void)
{
	BOARD(.die_after = 2);
	uint8_t rx[3];

	CHECK(send(b, (const uint8_t[]){ 0x06 }, 1) == 0);
	CHECK(status(b) == 0x02);
	CHECK(send(b, (const uint8_t[]){ 0x02, 0, 0, 0, 0 }, 5) == 0);
	CHECK(byte_at(b, 0) == 0xff);
	CHECK(read_at(b, 0, rx, 3) == 0);
	CHECK(memcmp(rx, "\xff\xff\xff", 3) == 0);
}

static void death_comes_between_commands_of_a_message(void)
{
	BOARD(.die_after = 1);
	const uint8_t id[] = { 0x9f };
	uint8_t first[3], second[3];
	struct err e;
	const struct spi_seg seg[] = { { .tx = id, .len = 1 },
				       { .rx = first, .len = 3, .cs_up = true },
				       { .tx = id, .len = 1 },
				       { .rx = second, .len = 3 } };

	CHECK_OK(spi_xfer(b->spi, seg, 4, &e), e);
	CHECK(first[0] == 0xef && second[0] == 0xff);
}

static void dead_chip_costs_the_same_time(void)
{
	BOARD(.die_after = 1);
	uint8_t rx[96];
	uint64_t start_ns;

	CHECK(read_at(b, 0, rx, 96) == 0);
	start_ns = clock_now_ns(b->clock);
	CHECK(read_at(b, 0, rx, 96) == 0);
	CHECK(clock_now_ns(b->clock) - start_ns == 20000 + 100 * 8000);
}

static const struct check all[] = {
	{ "quiet plan changes nothing", quiet_plan_changes_nothing },
	{ "flips are one bit and as often as asked", flips_are_one_bit_and_as_often_as_asked },
	{ "certain flip spoils every byte", certain_flip_spoils_every_byte },
	{ "same seed gives the same faults", same_seed_gives_the_same_faults },
	{ "short answers end in ffs", short_answers_end_in_ffs },
	{ "short spoils one command of a message only",
	  short_spoils_one_command_of_a_message_only },
	{ "drops are io errors as often as asked", drops_are_io_errors_as_often_as_asked },
	{ "dropped command reaches the chip sometimes",
	  dropped_command_reaches_the_chip_sometimes },
	{ "stuck line shows the same whatever the chip says",
	  stuck_line_shows_the_same_whatever_the_chip_says },
	{ "looped line shows zeros where nothing is sent",
	  looped_line_shows_zeros_where_nothing_is_sent },
	{ "lie keeps the chip busy and changes nothing",
	  lie_keeps_the_chip_busy_and_changes_nothing },
	{ "words are lied about too", words_are_lied_about_too },
	{ "lies are told as often as asked", lies_are_told_as_often_as_asked },
	{ "lies do not touch erases", lies_do_not_touch_erases },
	{ "dead chip is silent and hears nothing", dead_chip_is_silent_and_hears_nothing },
	{ "death comes between commands of a message", death_comes_between_commands_of_a_message },
	{ "dead chip costs the same time", dead_chip_costs_the_same_time },
};
CHECK_MAIN(all)
