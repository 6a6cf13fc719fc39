/* Getting into a BK72xx: what an attempt costs, and what a board that is known takes. */
#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "beken_memory.h"
#include "sim_board.h"

#define SEEDS       101
#define MIDDLE      ((size_t)SEEDS / 2)
#define CHANCE      0.0025 /* one unit of a doorbell needed 398 attempts */
#define BAR_MS      60.0
#define BAR_LEARNED 2.0

static const struct nor_part part = {
	.jedec_id = 0x0b4016,
	.vendor = "XTX",
	.names = "XT25F32B",
	.size = 0x400000,
	.page = 256,
	.address_bytes = 3,
};

static const struct sim_board_config easy = { .part = &part,
					      .entry_success = 1.0,
					      .max_hz = 8000000 };

/* A window of 6 ms that opens late and moves, in one mode, for slow trains only. */
static const struct sim_beken hard = {
	.reset_min_us = 15000,
	.window_open_us = 9000,
	.window_close_us = 15000,
	.window_jitter_us = 1000,
	.train_max_hz = 600000,
	.modes = SIM_MODE_0_ONLY,
};

static int enter(const struct sim_board_config *config, struct beken_memory *memory,
		 struct beken_entry *entry, struct err *e)
{
	const struct beken_limits limits = { .max_hz = config->max_hz, .memory = memory };
	AUTO(auto_board_close) struct board *board = sim_board_open(config, e);

	return board ? beken_spi_enter(board, &limits, NULL, entry, e) : -1;
}

static bool row(const char *what, double measured, double bar)
{
	printf("bench: entry, %s | %.1f | bound %.0f\n", what, measured, bar);
	return measured <= bar;
}

static void attempts_are_short(void)
{
	struct sim_board_config config = easy;
	uint64_t attempts = 0, ns = 0;
	struct beken_entry entry;
	struct err e;

	config.entry_success = CHANCE;
	for (config.faults.seed = 1; config.faults.seed <= SEEDS; config.faults.seed++) {
		CHECK_OK(enter(&config, NULL, &entry, &e), e);
		attempts += entry.attempts;
		ns += entry.ns;
	}
	CHECK(attempts / SEEDS > 200);
	CHECK(row("chance 0.0025: mean ms per attempt", (double)ns / (double)attempts / CLOCK_MS,
		  BAR_MS));
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Two entries into the same kind of board: attempts of the first and of the one after it. */
static int enter_twice(uint64_t seed, uint32_t *first, uint32_t *second, struct err *e)
{
	struct sim_board_config config = easy;
	struct beken_entry entry;
	struct beken_ram ram;

	beken_ram_init(&ram, NULL);
	config.beken = hard;
	config.faults.seed = seed;
	if (enter(&config, &ram.base, &entry, e) < 0)
		return -1;
	*first = entry.attempts;
	config.faults.seed = seed + 10 * SEEDS;
	if (enter(&config, &ram.base, &entry, e) < 0)
		return -1;
	*second = entry.attempts;
	return 0;
}

static void known_boards_are_quick(void)
{
	uint32_t first[SEEDS], second[SEEDS];
	const size_t middle = SEEDS / 2;
	struct err e;

	for (size_t i = 0; i < SEEDS; i++)
		CHECK_OK(enter_twice(i + 1, &first[i], &second[i], &e), e);
	qsort(first, SEEDS, sizeof *first, by_number);
	qsort(second, SEEDS, sizeof *second, by_number);
	CHECK(row("narrow window, nothing known: median attempts", first[middle], 100));
	CHECK(first[middle] > BAR_LEARNED);
	CHECK(row("with a learned window: median attempts", second[middle], BAR_LEARNED));
}

static const struct check all[] = {
	{ "attempts are short", attempts_are_short },
	{ "known boards are quick", known_boards_are_quick },
};
CHECK_MAIN(all)
