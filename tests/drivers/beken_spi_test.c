#include "check.h"

#include "beken_spi.h"
#include "fake_bus.h"
#include "nor.h"

#define XT25F32B 0x0b4016
#define MAX_HZ   8000000u

static struct fake_board fake;
static struct beken_entry entry;

static int enter(uint32_t max_attempts, struct progress *progress, struct err *e)
{
	const struct beken_limits limits = { .max_attempts = max_attempts, .max_hz = MAX_HZ };

	return beken_spi_enter(&fake.board, &limits, progress, &entry, e);
}

static void enters_at_the_first_train(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 1;
	CHECK_OK(enter(0, NULL, &e), e);
	CHECK(entry.attempts == 1 && fake.bus.trains == 1 && fake.cen.lows == 1);
	CHECK(entry.ns == fake.bus.clock.now_ns);
	CHECK(memcmp(entry.id_seen, "\xa5\x0b\x40\x16", 4) == 0);
}

static void afterwards_cen_is_high_and_the_bus_fast(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 7;
	CHECK_OK(enter(0, NULL, &e), e);
	CHECK(fake.cen.high && !fake.cen.at_rest);
	CHECK(fake.bus.spi.now.hz == MAX_HZ && fake.bus.spi.now.mode == entry.params.mode);
}

static void counts_its_attempts(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 398;
	CHECK_OK(enter(0, NULL, &e), e);
	CHECK(entry.attempts == 398 && fake.bus.trains == 398 && fake.cen.lows == 398);
}

static void every_train_is_long_enough(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 200;
	CHECK_OK(enter(0, NULL, &e), e);
	CHECK(fake.bus.short_trains == 0);
}

static void an_attempt_takes_less_than_60_ms(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_HIGH, 0);
	CHECK(enter(400, NULL, &e) == -1);
	CHECK(entry.attempts == 400);
	CHECK(entry.ns / 400 < 60ull * CLOCK_MS);
}

static void finds_the_mode_that_works(void)
{
	for (int mode = 0; mode <= 3; mode += 3) {
		struct err e;

		fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
		fake.bus.train_taken = 1;
		fake.bus.mode_taken = mode;
		CHECK_OK(enter(20, NULL, &e), e);
		CHECK(entry.params.mode == mode && fake.bus.spi.now.mode == mode);
	}
}

static void never_above_the_slots_clock(void)
{
	const struct beken_limits limits = { .max_attempts = 50, .max_hz = 30000 };
	struct fake_progress watch;
	struct err e;

	fake_board_init(&fake, FAKE_HIGH, 0);
	fake_progress_init(&watch, fake.board.clock, 0);
	CHECK(beken_spi_enter(&fake.board, &limits, &watch.progress, &entry, &e) == -1);
	CHECK(entry.params.hz <= 30000 && fake.bus.spi.now.hz <= 30000);
	CHECK(watch.longest_ns <= 100ull * CLOCK_MS);
}

static void a_bus_without_slow_clocks_goes_as_it_can(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.slowest_hz = MAX_HZ;
	fake.bus.train_taken = 15;
	CHECK_OK(enter(20, NULL, &e), e);
	CHECK(entry.params.hz == MAX_HZ);
}

static void power_is_on_before_the_first_train(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.board.power = &fake.power.line;
	fake.bus.train_taken = 1;
	CHECK_OK(enter(0, NULL, &e), e);
	CHECK(fake.power.high);
}

static void progress_is_told_often_enough(void)
{
	struct fake_progress watch;
	struct err e;

	fake_board_init(&fake, FAKE_HIGH, 0);
	fake_progress_init(&watch, fake.board.clock, 0);
	CHECK(enter(250, &watch.progress, &e) == -1);
	CHECK(watch.longest_ns <= 100ull * CLOCK_MS);
	CHECK(watch.done == 250);
}

static void a_cancel_stops_within_one_attempt(void)
{
	for (uint64_t at = 1; at < 60; at++) {
		struct fake_progress watch;
		struct err e;

		fake_board_init(&fake, FAKE_HIGH, 0);
		fake_progress_init(&watch, fake.board.clock, at);
		CHECK(enter(0, &watch.progress, &e) == -1);
		CHECK(e.code == ERR_CANCELLED);
		CHECK(watch.calls == at && entry.ns == watch.last_ns);
	}
}

static void a_time_limit_ends_it(void)
{
	const struct beken_limits limits = { .timeout_ns = 10ull * CLOCK_S, .max_hz = MAX_HZ };
	struct err e;

	fake_board_init(&fake, FAKE_HIGH, 0);
	CHECK(beken_spi_enter(&fake.board, &limits, NULL, &entry, &e) == -1);
	CHECK(e.code == ERR_NO_CHIP);
	CHECK(entry.ns >= 10ull * CLOCK_S && entry.ns < 11ull * CLOCK_S);
	CHECK(entry.attempts > 10 * 1000 / 60);
}

/* Fails on that line in that many attempts, with that code and that in the text and the hint. */
static bool diagnosed(enum fake_line line, enum err_code code, const char *text, const char *hint)
{
	struct err e = { .code = ERR_NONE };
	char attempts[32];

	fake_board_init(&fake, line, XT25F32B);
	if (enter(line == FAKE_LOW ? 0 : 100, NULL, &e) != -1 || e.code != code)
		return false;
	snprintf(attempts, sizeof attempts, " %u attempts in ", entry.attempts);
	return strstr(e.text, text) && strstr(e.text, attempts) && strstr(e.hint, hint);
}

static void a_floating_line_is_named_after_the_last_attempt(void)
{
	CHECK(diagnosed(FAKE_HIGH, ERR_NO_CHIP, "FF FF FF FF FF FF FF FF", "P23"));
	CHECK(entry.attempts == 100);
}

static void a_line_held_low_is_given_up_early(void)
{
	CHECK(diagnosed(FAKE_LOW, ERR_WIRING, "MISO held low", "CEN"));
	CHECK(entry.attempts == 100);
}

static void a_bridge_is_given_up_early(void)
{
	CHECK(diagnosed(FAKE_BRIDGE, ERR_WIRING, "D2 D2 D2 D2 D2 D2 D2 D2", "P22"));
	CHECK(entry.attempts == 30);
}

static void an_echo_without_a_flash_is_told(void)
{
	CHECK(diagnosed(FAKE_ECHO, ERR_NO_CHIP, "takes the train but shows no flash", "supply"));
	CHECK(memcmp(entry.train_seen, "\xd2\0\0\0\0\0\0\0", 8) == 0);
}

static void a_late_echo_is_an_echo(void)
{
	CHECK(diagnosed(FAKE_LATE, ERR_NO_CHIP, "takes the train but shows no flash", "supply"));
	CHECK(memcmp(entry.train_seen, "\x52\xd2\xd2\xd2\xd2\0\0\0", 8) == 0);
}

static void noise_is_never_a_flash(void)
{
	for (uint64_t seed = 1; seed < 50; seed++) {
		struct err e;

		fake_board_init(&fake, FAKE_NOISE, 0);
		fake.bus.noise = seed * 0x9e3779b97f4a7c15u;
		CHECK(enter(100, NULL, &e) == -1);
		CHECK(e.code == ERR_NO_CHIP && !strcmp(entry.finding, "miso-open"));
	}
}

static void an_id_that_changes_is_unstable(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 20;
	fake.bus.jedec_id_odd = 0x0b4017;
	CHECK(enter(60, NULL, &e) == -1);
	CHECK(e.code == ERR_UNSTABLE_READ && strstr(e.hint, "Slow down"));
}

static void a_flash_that_cannot_do_the_slots_clock_is_told(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 1;
	fake.bus.good_hz = 4000000;
	CHECK_OK(enter(60, NULL, &e), e);
	CHECK(entry.good_hz == 4000000 && !strcmp(entry.finding, "clock-too-fast"));
}

static void echo_patterns_are_no_ids(void)
{
	static const uint32_t pattern[] = { 0x000000, 0xffffff, 0xd2d2d2 };

	for (size_t i = 0; i < sizeof pattern / sizeof *pattern; i++) {
		struct err e;

		fake_board_init(&fake, FAKE_BEKEN, pattern[i]);
		fake.bus.train_taken = 1;
		CHECK(enter(40, NULL, &e) == -1);
		CHECK(e.code == ERR_NO_CHIP);
	}
}

static void a_lost_bus_ends_it_at_once(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_HIGH, 0);
	fake.bus.fail_at = 2 * (1 + 4) + 1; /* after two trains, each with four looks for an ID */
	CHECK(enter(0, NULL, &e) == -1);
	CHECK(e.code == ERR_IO && entry.attempts == 3);
	CHECK(strcmp(e.text, "sending the train: the cable fell out") == 0);
}

static void a_lost_line_ends_it_at_once(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_HIGH, 0);
	fake.cen.broken = true;
	CHECK(enter(0, NULL, &e) == -1);
	CHECK(e.code == ERR_IO && strncmp(e.text, "CEN low: ", 9) == 0 && entry.attempts == 0);
}

static void a_board_without_cen_is_refused(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.board.cen = NULL;
	CHECK(enter(0, NULL, &e) == -1);
	CHECK(e.code == ERR_BAD_INPUT && fake.bus.messages == 0);
}

static void a_bus_too_small_for_the_train_is_refused(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.spi.max_len = 64;
	CHECK(enter(0, NULL, &e) == -1);
	CHECK(e.code == ERR_BAD_INPUT && strstr(e.hint, "bufsiz"));
}

static void a_bus_of_250_bytes_is_enough(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.spi.max_len = 250;
	fake.bus.train_taken = 30;
	CHECK_OK(enter(0, NULL, &e), e);
	CHECK(fake.bus.short_trains == 0 && fake.bus.longest == 250);
}

static void a_reset_is_a_pulse_that_ends_at_rest(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	CHECK_OK(beken_reset(&fake.board, &e), e);
	CHECK(fake.cen.lows == 1 && fake.cen.low_ns >= 100ull * CLOCK_MS);
	CHECK(fake.cen.at_rest && fake.cen.high);
}

static void a_board_without_cen_needs_no_reset(void)
{
	struct err e;

	fake_board_init(&fake, FAKE_FLASH, XT25F32B);
	fake.board.cen = NULL;
	CHECK_OK(beken_reset(&fake.board, &e), e);
	CHECK(fake.cen.lows == 0);
}

static const struct check all[] = {
	{ "enters at the first train", enters_at_the_first_train },
	{ "afterwards cen is high and the bus fast", afterwards_cen_is_high_and_the_bus_fast },
	{ "counts its attempts", counts_its_attempts },
	{ "every train is long enough", every_train_is_long_enough },
	{ "an attempt takes less than 60 ms", an_attempt_takes_less_than_60_ms },
	{ "finds the mode that works", finds_the_mode_that_works },
	{ "never above the slot's clock", never_above_the_slots_clock },
	{ "a bus without slow clocks goes as it can", a_bus_without_slow_clocks_goes_as_it_can },
	{ "power is on before the first train", power_is_on_before_the_first_train },
	{ "progress is told often enough", progress_is_told_often_enough },
	{ "a cancel stops within one attempt", a_cancel_stops_within_one_attempt },
	{ "a time limit ends it", a_time_limit_ends_it },
	{ "a floating line is named after the last attempt",
	  a_floating_line_is_named_after_the_last_attempt },
	{ "a line held low is given up early", a_line_held_low_is_given_up_early },
	{ "a bridge is given up early", a_bridge_is_given_up_early },
	{ "an echo without a flash is told", an_echo_without_a_flash_is_told },
	{ "a late echo is an echo", a_late_echo_is_an_echo },
	{ "noise is never a flash", noise_is_never_a_flash },
	{ "an id that changes is unstable", an_id_that_changes_is_unstable },
	{ "a flash that cannot do the slot's clock is told",
	  a_flash_that_cannot_do_the_slots_clock_is_told },
	{ "echo patterns are no ids", echo_patterns_are_no_ids },
	{ "a lost bus ends it at once", a_lost_bus_ends_it_at_once },
	{ "a lost line ends it at once", a_lost_line_ends_it_at_once },
	{ "a board without cen is refused", a_board_without_cen_is_refused },
	{ "a bus too small for the train is refused", a_bus_too_small_for_the_train_is_refused },
	{ "a bus of 250 bytes is enough", a_bus_of_250_bytes_is_enough },
	{ "a reset is a pulse that ends at rest", a_reset_is_a_pulse_that_ends_at_rest },
	{ "a board without cen needs no reset", a_board_without_cen_needs_no_reset },
};
CHECK_MAIN(all)
