/* The ten scenarios that make or break a driver for these loaders, and noise by seed. */
#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "uart_rig.h"

#define ROM  UART_LOADER_ROM
#define SOFT UART_LOADER_IN_FLASH
#define SIZE 0x80000u

/* Both families, small flashes: a test for each trouble runs with both where both can have it. */
static const enum uart_loader_family both[] = { ROM, SOFT };

/* NOLINTBEGIN(bugprone-macro-parentheses): f is the name of a variable */
#define FOR_BOTH(f) \
	for (size_t f##_ = 0; f##_ < 2 && !check_failed; f##_++) \
		for (enum uart_loader_family f = both[f##_], *f##_p = &f; f##_p; f##_p = NULL)
/* NOLINTEND(bugprone-macro-parentheses) */

#define SMALL(r, ...) UART_RIG(r, .size = SIZE, .jedec_id = 0xc84013, __VA_ARGS__)

static bool works(struct uart_rig *r, struct err *e)
{
	if (uart_rig_read(r, 0x11000, 0x20000, e) != 0)
		return false;
	if (uart_rig_write(r, 0x21000, 0x13000, 42, e) != 0)
		return false;
	return uart_rig_holds(r, 0x21000, 0x13000, 42);
}

static struct err e;

#define CHECK_WORKS(r) \
	do { \
		e.text[0] = '\0'; \
		if (!works(&(r), &e)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, e.text); \
			check_failed = true; \
			return; \
		} \
	} while (0)

/* 1 */
static void noisy_boot_text_and_stale_answers_do_not_mislead(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	r.loader->params.noisy_boot = true;
	r.loader->params.stale_links = 3;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->baud == 921600);
	CHECK_WORKS(r);
}

/* 2 */
static void change_of_rate_that_fails(enum uart_loader_family family, enum uart_loader_baud how,
				      bool reached)
{
	SMALL(r, .family = family);

	r.loader->params.baud = how;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK((r.u->baud == 921600) == reached);
	CHECK_WORKS(r);
	CHECK(uart_rig_ms(&r) < 60000);
}

static void answer_of_a_new_rate_may_take_402_ms(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	r.loader->params.baud = UART_BAUD_LATE;
	r.loader->params.baud_late_ms = 402;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->baud == 921600 && r.u->counts.relinks == 0);
	CHECK_WORKS(r);
}

static void rate_that_is_too_high_falls_back_to_what_works(enum uart_loader_family family)
{
	SMALL(r, .family = family, .baud = 2000000);

	r.loader->params.baud_max = 500000;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->baud == 460800);
	CHECK_WORKS(r);
}

/* 3 */
static void lost_doubled_and_flipped_bytes_are_read_again(enum uart_loader_family family)
{
	static const struct sim_uart_faults faults[] = { { .drop = 2e-5 },
							 { .twice = 2e-5 },
							 { .flip = 5e-5 } };

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		SMALL(r, .family = family, .seed = i);

		CHECK_OK(uart_rig_start(&r, &e), e);
		sim_uart_set_faults(r.sim, &faults[i]);
		CHECK_OK(uart_rig_read(&r, 0x11000, SIZE - 0x11000, &e), e);
		CHECK(r.u->counts.timeouts + r.u->counts.reread > 0);
	}
}

static void line_that_flips_everything_ends_with_an_error(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	sim_uart_set_faults(r.sim, &(struct sim_uart_faults){ .flip = 0.01 });
	CHECK(uart_rig_read(&r, 0x11000, 0x10000, &e) == -1);
	CHECK(e.code == ERR_UNSTABLE_READ || e.code == ERR_TIMEOUT || e.code == ERR_NO_CHIP);
	CHECK(e.hint[0]);
}

/* 4 */
static void byte_lost_in_a_write_is_mended(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	sim_uart_set_faults(r.sim, &(struct sim_uart_faults){ .drop = 3e-5 });
	CHECK_OK(uart_rig_write(&r, 0x20000, 0x30000, 7, &e), e);
	/* A boot ROM says that bytes are missing, a loader in flash waits for them. */
	CHECK(family == ROM || r.u->counts.timeouts > 0);
	CHECK(uart_rig_holds(&r, 0x20000, 0x30000, 7));
}

/* 5 */
static void late_answers_are_never_taken_for_another_address(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	r.loader->params.late_every = 23;
	r.loader->params.late_us = 900000;
	CHECK_OK(uart_rig_read(&r, 0x11000, 0x20000, &e), e);
	CHECK(r.u->counts.timeouts > 0);
}

static void refusals_of_the_loader_s_area_are_told_as_that(void)
{
	uint8_t sector[4096] = { 0 };
	SMALL(r, .family = SOFT);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(beken_uart_read_4k(r.u, 0x1000, sector, &e) == -1 && e.code == ERR_PROTECTED);
	CHECK(beken_uart_write_4k(r.u, 0x1000, sector, &e) == -1 && e.code == ERR_PROTECTED);
	CHECK(beken_uart_erase(r.u, 0x1000, 4096, &e) == -1 && e.code == ERR_PROTECTED);
	CHECK_WORKS(r);
}

/* 6 */
static void wrong_crc_is_asked_again_before_data_is_blamed(enum uart_loader_family family)
{
	uint64_t reread;
	SMALL(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	reread = r.u->counts.reread;
	r.loader->params.crc_wrong = 1;
	CHECK_OK(uart_rig_read(&r, 0x11000, 0x10000, &e), e);
	CHECK(r.u->counts.reread == reread);
}

static void crc_that_is_always_wrong_proves_nothing(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	r.loader->params.crc_always_wrong = true;
	CHECK(uart_rig_read(&r, 0x11000, 0x10000, &e) == -1 && e.code == ERR_UNSTABLE_READ);
	CHECK(e.offset >= 0x11000);
}

static void crc_that_takes_ten_seconds_is_waited_for(enum uart_loader_family family)
{
	uint32_t crc;
	UART_RIG(r, .family = family, .size = 0x400000, .jedec_id = 0x0b4016);

	r.loader->params.crc_rate = 400000;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_OK(beken_uart_crc(r.u, 0, 0x400000, &crc, &e), e);
	CHECK(r.u->counts.timeouts <= 1); /* a loader in flash may know no version */
}

/* 7 */
static void protected_flash_is_unprotected_and_only_then(void)
{
	/* Blocks, CMP and blocks, CMP alone, and a WEL that somebody left. */
	static const uint8_t protections[][2] = {
		{ 0x1c, 0 }, { 0x7c, 0x40 }, { 0, 0x40 }, { 0x02, 0 }
	};
	UART_RIG(r, .family = ROM, .size = SIZE, .jedec_id = 0x856013);

	r.loader->params.sr_idle_locks = true; /* a needless write would lock it */
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_WORKS(r);
	for (size_t i = 0; i < ARRAY_LEN(protections); i++) {
		chip_set_status(&r.chip, protections[i][0], protections[i][1]);
		CHECK_OK(uart_rig_write(&r, 0x40000, 0x1000, 3 + i, &e), e);
		CHECK((r.chip.sr[0] & 0x7c) == 0 && (r.chip.sr[1] & 0x40) == 0);
	}
}

static void protection_that_stays_is_told(void)
{
	SMALL(r, .family = ROM);

	chip_set_status(&r.chip, 0x1c, 0);
	r.loader->params.sr_stuck = true;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(uart_rig_write(&r, 0x40000, 0x1000, 3, &e) == -1 && e.code == ERR_PROTECTED);
	CHECK(r.loader->counters.erases == 0);
}

static void erase_that_says_it_worked_is_not_believed(void)
{
	SMALL(r, .family = ROM);

	CHECK_OK(uart_rig_start(&r, &e), e);
	/* Bits that the table of this part does not reach. */
	chip_set_status(&r.chip, 0, 0x40);
	r.loader->params.sr_stuck = true;
	CHECK(uart_rig_write(&r, 0x40000, 0x1000, 3, &e) == -1 && e.code == ERR_PROTECTED);
}

static void old_loader_that_writes_nothing_after_a_crc_is_reset_in_between(void)
{
	SMALL(r, .family = SOFT);

	r.loader->params.sums_protect = true;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_WORKS(r);
	CHECK(r.told > 0 && r.u->counts.relinks > 0);
}

static void old_loader_without_a_reset_line_reboots_itself(void)
{
	SMALL(r, .family = SOFT, .without_cen = true);

	r.loader->params.sums_protect = true;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_WORKS(r);
}

/* 8 */
static void size_is_right_for(uint32_t size, bool halves, bool blank, bool keeps_inside)
{
	UART_RIG(r, .family = SOFT, .size = size, .halves = halves, .blank_app = blank);

	r.loader->params.keeps_inside = keeps_inside;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->base.size == size);
	CHECK_OK(uart_rig_read(&r, 0, 0x20000, &e), e);
	CHECK_OK(uart_rig_read(&r, size - 0x10000, 0x10000, &e), e);
	CHECK(uart_rig_write(&r, size - 0x1000, 0x2000, 1, &e) == -1 && e.code == ERR_BAD_INPUT);
}

static void sizes_are_right_whatever_the_content(void)
{
	for (int i = 0; i < 16 && !check_failed; i++)
		size_is_right_for(i & 1 ? 0x400000 : 0x200000, i & 2, i & 4, i & 8);
}

static void flash_ids_of_all_kinds(void)
{
	SMALL(short_one, .family = ROM);
	SMALL(none, .family = ROM);
	UART_RIG(foreign, .family = ROM, .size = 0x200000, .jedec_id = 0x996015);

	short_one.loader->params.mid_says_5 = true;
	CHECK_OK(uart_rig_start(&short_one, &e), e);
	CHECK(short_one.u->jedec_id == 0xc84013);
	none.loader->params.mid_zero = true;
	CHECK(uart_rig_start(&none, &e) == -1 && e.code == ERR_NO_CHIP);
	CHECK_OK(uart_rig_start(&foreign, &e), e);
	CHECK(foreign.u->base.size == 0x200000);
}

/* 9 */
static void chip_that_restarts_in_the_middle_is_linked_again(enum uart_loader_family family)
{
	for (uint32_t after = 3000; after < 60000; after += 7919) {
		SMALL(r, .family = family);

		CHECK_OK(uart_rig_start(&r, &e), e);
		r.loader->params.reset_after = (uint32_t)r.loader->received + after;
		CHECK_WORKS(r);
		CHECK(r.u->counts.relinks > 0);
	}
}

static void power_lost_in_page_7_of_a_sector_is_written_anew(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	r.loader->params.reset_in_page = 7;
	CHECK_WORKS(r);
	CHECK(r.loader->params.reset_in_page == 0 && r.u->counts.relinks > 0);
	CHECK(r.u->baud == 921600);
}

static void power_lost_in_an_erase_is_erased_anew(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	r.loader->params.reset_in_erase = true;
	CHECK_WORKS(r);
	CHECK(!r.loader->params.reset_in_erase && r.u->counts.relinks > 0);
}

static void loader_that_went_to_sleep_is_linked_again(void)
{
	SMALL(r, .family = SOFT);

	CHECK_OK(uart_rig_start(&r, &e), e);
	r.clock.now_ns += 3000000000u; /* the archive was slow */
	CHECK_WORKS(r);
	CHECK(r.u->counts.relinks > 0);
}

static void port_that_is_pulled_out_ends_at_once(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	sim_uart_gone(r.sim, true);
	CHECK(uart_rig_read(&r, 0x11000, 0x10000, &e) == -1 && e.code == ERR_OFFLINE);
	sim_uart_gone(r.sim, false);
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_WORKS(r);
}

/* 10 */
static void busy_answers_are_asked_again(enum uart_loader_family family)
{
	SMALL(r, .family = family);

	r.loader->params.busy_every = 5;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_WORKS(r);
}

static void commands_that_a_family_does_not_know_are_asked_once(void)
{
	SMALL(r, .family = SOFT);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->counts.timeouts <= 1); /* its version, which only Tuya's loaders tell */
	CHECK(r.u->counts.relinks == 0);
}

/* ---- adapters */

static void
adapters_that_hand_over_byte_by_byte_or_late_lose_nothing(enum uart_loader_family family)
{
	static const struct {
		size_t piece;
		uint32_t late_us;
	} adapters[] = { { 1, 0 }, { 62, 1000 }, { 62, 16000 }, { 4096, 0 } };

	for (size_t i = 0; i < ARRAY_LEN(adapters) && !check_failed; i++) {
		SMALL(r, .family = family);

		sim_uart_set_faults(r.sim, &(struct sim_uart_faults){ .piece = adapters[i].piece });
		r.loader->params.late_every = adapters[i].late_us > 0;
		r.loader->params.late_us = adapters[i].late_us;
		CHECK_OK(uart_rig_start(&r, &e), e);
		CHECK_WORKS(r);
		CHECK(r.u->counts.reread == 0 && r.u->counts.relinks == 0);
		CHECK(r.loader->counters.lost == 0); /* nothing was sent while it was busy */
	}
}

/* ---- noise by seed */

/* What says that it is done must be right; and it must end. NULL, or what was wrong. */
static const char *campaign(uint64_t seed, unsigned *done)
{
	const enum uart_loader_family family = seed & 1 ? SOFT : ROM;
	uint64_t chance = seed, before_ms;
	const double unit = 1e-6 * (double)(1 + chance_below(&chance, 100));
	const struct sim_uart_faults faults = { .drop = unit * chance_below(&chance, 3),
						.twice = unit * chance_below(&chance, 2),
						.flip = unit * chance_below(&chance, 3) };
	struct err why = { .code = ERR_NONE };
	SMALL(r, .family = family, .seed = seed);
	int result;

	sim_uart_set_faults(r.sim, &faults);
	result = uart_rig_start(&r, &why);
	before_ms = uart_rig_ms(&r);
	if (result == 0 && r.u->base.size != SIZE)
		return "a wrong size";
	if (result == 0 && uart_rig_read(&r, 0x11000, 0x30000, &why) == 1)
		return "a wrong read";
	if (result == 0 && uart_rig_write(&r, 0x31800, 0x20000, seed, &why) == 0) {
		/* As a job does: all around it is compared with the backup. */
		if (uart_rig_around(&r, 0x31800, 0x20000, &why) == 0) {
			++*done;
			if (!uart_rig_holds(&r, 0x31800, 0x20000, seed))
				return "a wrong write";
		}
	}
	return uart_rig_ms(&r) - before_ms < 900000 ? NULL : "no end in 15 minutes";
}

static void done_means_right_whatever_the_line_does(void)
{
	const char *text = getenv("UART_SEEDS"), *first = getenv("UART_FIRST_SEED");
	const uint64_t from = first ? strtoull(first, NULL, 10) : 0;
	const uint64_t seeds = text ? strtoull(text, NULL, 10) : CHECK_SEEDS(24);
	unsigned done = 0, bad = 0;

	for (uint64_t seed = from; seed < from + seeds; seed++) {
		const char *wrong = campaign(seed, &done);

		if (!wrong)
			continue;
		bad++;
		fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, wrong);
	}
	printf("     %llu seeds, %u writes done\n", (unsigned long long)seeds, done);
	CHECK(bad == 0 && done >= seeds / 2);
}

static void scenario_1(void)
{
	FOR_BOTH(f) noisy_boot_text_and_stale_answers_do_not_mislead(f);
}

static void scenario_2(void)
{
	FOR_BOTH(f)
	{
		change_of_rate_that_fails(f, UART_BAUD_REPLY_LOST, true);
		change_of_rate_that_fails(f, UART_BAUD_IGNORED, false);
		change_of_rate_that_fails(f, UART_BAUD_OLD_RATE, true);
		change_of_rate_that_fails(f, UART_BAUD_LATE, true);
		answer_of_a_new_rate_may_take_402_ms(f);
		rate_that_is_too_high_falls_back_to_what_works(f);
	}
}

static void scenario_3(void)
{
	FOR_BOTH(f)
	{
		lost_doubled_and_flipped_bytes_are_read_again(f);
		line_that_flips_everything_ends_with_an_error(f);
	}
}

static void scenario_4(void)
{
	FOR_BOTH(f) byte_lost_in_a_write_is_mended(f);
}

static void scenario_5(void)
{
	FOR_BOTH(f) late_answers_are_never_taken_for_another_address(f);
}

static void scenario_6(void)
{
	FOR_BOTH(f)
	{
		wrong_crc_is_asked_again_before_data_is_blamed(f);
		crc_that_is_always_wrong_proves_nothing(f);
		crc_that_takes_ten_seconds_is_waited_for(f);
	}
}

static void scenario_9(void)
{
	FOR_BOTH(f)
	{
		chip_that_restarts_in_the_middle_is_linked_again(f);
		port_that_is_pulled_out_ends_at_once(f);
	}
}

static void scenario_9_power(void)
{
	FOR_BOTH(f)
	{
		power_lost_in_page_7_of_a_sector_is_written_anew(f);
		power_lost_in_an_erase_is_erased_anew(f);
	}
}

static void adapters(void)
{
	FOR_BOTH(f) adapters_that_hand_over_byte_by_byte_or_late_lose_nothing(f);
}

static void scenario_10(void)
{
	FOR_BOTH(f) busy_answers_are_asked_again(f);
}

static const struct check tests[] = {
	{ "1: noisy boot text and stale answers do not mislead", scenario_1 },
	{ "2: change of rate that fails in four ways, and a rate too high", scenario_2 },
	{ "3: lost, doubled and flipped bytes while reading", scenario_3 },
	{ "4: byte lost in a write is mended", scenario_4 },
	{ "5: late answers are never taken for another address", scenario_5 },
	{ "5: refusals of the loader's area are told as that",
	  refusals_of_the_loader_s_area_are_told_as_that },
	{ "6: wrong CRCs, once and always; slow ones", scenario_6 },
	{ "7: protected flash is unprotected, and only then",
	  protected_flash_is_unprotected_and_only_then },
	{ "7: protection that stays is told", protection_that_stays_is_told },
	{ "7: erase that says it worked is not believed",
	  erase_that_says_it_worked_is_not_believed },
	{ "7: old loader that writes nothing after a CRC is reset in between",
	  old_loader_that_writes_nothing_after_a_crc_is_reset_in_between },
	{ "7: old loader without a reset line reboots itself",
	  old_loader_without_a_reset_line_reboots_itself },
	{ "8: sizes are right whatever the content", sizes_are_right_whatever_the_content },
	{ "8: flash IDs of all kinds", flash_ids_of_all_kinds },
	{ "9: chip that restarts, port that is pulled out", scenario_9 },
	{ "9: power lost in page 7 of a sector, and in an erase", scenario_9_power },
	{ "9: loader that went to sleep is linked again",
	  loader_that_went_to_sleep_is_linked_again },
	{ "10: busy answers are asked again", scenario_10 },
	{ "10: commands that a family does not know are asked once",
	  commands_that_a_family_does_not_know_are_asked_once },
	{ "adapters that hand over byte by byte, or late, lose nothing", adapters },
	{ "done means right whatever the line does", done_means_right_whatever_the_line_does },
};

CHECK_MAIN(tests)
