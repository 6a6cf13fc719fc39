#include <stdint.h>

#include "bk72xx_rig.h"
#include "check.h"

static void reset_and_train_open_the_flash(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	pulse(&b, 10 * MS, 0);
	train(&b, 250);
	CHECK(id_seen(&b) == (FLASH));
	CHECK(b.bk.resets == 1 && b.bk.trains == 1);
}

static void what_public_programs_do_is_accepted(void)
{
	static const struct {
		uint32_t low_ms, pause_ms, hz;
		size_t len;
	} programs[] = { { 1000, 1, 30000, 250 },   { 1000, 0, 50000, 250 },
			 { 500, 50, 8000000, 255 }, { 100, 1, 2000000, 250 },
			 { 10, 50, 30000, 250 },    { 10, 0, 12000000, 250 } };

	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		BEKEN(CHANCE_ALWAYS, i);
		uint8_t rx[8];

		pulse(&b, programs[i].low_ms * MS, programs[i].pause_ms * MS);
		train_at(&b, programs[i].len, programs[i].hz, rx);
		CHECK(id_seen(&b) == FLASH);
	}
}

static void deaf_without_reset(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	CHECK(id_seen(&b) == DEAF);
	train(&b, 250);
	CHECK(id_seen(&b) == DEAF && b.bk.trains == 0);
}

static void deaf_without_train(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	pulse(&b, 10 * MS, 0);
	CHECK(id_seen(&b) == DEAF);
}

static void short_train_is_refused(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	pulse(&b, 10 * MS, 0);
	train(&b, 249);
	CHECK(id_seen(&b) == DEAF && b.bk.trains == 0);
	train(&b, 250);
	CHECK(id_seen(&b) == FLASH);
}

static void train_split_over_chip_selects_is_refused(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	pulse(&b, 10 * MS, 0);
	for (int i = 0; i < 10; i++)
		train(&b, 25);
	CHECK(id_seen(&b) == DEAF);
}

static void train_in_pieces_under_one_chip_select_counts(void)
{
	BEKEN(CHANCE_ALWAYS, 1);
	uint8_t tx[25];

	memset(tx, 0xd2, sizeof tx);
	pulse(&b, 10 * MS, 0);
	bk72xx_select(&b.bk, b.now_ns);
	for (int i = 0; i < 10; i++)
		piece(&b, tx, NULL, sizeof tx, 1000000);
	bk72xx_deselect(&b.bk, b.now_ns);
	CHECK(id_seen(&b) == FLASH);
}

static void train_with_a_wrong_byte_is_refused(void)
{
	BEKEN(CHANCE_ALWAYS, 1);
	uint8_t tx[300];

	memset(tx, 0xd2, sizeof tx);
	tx[100] = 0xd3;
	pulse(&b, 10 * MS, 0);
	bk72xx_select(&b.bk, b.now_ns);
	piece(&b, tx, NULL, sizeof tx, 1000000);
	bk72xx_deselect(&b.bk, b.now_ns);
	CHECK(id_seen(&b) == DEAF);
}

static void window_opens_and_closes(void)
{
	static const struct {
		uint64_t pause_us;
		bool taken;
	} cases[] = { { 4999, false }, { 5000, true }, { 20000, true }, { 20001, false } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BEKEN(CHANCE_ALWAYS, 1);

		b.bk.params.window_open_us = 5000;
		b.bk.params.window_close_us = 20000;
		pulse(&b, 10 * MS, cases[i].pause_us * US);
		train(&b, 250);
		CHECK((id_seen(&b) == FLASH) == cases[i].taken);
	}
}

static void pulse_that_is_too_short_resets_nothing(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	pulse(&b, MS / 2, 0);
	train(&b, 250);
	CHECK(id_seen(&b) == DEAF);
	pulse(&b, MS, 0);
	train(&b, 250);
	CHECK(id_seen(&b) == FLASH);
	pulse(&b, MS / 2, 0);
	CHECK(id_seen(&b) == FLASH && b.bk.resets == 3);
}

static void reset_leaves_spi_mode(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	pulse(&b, 10 * MS, 0);
	train(&b, 250);
	CHECK(id_seen(&b) == FLASH);
	pulse(&b, 10 * MS, 0);
	CHECK(id_seen(&b) == DEAF);
}

static void miso_is_low_while_cen_is_low(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	bk72xx_cen(&b.bk, false, 0);
	CHECK(id_seen(&b) == 0);
}

static void faster_train_than_the_part_can_is_refused(void)
{
	BEKEN(CHANCE_ALWAYS, 1);
	uint8_t rx[8];

	b.bk.params.train_max_hz = 4000000;
	pulse(&b, 10 * MS, 0);
	train_at(&b, 250, 5000000, rx);
	CHECK(id_seen(&b) == DEAF);
	train_at(&b, 250, 4000000, rx);
	CHECK(id_seen(&b) == FLASH);
}

static void echo_is_there_for_failed_trains_too(void)
{
	BEKEN(0, 1);
	uint8_t rx[8];
	int usual = 0, late = 0;

	for (int i = 0; i < 200; i++) {
		pulse(&b, 10 * MS, 0);
		train_at(&b, 250, 1000000, rx);
		usual += memcmp(rx, "\xd2\0\0\0\0\0\0\0", 8) == 0;
		late += memcmp(rx, "\x52\xd2\xd2\xd2\xd2\0\0\0", 8) == 0;
		CHECK(id_seen(&b) == DEAF);
	}
	CHECK(usual + late == 200 && late > 5 && late < 60);
}

static void a_boot_has_one_chance(void)
{
	BEKEN(CHANCE_ALWAYS / 2, 3);
	int opened = 0;

	for (int i = 0; i < 200; i++) {
		pulse(&b, 10 * MS, 0);
		for (int k = 0; k < 10; k++)
			train(&b, 250);
		opened += id_seen(&b) == FLASH;
	}
	CHECK(opened > 70 && opened < 130);
	CHECK(b.bk.trains == 200);
}

/* How many resets until the flash is there. */
static int attempts(uint64_t success, uint64_t seed)
{
	BEKEN(success, seed);
	int n = 0;

	do {
		pulse(&b, 10 * MS, 0);
		train(&b, 250);
		n++;
	} while (id_seen(&b) != FLASH && n < 100000);
	return n;
}

static void chance_comes_from_the_seed(void)
{
	const uint64_t rare = CHANCE_ALWAYS / 400;
	uint64_t sum = 0;

	for (uint64_t seed = 0; seed < 60; seed++) {
		const int n = attempts(rare, seed);

		CHECK(n == attempts(rare, seed));
		sum += (uint64_t)n;
	}
	CHECK(sum / 60 > 280 && sum / 60 < 560);
}

static const struct check all[] = {
	{ "reset and train open the flash", reset_and_train_open_the_flash },
	{ "what public programs do is accepted", what_public_programs_do_is_accepted },
	{ "deaf without reset", deaf_without_reset },
	{ "deaf without train", deaf_without_train },
	{ "short train is refused", short_train_is_refused },
	{ "train split over chip selects is refused", train_split_over_chip_selects_is_refused },
	{ "train in pieces under one chip select counts",
	  train_in_pieces_under_one_chip_select_counts },
	{ "train with a wrong byte is refused", train_with_a_wrong_byte_is_refused },
	{ "window opens and closes", window_opens_and_closes },
	{ "pulse that is too short resets nothing", pulse_that_is_too_short_resets_nothing },
	{ "reset leaves spi mode", reset_leaves_spi_mode },
	{ "miso is low while cen is low", miso_is_low_while_cen_is_low },
	{ "faster train than the part can is refused", faster_train_than_the_part_can_is_refused },
	{ "echo is there for failed trains too", echo_is_there_for_failed_trains_too },
	{ "a boot has one chance", a_boot_has_one_chance },
	{ "chance comes from the seed", chance_comes_from_the_seed },
};
CHECK_MAIN(all)
