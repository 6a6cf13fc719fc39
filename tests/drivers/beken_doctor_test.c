/* Each fault of a board, through a whole entry on a simulated one, to the word that names it. */
#include "check.h"

#include "beken_sim.h"

static struct beken_entry entry;
static struct err e;

/* True when an entry in so many attempts fails with that finding and code, and its bytes are told. */
static bool is_found(const struct sim_board_config *config, uint32_t attempts, const char *finding,
		     enum err_code code)
{
	AUTO(auto_board_close) struct board *board = beken_sim_open(config);
	const struct beken_limits limits = { .max_attempts = attempts, .max_hz = config->max_hz };
	const bool failed = beken_spi_enter(board, &limits, NULL, &entry, &e) == -1;
	const bool found = failed && !strcmp(entry.finding, finding) && e.code == code &&
			   strstr(e.text, " attempts in ") && e.hint[0];

	if (!found)
		fprintf(stderr, "%s: %s (%s): %s\n", finding, entry.finding, err_name(e.code),
			failed ? e.text : "entered");
	return found;
}

/* The same for a number of seeds. */
static bool is_always_found(struct sim_board_config config, uint32_t attempts, const char *finding,
			    enum err_code code)
{
	for (config.faults.seed = 1; config.faults.seed <= 25; config.faults.seed++)
		if (!is_found(&config, attempts, finding, code))
			return false;
	return true;
}

static struct sim_board_config wired(enum sim_wiring wiring)
{
	struct sim_board_config config = beken_sim_easy;

	config.wiring = wiring;
	return config;
}

static void open_miso_is_named(void)
{
	CHECK(is_always_found(wired(SIM_MISO_OPEN), 60, "miso-open", ERR_NO_CHIP));
	CHECK(strstr(e.text, "MISO showed FF FF FF FF FF FF FF FF") && strstr(e.hint, "P23"));
}

static void open_miso_that_picks_up_noise_is_named(void)
{
	CHECK(is_always_found(wired(SIM_MISO_NOISE), 60, "miso-open", ERR_NO_CHIP));
}

static void board_without_power_is_named(void)
{
	struct sim_board_config config = wired(SIM_NO_POWER);

	CHECK(is_always_found(config, 60, "miso-open", ERR_NO_CHIP));
	config.power_line = true;
	CHECK(is_always_found(config, 60, "miso-open", ERR_NO_CHIP));
	CHECK(strstr(e.hint, "3.3 V"));
}

static void swapped_wires_are_named(void)
{
	CHECK(is_always_found(wired(SIM_SWAPPED), 60, "miso-open", ERR_NO_CHIP));
	CHECK(strstr(e.hint, "swapped"));
}

static void miso_held_low_is_named_early(void)
{
	CHECK(is_always_found(wired(SIM_MISO_LOW), 1000, "miso-low", ERR_WIRING));
	CHECK(entry.attempts == 100);
}

static void bridge_is_named_early(void)
{
	CHECK(is_always_found(wired(SIM_BRIDGED), 1000, "mosi-miso-bridge", ERR_WIRING));
	CHECK(entry.attempts == 30 && strstr(e.text, "D2 D2 D2 D2 D2 D2 D2 D2"));
}

static void open_mosi_is_a_chip_that_lives_but_does_not_hear(void)
{
	CHECK(is_always_found(wired(SIM_MOSI_OPEN), 60, "train-not-heard", ERR_NO_CHIP));
	CHECK(strstr(e.text, "with CEN low 00 00 00 00 00 00 00 00, high FF FF"));
	CHECK(strstr(e.hint, "P22"));
}

static void open_cen_is_told_by_a_firmware_that_moves_the_pin(void)
{
	struct sim_board_config config = wired(SIM_CEN_OPEN);

	config.beken.firmware_busy = true;
	CHECK(is_always_found(config, 60, "cen-no-effect", ERR_WIRING));
	CHECK(entry.examined);
}

static void open_cen_is_told_by_the_power_line(void)
{
	struct sim_board_config config = wired(SIM_CEN_OPEN);

	config.power_line = true;
	CHECK(is_always_found(config, 60, "cen-no-effect", ERR_WIRING));
}

static void open_cen_that_cannot_be_told_is_in_the_hint(void)
{
	CHECK(is_always_found(wired(SIM_CEN_OPEN), 60, "miso-open", ERR_NO_CHIP));
	CHECK(strstr(e.hint, "CEN is open"));
}

static void busy_firmware_alone_is_no_fault(void)
{
	struct sim_board_config config = beken_sim_easy;

	config.beken.firmware_busy = true;
	config.entry_success = 0;
	CHECK(is_always_found(config, 60, "no-luck", ERR_NO_CHIP));
}

static void no_luck_is_no_fault_of_the_wires(void)
{
	struct sim_board_config config = beken_sim_easy;

	config.entry_success = 0;
	CHECK(is_always_found(config, 60, "no-luck", ERR_NO_CHIP));
	CHECK(entry.attempts == 60 && !entry.examined);
	config.beken.always_late = true;
	CHECK(is_always_found(config, 60, "no-luck", ERR_NO_CHIP));
	CHECK(strstr(e.text, "52 D2 D2 D2 D2 00 00 00"));
}

/* Slower is better than not at all. */
static void flash_that_is_slower_than_the_slot_is_entered_at_its_own_clock(void)
{
	struct sim_board_config config = beken_sim_easy;
	const struct beken_limits limits = { .max_attempts = 60, .max_hz = config.max_hz };

	config.beken.flash_max_hz = 2500000;
	for (config.faults.seed = 1; config.faults.seed <= 25; config.faults.seed++) {
		AUTO(auto_board_close) struct board *board = beken_sim_open(&config);

		CHECK_OK(beken_spi_enter(board, &limits, NULL, &entry, &e), e);
		CHECK(!strcmp(entry.finding, "clock-too-fast"));
		CHECK(entry.good_hz == 2000000 && board->spi->now.hz == 2000000);
	}
}

/* Too few attempts to come to the slow ones: the examination does. */
static void train_that_is_taken_only_slowly_is_named(void)
{
	struct sim_board_config config = beken_sim_easy;

	config.entry_success = 0;
	config.beken.train_max_hz = 80000;
	CHECK(is_always_found(config, 6, "clock-too-fast", ERR_UNSTABLE_READ));
}

static void flash_that_never_answers_twice_alike_is_unstable(void)
{
	struct sim_board_config config = beken_sim_easy;

	config.faults.flip = 0.05;
	CHECK(is_always_found(config, 60, "unstable-answers", ERR_UNSTABLE_READ));
}

static const struct nor_part nameless = {
	.jedec_id = 0x2a1234,
	.vendor = "",
	.names = "",
	.size = 0x200000,
	.page = 256,
	.address_bytes = 3,
};

static void unknown_id_without_sfdp_is_no_flash(void)
{
	struct sim_board_config config = beken_sim_easy;

	config.part = &nameless;
	config.no_sfdp = true;
	CHECK(is_always_found(config, 20, "not-a-flash", ERR_NO_CHIP));
	CHECK(entry.attempts == 20 && strstr(e.text, "no known part has its ID"));
}

static void unknown_id_with_sfdp_is_a_flash(void)
{
	struct sim_board_config config = beken_sim_easy;
	const struct beken_limits limits = { .max_attempts = 20, .max_hz = config.max_hz };

	config.part = &nameless;
	AUTO(auto_board_close) struct board *board = beken_sim_open(&config);
	CHECK_OK(beken_spi_enter(board, &limits, NULL, &entry, &e), e);
	CHECK(!strcmp(entry.finding, "nothing"));
}

static void findings_have_names_of_their_own(void)
{
	for (enum beken_finding i = BEKEN_NOTHING; i <= BEKEN_UNCLEAR; i++)
		for (enum beken_finding k = BEKEN_NOTHING; k < i; k++)
			CHECK(strcmp(beken_finding_name(i), beken_finding_name(k)) != 0);
}

static void examination_is_short_and_can_be_followed(void)
{
	struct sim_board_config config = wired(SIM_CEN_OPEN);
	struct beken_limits limits = { .max_attempts = 1, .max_hz = config.max_hz };
	struct fake_progress watch;
	uint64_t first_ns;

	config.power_line = true;
	AUTO(auto_board_close) struct board *board = beken_sim_open(&config);
	fake_progress_init(&watch, board->clock, 0);
	CHECK(beken_spi_enter(board, &limits, &watch.progress, &entry, &e) == -1);
	first_ns = entry.tried[0].ns;
	CHECK(entry.sets == 1 && entry.ns - first_ns < CLOCK_S);
	CHECK(watch.longest_ns <= 100ull * CLOCK_MS);
}

static void examination_can_be_cancelled(void)
{
	for (uint64_t at = 1; at < 80; at++) {
		struct sim_board_config config = wired(SIM_NO_POWER);
		const struct beken_limits limits = { .max_attempts = 1, .max_hz = config.max_hz };
		struct fake_progress watch;

		config.power_line = true;
		AUTO(auto_board_close) struct board *board = beken_sim_open(&config);
		fake_progress_init(&watch, board->clock, at);
		CHECK(beken_spi_enter(board, &limits, &watch.progress, &entry, &e) == -1);
		CHECK(e.code == ERR_CANCELLED && watch.calls == at);
	}
}

static const struct check all[] = {
	{ "open miso is named", open_miso_is_named },
	{ "open miso that picks up noise is named", open_miso_that_picks_up_noise_is_named },
	{ "board without power is named", board_without_power_is_named },
	{ "swapped wires are named", swapped_wires_are_named },
	{ "miso held low is named early", miso_held_low_is_named_early },
	{ "bridge is named early", bridge_is_named_early },
	{ "open mosi is a chip that lives but does not hear",
	  open_mosi_is_a_chip_that_lives_but_does_not_hear },
	{ "open cen is told by a firmware that moves the pin",
	  open_cen_is_told_by_a_firmware_that_moves_the_pin },
	{ "open cen is told by the power line", open_cen_is_told_by_the_power_line },
	{ "open cen that cannot be told is in the hint",
	  open_cen_that_cannot_be_told_is_in_the_hint },
	{ "busy firmware alone is no fault", busy_firmware_alone_is_no_fault },
	{ "no luck is no fault of the wires", no_luck_is_no_fault_of_the_wires },
	{ "flash that is slower than the slot is entered at its own clock",
	  flash_that_is_slower_than_the_slot_is_entered_at_its_own_clock },
	{ "train that is taken only slowly is named", train_that_is_taken_only_slowly_is_named },
	{ "flash that never answers twice alike is unstable",
	  flash_that_never_answers_twice_alike_is_unstable },
	{ "unknown id without sfdp is no flash", unknown_id_without_sfdp_is_no_flash },
	{ "unknown id with sfdp is a flash", unknown_id_with_sfdp_is_a_flash },
	{ "findings have names of their own", findings_have_names_of_their_own },
	{ "examination is short and can be followed", examination_is_short_and_can_be_followed },
	{ "examination can be cancelled", examination_can_be_cancelled },
};
CHECK_MAIN(all)
