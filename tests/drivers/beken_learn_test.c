/* Entries into simulated boards that are hard to get into, and what is learned from them. */
#include "check.h"

#include "beken_memory.h"
#include "beken_sim.h"

#define SEEDS 25

static struct beken_entry entry;
static struct beken_ram ram;
static struct err e;

static bool enters(const struct sim_board_config *config, struct beken_memory *memory)
{
	AUTO(auto_board_close) struct board *board = beken_sim_open(config);
	const struct beken_limits limits = { .timeout_ns = 300ull * CLOCK_S,
					     .max_hz = config->max_hz,
					     .memory = memory };

	if (beken_spi_enter(board, &limits, NULL, &entry, &e) == 0)
		return true;
	fprintf(stderr, "seed %llu: %s\n", (unsigned long long)config->faults.seed, e.text);
	return false;
}

static uint32_t middle(uint32_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i; k > 0 && values[k] < values[k - 1]; k--) {
			const uint32_t value = values[k];

			values[k] = values[k - 1];
			values[k - 1] = value;
		}
	return values[n / 2];
}

/* A narrow window, late, that moves, for one mode and a slow clock. */
static struct sim_board_config hard_board(void)
{
	struct sim_board_config config = beken_sim_easy;

	config.beken = (struct sim_beken){ .reset_min_us = 15000,
					   .window_open_us = 9000,
					   .window_close_us = 14500,
					   .window_jitter_us = 1000,
					   .train_max_hz = 600000,
					   .modes = SIM_MODE_0_ONLY };
	return config;
}

static void hard_board_is_entered_from_nothing(void)
{
	struct sim_board_config config = hard_board();

	for (config.faults.seed = 1; config.faults.seed <= SEEDS; config.faults.seed++) {
		CHECK(enters(&config, NULL));
		CHECK(entry.params.mode == 0 && entry.params.hz <= 900000);
		CHECK(entry.params.pause_us >= 8000 && entry.params.pause_us <= 15500);
		CHECK(entry.attempts < 200);
	}
}

static void learned_window_needs_two_attempts_at_most(void)
{
	uint32_t first[SEEDS], second[SEEDS];
	struct sim_board_config config = hard_board();

	for (uint32_t i = 0; i < SEEDS; i++) {
		beken_ram_init(&ram, NULL);
		config.faults.seed = i + 1;
		CHECK(enters(&config, &ram.base));
		first[i] = entry.attempts;
		config.faults.seed = i + 1000;
		CHECK(enters(&config, &ram.base));
		second[i] = entry.attempts;
	}
	CHECK(middle(first, SEEDS) > 10);
	CHECK(middle(second, SEEDS) <= 2);
}

static void one_slot_learns_from_another_of_its_target(void)
{
	uint32_t attempts[SEEDS];
	struct sim_board_config config = hard_board();

	for (uint32_t i = 0; i < SEEDS; i++) {
		struct beken_ram target, here, there;

		beken_ram_init(&target, NULL);
		beken_ram_init(&here, &target);
		beken_ram_init(&there, &target);
		config.faults.seed = i + 1;
		CHECK(enters(&config, &here.base));
		CHECK(enters(&config, &there.base));
		attempts[i] = entry.attempts;
	}
	CHECK(middle(attempts, SEEDS) <= 2);
}

static void other_board_in_the_slot_is_entered_too(void)
{
	struct sim_board_config config = hard_board();

	beken_ram_init(&ram, NULL);
	CHECK(enters(&config, &ram.base));
	config.beken = (struct sim_beken){ .reset_min_us = 80000,
					   .window_open_us = 0,
					   .window_close_us = 400,
					   .modes = SIM_MODE_3_ONLY };
	CHECK(enters(&config, &ram.base));
	CHECK(entry.params.mode == 3 && entry.params.pause_us <= 400);
}

static void failed_entry_teaches_nothing_where_nobody_was_heard(void)
{
	struct sim_board_config config = hard_board();
	struct beken_known before, after;
	const struct beken_limits limits = { .max_attempts = 50,
					     .max_hz = config.max_hz,
					     .memory = &ram.base };

	beken_ram_init(&ram, NULL);
	CHECK(enters(&config, &ram.base));
	CHECK(beken_recall(&ram.base, BEKEN_SLOT, &before, 1) == 1);
	config.wiring = SIM_MISO_OPEN;
	AUTO(auto_board_close) struct board *board = beken_sim_open(&config);
	CHECK(beken_spi_enter(board, &limits, NULL, &entry, &e) == -1);
	CHECK(beken_recall(&ram.base, BEKEN_SLOT, &after, 1) == 1);
	CHECK(after.attempts == before.attempts && after.successes == before.successes);
}

static void entry_tells_of_every_attempt(void)
{
	struct sim_board_config config = beken_sim_easy;
	uint64_t attempts = 0, ns = 0, entered = 0;

	config.entry_success = 0.02;
	config.faults.seed = 5;
	CHECK(enters(&config, NULL));
	for (size_t i = 0; i < entry.sets; i++) {
		attempts += entry.tried[i].attempts;
		ns += entry.tried[i].ns;
		entered += entry.tried[i].entered;
		CHECK(entry.tried[i].echoes <= entry.tried[i].attempts);
	}
	CHECK(attempts == entry.attempts && ns == entry.ns && entered == 1);
	CHECK(!strcmp(entry.finding, "nothing") && entry.good_hz == config.max_hz);
}

static void equal_seeds_give_equal_entries(void)
{
	struct sim_board_config config = hard_board();
	struct beken_entry first;

	config.entry_success = 0.05;
	config.faults.seed = 77;
	CHECK(enters(&config, NULL));
	first = entry;
	CHECK(enters(&config, NULL));
	CHECK(first.attempts == entry.attempts && first.ns == entry.ns);
	CHECK(beken_params_equal(&first.params, &entry.params));
}

static void four_hundred_attempts_are_an_ordinary_case(void)
{
	struct sim_board_config config = beken_sim_easy;
	uint64_t attempts = 0, ns = 0;

	config.entry_success = 0.0025;
	for (config.faults.seed = 1; config.faults.seed <= SEEDS; config.faults.seed++) {
		CHECK(enters(&config, NULL));
		attempts += entry.attempts;
		ns += entry.ns;
	}
	CHECK(attempts / SEEDS > 200 && ns / attempts < 60ull * CLOCK_MS);
}

static void slow_flash_is_entered_when_the_slot_is_slow_too(void)
{
	struct sim_board_config config = beken_sim_easy;

	config.beken.flash_max_hz = 500000;
	config.max_hz = 500000;
	CHECK(enters(&config, NULL));
	CHECK(entry.good_hz == 500000);
}

static void reset_length_is_found(void)
{
	static const uint32_t needed_us[] = { 45000, 90000, 250000 };

	for (size_t i = 0; i < ARRAY_LEN(needed_us); i++) {
		struct sim_board_config config = beken_sim_easy;

		config.beken.reset_min_us = needed_us[i];
		CHECK(enters(&config, NULL));
		CHECK(entry.params.cen_low_us >= needed_us[i]);
	}
}

static void train_length_is_found(void)
{
	struct sim_board_config config = beken_sim_easy;

	config.beken.train_min = 900;
	CHECK(enters(&config, NULL));
	CHECK(entry.params.train >= 900);
}

static void power_line_is_used_and_content_stays(void)
{
	struct sim_board_config config = beken_sim_easy;
	const struct beken_limits limits = { .max_attempts = 20, .max_hz = config.max_hz };

	config.power_line = true;
	AUTO(auto_board_close) struct board *board = beken_sim_open(&config);
	for (int i = 0; i < 2; i++) {
		CHECK_OK(beken_spi_enter(board, &limits, NULL, &entry, &e), e);
		CHECK_OK(board_rest(board, &e), e);
	}
}

static const struct check all[] = {
	{ "hard board is entered from nothing", hard_board_is_entered_from_nothing },
	{ "learned window needs two attempts at most", learned_window_needs_two_attempts_at_most },
	{ "one slot learns from another of its target",
	  one_slot_learns_from_another_of_its_target },
	{ "other board in the slot is entered too", other_board_in_the_slot_is_entered_too },
	{ "failed entry teaches nothing where nobody was heard",
	  failed_entry_teaches_nothing_where_nobody_was_heard },
	{ "entry tells of every attempt", entry_tells_of_every_attempt },
	{ "equal seeds give equal entries", equal_seeds_give_equal_entries },
	{ "four hundred attempts are an ordinary case",
	  four_hundred_attempts_are_an_ordinary_case },
	{ "slow flash is entered when the slot is slow too",
	  slow_flash_is_entered_when_the_slot_is_slow_too },
	{ "reset length is found", reset_length_is_found },
	{ "train length is found", train_length_is_found },
	{ "power line is used and content stays", power_line_is_used_and_content_stays },
};
CHECK_MAIN(all)
