/* Loaders without CheckCRC: what they send is proven by a second pass. */
#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "uart_rig.h"

#define ROM  UART_LOADER_ROM
#define SOFT UART_LOADER_IN_FLASH
#define SIZE 0x80000u

#define SUMLESS(r, ...) \
	UART_RIG(r, .size = SIZE, .jedec_id = 0xc84013, __VA_ARGS__); \
	(r).loader->params.no_sums = true

static struct err e;

static void family_and_size_are_found(enum uart_loader_family family, enum beken_family want)
{
	SUMLESS(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->family == want && !r.u->sums && !r.u->base.proves);
	CHECK(r.u->base.size == SIZE && r.u->base.start == 0);
	CHECK(r.loader->counters.sums == 0 && r.u->counts.relinks == 0);
	CHECK(strstr(r.last_told, "second pass"));
}

static void loader_is_known_without_its_crc(void)
{
	family_and_size_are_found(ROM, BEKEN_BOOT_ROM);
	family_and_size_are_found(SOFT, BEKEN_LOADER_IN_FLASH);
}

static void crc_that_is_lost_a_few_times_is_no_missing_one(void)
{
	for (uint32_t lost = 0; lost < 4 && !check_failed; lost++) {
		UART_RIG(r, .family = lost & 1 ? ROM : SOFT, .size = SIZE, .jedec_id = 0xc84013);

		r.loader->params.sums_lost = lost;
		CHECK_OK(uart_rig_start(&r, &e), e);
		CHECK(r.u->sums && r.u->base.proves);
	}
}

/* As it is read for a vote, which must be right whatever a single read was. */
static bool votes_right(struct uart_rig *r, uint32_t addr, uint32_t len)
{
	uint8_t have[4096], want[4096];

	for (uint32_t at = addr; at < addr + len; at += sizeof have) {
		if (board_flash_vote(&r->u->base, at, have, sizeof have, &e) < 0)
			return false;
		chip_peek(&r->chip, at, want, sizeof want);
		if (memcmp(have, want, sizeof have) != 0)
			return false;
	}
	return true;
}

static void what_two_reads_agree_on_is_right(enum uart_loader_family family)
{
	SUMLESS(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_OK(uart_rig_read(&r, 0, SIZE, &e), e);
	sim_uart_set_faults(r.sim, &(struct sim_uart_faults){ .drop = 2e-5, .flip = 5e-5 });
	CHECK(votes_right(&r, 0, 0x40000));
	CHECK(r.u->counts.reread > 0);
}

static void noise_is_unstable(enum uart_loader_family family)
{
	uint8_t sector[4096];
	SUMLESS(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	sim_uart_set_faults(r.sim, &(struct sim_uart_faults){ .flip = 2e-3 });
	CHECK(board_flash_vote(&r.u->base, 0x20000, sector, sizeof sector, &e) == -1);
	CHECK((e.code == ERR_UNSTABLE_READ || e.code == ERR_TIMEOUT) && e.hint[0]);
}

static void writes_are_read_back(enum uart_loader_family family)
{
	SUMLESS(r, .family = family);

	CHECK_OK(uart_rig_start(&r, &e), e);
	sim_uart_set_faults(r.sim, &(struct sim_uart_faults){ .drop = 1e-5, .flip = 1e-5 });
	CHECK_OK(uart_rig_write(&r, 0x20800, 0x13000, 5, &e), e);
	CHECK(uart_rig_holds(&r, 0x20800, 0x13000, 5));
	CHECK(uart_rig_around(&r, 0x20800, 0x13000, &e) == 0);
}

static void lie_about_a_write_is_found_out(void)
{
	SUMLESS(r, .family = ROM);

	CHECK_OK(uart_rig_start(&r, &e), e);
	chip_set_status(&r.chip, 0x1c, 0);
	r.loader->params.sr_stuck = true;
	CHECK(uart_rig_write(&r, 0x40000, 0x1000, 3, &e) == -1 && e.code == ERR_PROTECTED);
}

static void both_families(void)
{
	static const enum uart_loader_family all[] = { ROM, SOFT };

	for (size_t i = 0; i < ARRAY_LEN(all) && !check_failed; i++) {
		what_two_reads_agree_on_is_right(all[i]);
		noise_is_unstable(all[i]);
		writes_are_read_back(all[i]);
	}
}

static void size_is_right_for(uint32_t size, bool halves, bool blank)
{
	UART_RIG(r, .family = SOFT, .size = size, .jedec_id = 0xc84013, .halves = halves,
		 .blank_app = blank);

	r.loader->params.no_sums = true;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->base.size == size && r.u->base.start == 0);
}

/* Behind the loader the same 512 KiB again and again: only the loader is there once. */
static void content_that_repeats_itself_makes_no_flash_smaller(void)
{
	static uint8_t part[0x80000];
	UART_RIG(r, .family = SOFT, .size = 0x200000, .full = true);

	r.loader->params.no_sums = true;
	chip_peek(&r.chip, 0x80000, part, sizeof part);
	for (uint32_t at = sizeof part; at < 0x200000; at += sizeof part)
		chip_poke(&r.chip, at, part, sizeof part);
	chip_poke(&r.chip, 0x11000, part + 0x11000, sizeof part - 0x11000);
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->base.size == 0x200000);
}

/* A flash whose loader was erased while it runs tells nothing. */
static void size_is_right_or_not_known(void)
{
	uint8_t nothing[0x11000];
	SUMLESS(erased, .family = SOFT);

	for (int i = 0; i < 8 && !check_failed; i++)
		size_is_right_for(i & 1 ? 0x400000 : 0x100000, i & 2, i & 4);
	content_that_repeats_itself_makes_no_flash_smaller();
	memset(nothing, 0xff, sizeof nothing);
	CHECK_OK(beken_uart_link(erased.u, NULL, &e), e);
	chip_poke(&erased.chip, 0, nothing, sizeof nothing);
	CHECK(beken_uart_identify(erased.u, &e) == -1 && e.code == ERR_UNKNOWN_CHIP);
	CHECK(strstr(e.hint, "SPI"));
}

static const struct check tests[] = {
	{ "loader is known without its CRC", loader_is_known_without_its_crc },
	{ "CRC that is lost a few times is no missing one",
	  crc_that_is_lost_a_few_times_is_no_missing_one },
	{ "what two reads agree on is right; noise is unstable; writes are read back",
	  both_families },
	{ "lie about a write is found out", lie_about_a_write_is_found_out },
	{ "size is right or not known", size_is_right_or_not_known },
};

CHECK_MAIN(tests)
