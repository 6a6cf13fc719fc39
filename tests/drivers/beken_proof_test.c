#include "check.h"

#include "beken_proof.h"
#include "beken_spi.h"
#include "fake_bus.h"

#define XT25F32B 0x0b4016
#define NOBODYS  0x2a1234 /* plausible, but in no table */
#define MAX_HZ   8000000u

static struct fake_board fake;
static struct beken_proof proof;
static struct err e;

static bool gives(enum beken_verdict verdict, const char *failed)
{
	if (beken_prove(&fake.bus.spi, NULL, 0, &proof, &e) < 0 || proof.verdict != verdict)
		return false;
	return failed ? proof.failed && strstr(proof.failed, failed) : !proof.failed;
}

static void known_flash_is_proven(void)
{
	fake_board_init(&fake, FAKE_FLASH, XT25F32B);
	CHECK(gives(BEKEN_PROVEN, NULL));
	CHECK(proof.jedec_id == XT25F32B);
}

static void unknown_id_needs_sfdp(void)
{
	fake_board_init(&fake, FAKE_FLASH, NOBODYS);
	CHECK(gives(BEKEN_REFUSED, "no SFDP"));
	fake.bus.sfdp = (const uint8_t *)"SFDP";
	fake.bus.sfdp_len = 4;
	CHECK(gives(BEKEN_PROVEN, NULL));
}

static void status_must_be_there(void)
{
	fake_board_init(&fake, FAKE_FLASH, XT25F32B);
	fake.bus.no_status = true;
	CHECK(gives(BEKEN_REFUSED, "status register reads FF"));
}

static void status_must_stay(void)
{
	fake_board_init(&fake, FAKE_FLASH, XT25F32B);
	fake.bus.status_changes = true;
	CHECK(gives(BEKEN_CHANGING, "status register changes"));
}

static void pages_must_agree(void)
{
	fake_board_init(&fake, FAKE_FLASH, XT25F32B);
	fake.bus.pages_change = true;
	CHECK(gives(BEKEN_CHANGING, "page"));
}

static void ids_must_agree(void)
{
	fake_board_init(&fake, FAKE_FLASH, XT25F32B);
	fake.bus.jedec_id_odd = XT25F32B + 1;
	CHECK(gives(BEKEN_CHANGING, "ID changes"));
}

static void silence_proves_nothing(void)
{
	static const enum fake_line lines[] = { FAKE_HIGH, FAKE_LOW, FAKE_BRIDGE, FAKE_ECHO,
						FAKE_LATE };

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		fake_board_init(&fake, lines[i], XT25F32B);
		CHECK(!gives(BEKEN_PROVEN, NULL));
	}
}

static void noise_proves_nothing(void)
{
	for (uint64_t seed = 1; seed <= 200; seed++) {
		fake_board_init(&fake, FAKE_NOISE, 0);
		fake.bus.noise = seed * 0x9e3779b97f4a7c15u;
		CHECK(gives(BEKEN_CHANGING, ""));
	}
}

static void slow_proof_is_told_often_enough(void)
{
	struct fake_progress watch;

	fake_board_init(&fake, FAKE_FLASH, XT25F32B);
	fake.bus.spi.now.hz = 30000;
	fake.bus.pages_change = true;
	fake_progress_init(&watch, fake.board.clock, 0);
	CHECK_OK(beken_prove(&fake.bus.spi, &watch.progress, 7, &proof, &e), e);
	CHECK(watch.longest_ns <= 100ull * CLOCK_MS && watch.done == 7);
}

static void proof_can_be_cancelled_at_each_step(void)
{
	for (uint64_t at = 1; at <= 5; at++) {
		struct fake_progress watch;

		fake_board_init(&fake, FAKE_FLASH, XT25F32B);
		fake_progress_init(&watch, fake.board.clock, at);
		CHECK(beken_prove(&fake.bus.spi, &watch.progress, 0, &proof, &e) == -1);
		CHECK(e.code == ERR_CANCELLED);
	}
}

static void lost_bus_is_an_error_at_each_message(void)
{
	for (uint64_t at = 1; at <= 9; at++) {
		fake_board_init(&fake, FAKE_FLASH, XT25F32B);
		fake.bus.fail_at = at;
		CHECK(beken_prove(&fake.bus.spi, NULL, 0, &proof, &e) == -1);
		CHECK(e.code == ERR_IO && strncmp(e.text, "reading ", 8) == 0);
	}
}

/* ---- as part of an entry */

/* What refuses is a failed attempt, and others follow. */
static void refusal_is_a_failed_attempt(void)
{
	const struct beken_limits limits = { .max_attempts = 25, .max_hz = MAX_HZ };
	struct beken_entry entry;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 1;
	fake.bus.no_status = true;
	CHECK(beken_spi_enter(&fake.board, &limits, NULL, &entry, &e) == -1);
	CHECK(entry.attempts == 25 && e.code == ERR_NO_CHIP);
	CHECK(!strcmp(entry.finding, "not-a-flash"));
	CHECK(strstr(e.text, "status register reads FF") && strstr(entry.refused, "reads FF"));
}

static void answers_that_are_steadily_late_are_the_clocks_fault(void)
{
	const struct beken_limits limits = { .max_attempts = 10, .max_hz = MAX_HZ };
	struct beken_entry entry;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 1;
	fake.bus.late_hz = 3000000;
	CHECK_OK(beken_spi_enter(&fake.board, &limits, NULL, &entry, &e), e);
	CHECK(!strcmp(entry.finding, "clock-too-fast"));
	CHECK(entry.good_hz == 2000000 && fake.bus.spi.now.hz == 2000000);
}

static void pages_that_never_agree_are_unstable(void)
{
	const struct beken_limits limits = { .max_attempts = 10, .max_hz = MAX_HZ };
	struct beken_entry entry;

	fake_board_init(&fake, FAKE_BEKEN, XT25F32B);
	fake.bus.train_taken = 1;
	fake.bus.pages_change = true;
	CHECK(beken_spi_enter(&fake.board, &limits, NULL, &entry, &e) == -1);
	CHECK(e.code == ERR_UNSTABLE_READ && !strcmp(entry.finding, "unstable-answers"));
	CHECK(strstr(e.text, "no two reads of a page agree"));
}

static const struct check all[] = {
	{ "known flash is proven", known_flash_is_proven },
	{ "unknown id needs sfdp", unknown_id_needs_sfdp },
	{ "status must be there", status_must_be_there },
	{ "status must stay", status_must_stay },
	{ "pages must agree", pages_must_agree },
	{ "ids must agree", ids_must_agree },
	{ "silence proves nothing", silence_proves_nothing },
	{ "noise proves nothing", noise_proves_nothing },
	{ "slow proof is told often enough", slow_proof_is_told_often_enough },
	{ "proof can be cancelled at each step", proof_can_be_cancelled_at_each_step },
	{ "lost bus is an error at each message", lost_bus_is_an_error_at_each_message },
	{ "refusal is a failed attempt", refusal_is_a_failed_attempt },
	{ "answers that are steadily late are the clock's fault",
	  answers_that_are_steadily_late_are_the_clocks_fault },
	{ "pages that never agree are unstable", pages_that_never_agree_are_unstable },
};
CHECK_MAIN(all)
