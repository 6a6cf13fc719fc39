/* What makes a Beken part hard to get into: windows that move, modes, clocks, supplies, wires. */
#include <stdint.h>

#include "bk72xx_rig.h"
#include "check.h"
#include "wires.h"

#define MHZ 1000000u

static struct bk72xx_params always(void)
{
	struct bk72xx_params params = bk72xx_defaults();

	params.success = CHANCE_ALWAYS;
	return params;
}

#define BEKEN_WITH(params, seed) \
	AUTO(beken_done) struct beken b; \
	beken_init_with(&b, &(params), seed)

/* How many of 200 boots take a train that begins so long after CEN's rise. */
static int taken_at(struct beken *b, uint64_t pause_us)
{
	int taken = 0;

	for (int i = 0; i < 200; i++) {
		pulse(b, 10 * MS, pause_us * US);
		train(b, 250);
		taken += id_seen(b) == FLASH;
	}
	return taken;
}

static void window_moves_from_boot_to_boot(void)
{
	struct bk72xx_params params = always();

	params.window_open_us = 5000;
	params.window_close_us = 9000;
	params.window_jitter_us = 1000;
	BEKEN_WITH(params, 1);
	CHECK(taken_at(&b, 3900) == 0 && taken_at(&b, 10100) == 0);
	CHECK(taken_at(&b, 6100) == 200 && taken_at(&b, 7900) == 200);
	CHECK(taken_at(&b, 5000) > 60 && taken_at(&b, 5000) < 140);
	CHECK(taken_at(&b, 9000) > 60 && taken_at(&b, 9000) < 140);
}

static void window_that_stands_still_does_not_change_the_luck(void)
{
	struct bk72xx_params params = always();
	uint64_t chance;

	params.success = CHANCE_ALWAYS / 2;
	BEKEN_WITH(params, 9);
	pulse(&b, 10 * MS, 0);
	chance = 9;
	(void)chance_next(&chance);
	(void)chance_next(&chance);
	CHECK(b.bk.chance == chance);
}

static void only_one_mode_may_be_heard(void)
{
	static const struct {
		enum bk72xx_modes modes;
		bool mode_0, mode_3;
	} cases[] = { { BK72XX_MODES_BOTH, true, true },
		      { BK72XX_MODE_0_ONLY, true, false },
		      { BK72XX_MODE_3_ONLY, false, true } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (uint8_t mode = 0; mode <= 3; mode += 3) {
			struct bk72xx_params params = always();
			uint8_t rx[8];

			params.modes = cases[i].modes;
			BEKEN_WITH(params, 1);
			pulse(&b, 10 * MS, 0);
			train_in(&b, 250, MHZ, mode, rx);
			CHECK((id_seen(&b) == FLASH) == (mode ? cases[i].mode_3 : cases[i].mode_0));
		}
	}
}

static void train_that_is_too_fast_shows_a_broken_echo(void)
{
	struct bk72xx_params params = always();
	int echoes = 0, deaf = 0;

	params.train_max_hz = 1000000;
	BEKEN_WITH(params, 1);
	for (int i = 0; i < 100; i++) {
		uint8_t rx[8];

		pulse(&b, 10 * MS, 0);
		train_at(&b, 250, 1200000, rx);
		echoes += rx[0] == 0xd2;
		deaf += id_seen(&b) == DEAF;
	}
	CHECK(deaf == 100 && echoes > 50 && b.bk.trains == 0);
}

static void flash_that_is_read_too_fast_answers_wrong(void)
{
	struct bk72xx_params params = always();
	int wrong = 0;

	params.flash_max_hz = 4000000;
	BEKEN_WITH(params, 1);
	pulse(&b, 10 * MS, 0);
	train(&b, 250);
	for (int i = 0; i < 100; i++) {
		CHECK(id_seen_at(&b, 4000000) == FLASH);
		wrong += id_seen_at(&b, 8000000) != FLASH;
	}
	CHECK(wrong > 50 && wrong < 100);
}

static void late_echo_can_be_the_rule_or_never(void)
{
	for (uint32_t late = 0; late <= 1; late++) {
		struct bk72xx_params params = always();

		params.success = 0;
		params.late_echo = late;
		BEKEN_WITH(params, 1);
		for (int i = 0; i < 50; i++) {
			uint8_t rx[8];

			pulse(&b, 10 * MS, 0);
			train_at(&b, 250, MHZ, rx);
			CHECK(rx[0] == (late ? 0x52 : 0xd2));
			CHECK(rx[1] == (late ? 0xd2 : 0x00));
		}
	}
}

static void busy_firmware_moves_miso_until_cen_is_low(void)
{
	struct bk72xx_params params = always();
	uint8_t rx[64];
	int high = 0;

	params.firmware_busy = true;
	BEKEN_WITH(params, 1);
	piece(&b, NULL, rx, sizeof rx, 100000);
	for (size_t i = 0; i < sizeof rx; i++)
		high += rx[i] == 0xff;
	CHECK(high > 10 && high < 54);
	bk72xx_cen(&b.bk, false, b.now_ns);
	piece(&b, NULL, rx, sizeof rx, 100000);
	for (size_t i = 0; i < sizeof rx; i++)
		CHECK(rx[i] == 0x00);
}

static void power_up_is_a_boot(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	bk72xx_power(&b.bk, false, 0);
	CHECK(id_seen(&b) == DEAF);
	bk72xx_power(&b.bk, true, b.now_ns);
	train(&b, 250);
	CHECK(id_seen(&b) == FLASH && b.bk.resets == 0);
}

static void power_down_ends_spi_mode_and_keeps_the_content(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	rig_fill(&b.rig, 0x100, 0x42, 1);
	pulse(&b, 10 * MS, 0);
	train(&b, 250);
	CHECK(id_seen(&b) == FLASH);
	bk72xx_power(&b.bk, false, b.now_ns);
	CHECK(id_seen(&b) == DEAF);
	bk72xx_power(&b.bk, true, b.now_ns);
	CHECK(id_seen(&b) == DEAF);
	CHECK(rig_byte(&b.rig, 0x100) == 0x42);
}

static void cen_does_nothing_without_power(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	bk72xx_power(&b.bk, false, 0);
	pulse(&b, 10 * MS, 0);
	train(&b, 250);
	CHECK(id_seen(&b) == DEAF && b.bk.resets == 0 && b.bk.trains == 0);
}

static void power_that_comes_while_cen_is_low_waits_for_it(void)
{
	BEKEN(CHANCE_ALWAYS, 1);

	bk72xx_power(&b.bk, false, 0);
	bk72xx_cen(&b.bk, false, 0);
	bk72xx_power(&b.bk, true, 0);
	CHECK(id_seen(&b) == 0);
	b.now_ns += 10 * MS;
	bk72xx_cen(&b.bk, true, b.now_ns);
	train(&b, 250);
	CHECK(id_seen(&b) == FLASH);
}

/* ---- wires */

static void each_fault_shows_its_bytes(void)
{
	static const struct {
		enum wires_fault fault;
		uint8_t rx[3];
	} cases[] = {
		{ WIRES_GOOD, { 0x12, 0x34, 0x56 } },    { WIRES_MISO_OPEN, { 0xff, 0xff, 0xff } },
		{ WIRES_MISO_LOW, { 0, 0, 0 } },         { WIRES_BRIDGED, { 0x9f, 1, 2 } },
		{ WIRES_SWAPPED, { 0xff, 0xff, 0xff } }, { WIRES_MOSI_OPEN, { 0x12, 0x34, 0x56 } }
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct wires wires = { .fault = cases[i].fault };
		uint8_t rx[3] = { 0x12, 0x34, 0x56 };

		wires_spoil(&wires, &(struct chip_piece){ .tx = (const uint8_t[]){ 0x9f, 1, 2 },
							  .rx = rx,
							  .len = 3 });
		CHECK(memcmp(rx, cases[i].rx, 3) == 0);
	}
}

static void noise_comes_from_the_seed(void)
{
	struct wires a = { .fault = WIRES_MISO_NOISE, .chance = 1 }, b = a;
	uint8_t first[32], second[32], third[32];

	wires_spoil(&a, &(struct chip_piece){ .rx = first, .len = 32 });
	wires_spoil(&b, &(struct chip_piece){ .rx = second, .len = 32 });
	wires_spoil(&b, &(struct chip_piece){ .rx = third, .len = 32 });
	CHECK(memcmp(first, second, 32) == 0 && memcmp(first, third, 32) != 0);
}

static void board_behind_open_mosi_hears_zeros(void)
{
	const struct wires good = { .fault = WIRES_GOOD }, open = { .fault = WIRES_MOSI_OPEN };
	const struct chip_piece piece = { .tx = (const uint8_t[]){ 1 }, .len = 1 };

	CHECK(wires_heard(&good, &piece).tx == piece.tx && !wires_heard(&open, &piece).tx);
}

static int flipped(uint32_t hz, uint32_t max_hz)
{
	uint64_t chance = 3;
	int n = 0;

	for (int i = 0; i < 10000; i++)
		n += wires_too_fast(&chance, hz, max_hz, 0x55) != 0x55;
	return n;
}

static void bits_flip_the_more_the_faster_it_is(void)
{
	CHECK(flipped(MHZ, 0) == 0 && flipped(MHZ, MHZ) == 0);
	CHECK(flipped(MHZ + MHZ / 10, MHZ) > 800 && flipped(MHZ + MHZ / 10, MHZ) < 1200);
	CHECK(flipped(2 * MHZ, MHZ) > 4800 && flipped(2 * MHZ, MHZ) < 5200);
	CHECK(flipped(UINT32_MAX, 1) > 4800);
}

static const struct check all[] = {
	{ "window moves from boot to boot", window_moves_from_boot_to_boot },
	{ "window that stands still does not change the luck",
	  window_that_stands_still_does_not_change_the_luck },
	{ "only one mode may be heard", only_one_mode_may_be_heard },
	{ "train that is too fast shows a broken echo",
	  train_that_is_too_fast_shows_a_broken_echo },
	{ "flash that is read too fast answers wrong", flash_that_is_read_too_fast_answers_wrong },
	{ "late echo can be the rule or never", late_echo_can_be_the_rule_or_never },
	{ "busy firmware moves miso until cen is low", busy_firmware_moves_miso_until_cen_is_low },
	{ "power up is a boot", power_up_is_a_boot },
	{ "power down ends spi mode and keeps the content",
	  power_down_ends_spi_mode_and_keeps_the_content },
	{ "cen does nothing without power", cen_does_nothing_without_power },
	{ "power that comes while cen is low waits for it",
	  power_that_comes_while_cen_is_low_waits_for_it },
	{ "each fault shows its bytes", each_fault_shows_its_bytes },
	{ "noise comes from the seed", noise_comes_from_the_seed },
	{ "board behind open mosi hears zeros", board_behind_open_mosi_hears_zeros },
	{ "bits flip the more the faster it is", bits_flip_the_more_the_faster_it_is },
};
CHECK_MAIN(all)
