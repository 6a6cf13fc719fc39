/* Wires, supply and parts of simulated boards, as their buses and lines show them. */
#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "sim_board.h"
#include "sim_part.h"
#include "sim_rig.h"

static void wiring_shows_on_a_bare_flash(void)
{
	static const struct {
		enum sim_wiring wiring;
		uint32_t id;
	} cases[] = { { SIM_WIRED, 0x0b4014 },    { SIM_MISO_OPEN, 0xffffff },
		      { SIM_MISO_LOW, 0 },        { SIM_BRIDGED, 0 },
		      { SIM_SWAPPED, 0xffffff },  { SIM_MOSI_OPEN, 0xffffff },
		      { SIM_CEN_OPEN, 0x0b4014 }, { SIM_NO_POWER, 0xffffff } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sim_board_config config = bare;

		config.wiring = cases[i].wiring;
		BOARD(config);
		CHECK(id_seen(b) == cases[i].id);
	}
}

static void noise_is_other_bytes_each_time(void)
{
	struct sim_board_config config = bare;

	config.wiring = SIM_MISO_NOISE;
	BOARD(config);
	CHECK(id_seen(b) != id_seen(b));
}

static int pulse_and_train(struct board *b)
{
	uint8_t train[250];
	struct err e;

	memset(train, 0xd2, sizeof train);
	if (line_set(b->cen, false, &e) < 0)
		return -1;
	clock_sleep_ns(b->clock, 10 * MS);
	return line_set(b->cen, true, &e) < 0 ? -1 : send(b, train, sizeof train);
}

static void open_cen_resets_nothing(void)
{
	struct sim_board_config config = beken;
	struct sim_counters c;

	config.wiring = SIM_CEN_OPEN;
	BOARD(config);
	CHECK(pulse_and_train(b) == 0);
	CHECK(id_seen(b) == 0xffffff && !sim_board_at_rest(b));
	sim_board_counters(b, &c);
	CHECK(c.resets == 0 && c.trains == 0);
}

static void board_without_power_line_has_power(void)
{
	BOARD(beken);

	CHECK(!b->power);
	CHECK(pulse_and_train(b) == 0 && id_seen(b) == 0x0b4014);
}

static void power_line_decides(void)
{
	struct sim_board_config config = beken;
	struct err e;

	config.power_line = true;
	BOARD(config);
	CHECK(pulse_and_train(b) == 0 && id_seen(b) == 0xffffff);
	CHECK_OK(line_set(b->power, true, &e), e);
	CHECK(pulse_and_train(b) == 0 && id_seen(b) == 0x0b4014);
	CHECK(!sim_board_at_rest(b));
	CHECK_OK(board_rest(b, &e), e);
	CHECK(id_seen(b) == 0xffffff && sim_board_at_rest(b));
}

static void content_outlives_the_power(void)
{
	struct sim_board_config config = bare;
	struct err e;

	config.power_line = true;
	BOARD(config);
	CHECK(id_seen(b) == 0xffffff);
	CHECK_OK(line_set(b->power, true, &e), e);
	program(b, 0x42);
	CHECK_OK(line_set(b->power, false, &e), e);
	CHECK(id_seen(b) == 0xffffff);
	CHECK_OK(line_set(b->power, true, &e), e);
	CHECK(id_seen(b) == 0x0b4014 && byte_at(b, 0) == 0x42);
}

static void unconnected_supply_brings_no_power(void)
{
	struct sim_board_config config = beken;
	struct err e;

	config.power_line = true;
	config.wiring = SIM_NO_POWER;
	BOARD(config);
	CHECK_OK(line_set(b->power, true, &e), e);
	CHECK(pulse_and_train(b) == 0 && id_seen(b) == 0xffffff);
}

/* Drives BEKEN knobs of the configuration into the model: one that shows in a single attempt each. */
static void knobs_of_the_part_reach_it(void)
{
	static const struct sim_beken refusing[] = { { .reset_min_us = 11000 },
						     { .window_open_us = 1000 },
						     { .train_min = 251 },
						     { .train_max_hz = 4000000 },
						     { .modes = SIM_MODE_3_ONLY } };
	static const struct sim_beken accepting[] = {
		{ .reset_min_us = 10000 }, { .window_close_us = 1000 }, { .train_min = 250 },
		{ .train_max_hz = MHZ8 },  { .flash_max_hz = MHZ8 },    { .modes = SIM_MODE_0_ONLY }
	};

	for (size_t i = 0; i < ARRAY_LEN(refusing); i++) {
		struct sim_board_config config = beken;

		config.beken = refusing[i];
		BOARD(config);
		CHECK(pulse_and_train(b) == 0 && id_seen(b) == 0xffffff);
	}
	for (size_t i = 0; i < ARRAY_LEN(accepting); i++) {
		struct sim_board_config config = beken;

		config.beken = accepting[i];
		BOARD(config);
		CHECK(pulse_and_train(b) == 0 && id_seen(b) == 0x0b4014);
	}
}

/* ---- parts */

static void parts_program_as_the_table_says(void)
{
	const struct nor_part *aai = nor_part_by_id(0xbf254a), *page = nor_part_by_id(0xef4016);
	struct chip_part chip;

	CHECK(aai && page);
	chip = sim_part(aai);
	CHECK(chip.program == CHIP_PROGRAM_AAI && chip.needs_ewsr && chip.no_sfdp);
	chip = sim_part(page);
	CHECK(chip.program == CHIP_PROGRAM_PAGE && !chip.needs_ewsr && !chip.no_sfdp);
}

static void every_part_of_the_table_makes_a_chip(void)
{
	size_t n, odd = 0;
	const struct nor_part *parts = nor_parts(&n);

	for (size_t i = 0; i < n; i++) {
		const struct chip_part chip = sim_part(&parts[i]);

		CHECK(chip.size > 0 && (chip.size & (chip.size - 1)) == 0);
		CHECK(chip.page > 0 && chip.page <= CHIP_PAGE_MAX);
		CHECK(chip.has_bp3 == (chip.size > 0x1000000));
		odd += chip.program != CHIP_PROGRAM_PAGE;
	}
	CHECK(odd > 5);
}

static const struct check all[] = {
	{ "wiring shows on a bare flash", wiring_shows_on_a_bare_flash },
	{ "noise is other bytes each time", noise_is_other_bytes_each_time },
	{ "open cen resets nothing", open_cen_resets_nothing },
	{ "board without power line has power", board_without_power_line_has_power },
	{ "power line decides", power_line_decides },
	{ "content outlives the power", content_outlives_the_power },
	{ "unconnected supply brings no power", unconnected_supply_brings_no_power },
	{ "knobs of the part reach it", knobs_of_the_part_reach_it },
	{ "parts program as the table says", parts_program_as_the_table_says },
	{ "every part of the table makes a chip", every_part_of_the_table_makes_a_chip },
};
CHECK_MAIN(all)
