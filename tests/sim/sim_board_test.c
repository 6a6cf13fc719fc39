#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "sim_board.h"
#include "sim_rig.h"

/* ---- time and counters */

static void message_costs_its_bytes_and_20_us(void)
{
	static const struct {
		uint32_t hz;
		size_t len;
		uint64_t ns;
	} cases[] = { { 8000000, 1, 21000 },
		      { 8000000, 4096, 20000 + 4096 * 1000 },
		      { 1000000, 100, 20000 + 100 * 8000 },
		      { 30000, 3, 20000 + 800000 } };
	BOARD(bare);
	static uint8_t buf[4096];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct spi_seg seg = { .tx = buf, .len = cases[i].len };
		const uint64_t start_ns = clock_now_ns(b->clock);
		struct err e;

		CHECK_OK(spi_setup(b->spi, &(struct spi_setup){ .hz = cases[i].hz }, &e), e);
		CHECK_OK(spi_xfer(b->spi, &seg, 1, &e), e);
		CHECK(clock_now_ns(b->clock) - start_ns == cases[i].ns);
	}
}

static void commands_in_one_message_cost_20_us_together(void)
{
	BOARD(bare);
	const uint8_t id = 0x9f;
	const struct spi_seg seg[] = { { .tx = &id, .len = 1, .cs_up = true },
				       { .tx = &id, .len = 1, .cs_up = true },
				       { .tx = &id, .len = 1 } };
	struct sim_counters counters;
	struct err e;

	CHECK_OK(spi_xfer(b->spi, seg, 3, &e), e);
	CHECK(clock_now_ns(b->clock) == 20000 + 3 * 1000);
	sim_board_counters(b, &counters);
	CHECK(counters.messages == 1 && counters.selects == 3 && counters.bytes == 3);
	CHECK(counters.wire_ns == 3000);
}

static void program_in_a_message_is_busy_for_the_poll_behind_it(void)
{
	BOARD(bare);
	const uint8_t wren = 0x06, page[] = { 0x02, 0, 0, 0, 0x55 }, rdsr = 0x05;
	uint8_t status = 0;
	const struct spi_seg seg[] = { { .tx = &wren, .len = 1, .cs_up = true },
				       { .tx = page, .len = 5, .cs_up = true },
				       { .tx = &rdsr, .len = 1 },
				       { .rx = &status, .len = 1 } };
	struct err e;

	CHECK_OK(spi_xfer(b->spi, seg, 4, &e), e);
	CHECK(status == 0x03 && byte_at(b, 0) == 0x55);
}

static void counters_count_what_happened(void)
{
	BOARD(bare);
	struct sim_counters c;
	const uint64_t start_ns = clock_now_ns(b->clock);

	(void)send(b, (const uint8_t[]){ 0x06 }, 1);
	(void)send(b, (const uint8_t[]){ 0x02, 0, 0, 0, 1 }, 5);
	clock_sleep_ns(b->clock, MS);
	(void)send(b, (const uint8_t[]){ 0x06 }, 1);
	(void)send(b, (const uint8_t[]){ 0x20, 0, 0, 0 }, 4);
	clock_sleep_ns(b->clock, 100 * MS);
	wait_ready(b);
	sim_board_counters(b, &c);
	CHECK(c.bytes == 1 + 5 + 1 + 4 + 2 && c.selects == 5 && c.messages == 5);
	CHECK(c.polls == 1 && c.programs == 1 && c.erases == 1);
	CHECK(c.wire_ns == 13 * (uint64_t)1000);
	CHECK(c.busy_ns > 54 * MS && c.busy_ns < 67 * MS);
	CHECK(clock_now_ns(b->clock) - start_ns == 101 * MS + 113000);
}

static void busy_time_passes_by_the_clock_alone(void)
{
	BOARD(bare);
	struct sim_counters c;
	uint64_t start_ns;

	(void)send(b, (const uint8_t[]){ 0x06 }, 1);
	(void)send(b, (const uint8_t[]){ 0x20, 0, 0, 0 }, 4);
	start_ns = clock_now_ns(b->clock);
	wait_ready(b);
	sim_board_counters(b, &c);
	CHECK(clock_now_ns(b->clock) - start_ns >= c.busy_ns);
	CHECK(clock_now_ns(b->clock) - start_ns <= c.busy_ns + 44000);
}

static void real_time_is_kept_on_average(void)
{
	struct sim_board_config config = bare;
	uint8_t rx[96];
	const uint64_t want_ns = 12 * MS; /* 100 times 20 us and 100 bytes */
	uint64_t start_ns, took_ns;
	struct err e;

	config.real_time = true;
	BOARD(config);
	start_ns = clock_now_ns(b->clock);
	for (int i = 0; i < 100; i++)
		CHECK_OK(spi_command(b->spi, (const uint8_t[]){ 3, 0, 0, 0 }, 4, rx, 96, &e), e);
	took_ns = clock_now_ns(b->clock) - start_ns;
	CHECK(took_ns + MS >= want_ns);
	CHECK(took_ns < want_ns * 100); /* of a machine that has more to do */
}

static void largest_message_is_as_configured(void)
{
	struct sim_board_config config = bare;

	config.max_len = 65536;
	BOARD(config);
	CHECK(b->spi->max_len == 65536 && b->spi->max_segs == 511);
	AUTO(auto_board_close) struct board *usual = open_board(&bare);
	CHECK(usual->spi->max_len == 4096);
}

/* ---- the board */

static void beken_board_needs_reset_and_train(void)
{
	BOARD(beken);
	uint8_t train[250];
	struct sim_counters c;
	struct err e;

	memset(train, 0xd2, sizeof train);
	CHECK(id_seen(b) == 0xffffff);
	CHECK_OK(line_set(b->cen, false, &e), e);
	clock_sleep_ns(b->clock, 10 * MS);
	CHECK_OK(line_set(b->cen, true, &e), e);
	CHECK(send(b, train, sizeof train) == 0);
	CHECK(id_seen(b) == 0x0b4014);
	sim_board_counters(b, &c);
	CHECK(c.resets == 1 && c.trains == 1);
}

static void cen_rests_when_nobody_drives_it(void)
{
	BOARD(beken);
	struct err e;

	CHECK(sim_board_at_rest(b));
	CHECK_OK(line_set(b->cen, true, &e), e);
	CHECK(!sim_board_at_rest(b));
	CHECK_OK(board_rest(b, &e), e);
	CHECK(sim_board_at_rest(b));
}

static void resting_cen_lets_the_chip_boot(void)
{
	BOARD(beken);
	struct err e;

	CHECK_OK(line_set(b->cen, false, &e), e);
	CHECK(id_seen(b) == 0x000000);
	CHECK_OK(line_rest(b->cen, &e), e);
	CHECK(id_seen(b) == 0xffffff);
}

static void bare_board_has_no_cen(void)
{
	BOARD(bare);

	CHECK(!b->cen && !b->power && sim_board_at_rest(b));
	CHECK(id_seen(b) == 0x0b4014);
}

static void unique_id_and_protection_are_as_configured(void)
{
	struct sim_board_config config = bare;
	uint8_t rx[8];
	struct err e;

	config.has_unique_id = true;
	memcpy(config.unique_id, "ABCDEFGH", 8);
	config.protect = 0x1c;
	BOARD(config);
	CHECK_OK(spi_command(b->spi, (const uint8_t[]){ 0x4b, 0, 0, 0, 0 }, 5, rx, 8, &e), e);
	CHECK(memcmp(rx, "ABCDEFGH", 8) == 0);
	program(b, 0x00);
	CHECK(byte_at(b, 0) == 0xff);
}

static void srp_in_the_protection_locks_the_registers(void)
{
	struct sim_board_config config = bare;
	uint8_t status = 0;
	struct err e;

	config.protect = 0x9c;
	BOARD(config);
	(void)send(b, (const uint8_t[]){ 0x06 }, 1);
	(void)send(b, (const uint8_t[]){ 0x01, 0x00 }, 2);
	wait_ready(b);
	CHECK_OK(spi_command(b->spi, (const uint8_t[]){ 0x05 }, 1, &status, 1, &e), e);
	CHECK(status == 0x9c);
}

/* 15 s for 4 MiB of this family; this one has 1 MiB. */
static void chip_erase_takes_its_size_times_its_family(void)
{
	BOARD(bare);
	struct sim_counters c;

	program(b, 0x00);
	(void)send(b, (const uint8_t[]){ 0x06 }, 1);
	(void)send(b, (const uint8_t[]){ 0xc7 }, 1);
	sim_board_counters(b, &c);
	CHECK(byte_at(b, 0) == 0xff && c.erases == 1);
	CHECK(c.busy_ns > 3300 * MS && c.busy_ns < 4200 * MS);
}

/* How many attempts until the flash is there, by the seed. */
static int attempts(uint64_t seed)
{
	struct sim_board_config config = beken;
	uint8_t train[250];
	struct err e;
	int n = 0;

	config.entry_success = 0.05;
	config.faults.seed = seed;
	BOARD(config);
	memset(train, 0xd2, sizeof train);
	while (id_seen(b) != 0x0b4014 && n++ < 10000) {
		if (line_set(b->cen, false, &e) < 0)
			return -1;
		clock_sleep_ns(b->clock, 10 * MS);
		if (line_set(b->cen, true, &e) < 0 || send(b, train, sizeof train) < 0)
			return -1;
	}
	return n;
}

static void entry_chance_comes_from_the_seed(void)
{
	CHECK(attempts(1) == attempts(1));
	CHECK(attempts(1) != attempts(2) || attempts(2) != attempts(3));
}

static const struct check all[] = {
	{ "message costs its bytes and 20 us", message_costs_its_bytes_and_20_us },
	{ "commands in one message cost 20 us together",
	  commands_in_one_message_cost_20_us_together },
	{ "program in a message is busy for the poll behind it",
	  program_in_a_message_is_busy_for_the_poll_behind_it },
	{ "counters count what happened", counters_count_what_happened },
	{ "busy time passes by the clock alone", busy_time_passes_by_the_clock_alone },
	{ "real time is kept on average", real_time_is_kept_on_average },
	{ "largest message is as configured", largest_message_is_as_configured },
	{ "beken board needs reset and train", beken_board_needs_reset_and_train },
	{ "cen rests when nobody drives it", cen_rests_when_nobody_drives_it },
	{ "resting cen lets the chip boot", resting_cen_lets_the_chip_boot },
	{ "bare board has no cen", bare_board_has_no_cen },
	{ "unique id and protection are as configured",
	  unique_id_and_protection_are_as_configured },
	{ "srp in the protection locks the registers", srp_in_the_protection_locks_the_registers },
	{ "chip erase takes its size times its family",
	  chip_erase_takes_its_size_times_its_family },
	{ "entry chance comes from the seed", entry_chance_comes_from_the_seed },
};
CHECK_MAIN(all)
