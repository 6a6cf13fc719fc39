/* The UART loader's driver against both families: what works when nothing is wrong. */
#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "uart_rig.h"

#define ROM  UART_LOADER_ROM
#define SOFT UART_LOADER_IN_FLASH

static void boot_rom_is_known_by_what_it_says_of_itself(void)
{
	struct err e;
	UART_RIG(r, .family = ROM);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->family == BEKEN_BOOT_ROM && r.u->jedec_id == 0x1c7015);
	CHECK(r.u->base.size == 0x200000 && r.u->base.start == 0 && r.u->chip_id == 0x7231c);
	CHECK(r.u->baud == 921600);
	CHECK(strstr(r.u->base.name, "EN25QH16B"));
}

static void loader_in_flash_is_known_without_being_told(void)
{
	struct err e;
	UART_RIG(r, .family = SOFT);

	r.loader->params.version = "BK7231S_1.0.5";
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->family == BEKEN_LOADER_IN_FLASH && r.u->base.size == 0x200000);
	CHECK(!strcmp(r.u->loader, "BK7231S_1.0.5"));
	CHECK(r.u->base.start == 0); /* through the window behind the end */
}

static void whole_chip_of_each_family_reads_as_it_is(void)
{
	struct err e;
	UART_RIG(rom, .family = ROM);
	UART_RIG(soft, .family = SOFT, .size = 0x400000);

	CHECK_OK(uart_rig_start(&rom, &e), e);
	CHECK_OK(uart_rig_read(&rom, 0, 0x200000, &e), e);
	CHECK_OK(uart_rig_start(&soft, &e), e);
	CHECK(soft.u->base.size == 0x400000);
	CHECK_OK(uart_rig_read(&soft, 0, 0x400000, &e), e);
}

static void any_range_can_be_read(void)
{
	struct err e;
	UART_RIG(r, .family = ROM);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_OK(uart_rig_read(&r, 0x12345, 1, &e), e);
	CHECK_OK(uart_rig_read(&r, 0x1fffff, 1, &e), e);
	CHECK_OK(uart_rig_read(&r, 0xffff, 0x10002, &e), e);
	CHECK(uart_rig_read(&r, 0x1fffff, 2, &e) == -1 && e.code == ERR_BAD_INPUT);
}

static void writes_change_what_they_should_and_nothing_else(void)
{
	struct err e;
	UART_RIG(rom, .family = ROM);
	UART_RIG(soft, .family = SOFT);

	CHECK_OK(uart_rig_start(&rom, &e), e);
	CHECK_OK(uart_rig_write(&rom, 0x10123, 0x24567, 77, &e), e);
	CHECK(uart_rig_holds(&rom, 0x10123, 0x24567, 77));
	CHECK_OK(uart_rig_start(&soft, &e), e);
	CHECK_OK(uart_rig_write(&soft, 0x11000, 0x31000, 78, &e), e);
	CHECK(uart_rig_holds(&soft, 0x11000, 0x31000, 78));
}

static void what_is_right_already_is_not_written(void)
{
	uint32_t before;
	struct err e;
	UART_RIG(r, .family = ROM);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_OK(uart_rig_write(&r, 0x20000, 0x20000, 5, &e), e);
	before = r.loader->counters.erases + r.loader->counters.writes;
	CHECK_OK(uart_rig_write(&r, 0x20000, 0x20000, 5, &e), e);
	CHECK(r.loader->counters.erases + r.loader->counters.writes == before);
}

static void comparing_finds_the_first_byte_that_differs(void)
{
	uint8_t *bytes;
	struct nor_memory memory;
	struct nor_difference d;
	struct err e;
	UART_RIG(r, .family = ROM);
	AUTO(auto_free) uint8_t *content = bytes = malloc(0x40000);

	(void)content;
	CHECK_OK(uart_rig_start(&r, &e), e);
	chip_peek(&r.chip, 0x10100, bytes, 0x30000);
	memory = nor_memory(bytes, 0x10100);

	const struct nor_image image = { .source = &memory.base, .addr = 0x10100, .len = 0x30000 };

	CHECK_OK(board_flash_compare(&r.u->base, &image, NULL, &d, &e), e);
	CHECK(d.sectors == 0);
	bytes[0x12345] ^= 1;
	bytes[0x2ffff] ^= 1;
	CHECK_OK(board_flash_compare(&r.u->base, &image, NULL, &d, &e), e);
	CHECK(d.sectors == 2 && d.first == 0x10100 + 0x12345);
}

static void bootloader_is_not_written_without_force_and_the_refusal_says_why(void)
{
	struct err e;
	UART_RIG(r, .family = SOFT);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(uart_rig_write(&r, 0x10000, 0x2000, 9, &e) == -1 && e.code == ERR_PROTECTED);
	CHECK(strstr(e.text, "bootloader") && strstr(e.hint, "force"));
	CHECK(r.loader->counters.erases == 0 && r.loader->counters.writes == 0);
	CHECK(uart_rig_write(&r, 0, 0x200000, 9, &e) == -1 && e.code == ERR_PROTECTED);
	CHECK(r.loader->counters.erases == 0 && r.loader->counters.writes == 0);
}

struct storyteller {
	struct sim_narrator base; /* first member */
	unsigned told;
};

/* The first two bytes of the application. */
static void tell_start(struct sim_narrator *narrator, const struct sim_content *content,
		       char text[SIM_TEXT])
{
	uint8_t bytes[2];

	((struct storyteller *)narrator)->told++;
	content->read(content, 0x11000, bytes, sizeof bytes);
	snprintf(text, SIM_TEXT, "starts with %02x%02x\r\n", bytes[0], bytes[1]);
}

static bool prints(struct uart_rig *r, const char *want)
{
	char text[SIM_TEXT];
	size_t len = 0, got = 1;
	struct err e;

	sim_uart_power(r->sim, false);
	sim_uart_power(r->sim, true);
	r->clock.now_ns += 100000000u; /* nobody says anything: the application starts */
	for (; got > 0; len += got)
		if (serial_read(sim_uart_log(r->sim), (uint8_t *)text + len, sizeof text - 1 - len,
				200, &got, &e) < 0)
			return false;
	return len == strlen(want) && memcmp(text, want, len) == 0;
}

static void application_says_what_is_in_the_flash_now(void)
{
	static const uint8_t first[] = { 0x12, 0x34 }, second[] = { 0xab, 0xcd };
	struct storyteller teller = { .base.tell = tell_start };
	UART_RIG(r, .family = ROM, .narrator = &teller.base);

	chip_poke(&r.chip, 0x11000, first, sizeof first);
	r.chip.changes++;
	CHECK(prints(&r, "starts with 1234\r\n") && teller.told == 1);
	CHECK(prints(&r, "starts with 1234\r\n") && teller.told == 1);
	chip_poke(&r.chip, 0x11000, second, sizeof second);
	r.chip.changes++;
	CHECK(prints(&r, "starts with abcd\r\n") && teller.told == 2);
}

static void erased_board_runs_nothing(void)
{
	struct storyteller teller = { .base.tell = tell_start };
	UART_RIG(r, .family = ROM, .narrator = &teller.base, .blank_app = true);

	CHECK(prints(&r, "") && teller.told == 0);
}

#define APP_RUNS_NS 2000000000u /* by then the loader does not listen any more */

static void board_without_lines_is_rebooted_by_its_firmware(void)
{
	struct err e;
	UART_RIG(r, .family = SOFT, .without_cen = true, .link_timeout_ms = 20000);

	r.clock.now_ns += APP_RUNS_NS;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.told >= 1 && r.calls == 0);
}

/* Most firmware does not: then the person is called, until the loader is there. */
static void board_without_lines_asks_the_person_and_waits(void)
{
	struct err e;
	UART_RIG(r, .family = SOFT, .without_cen = true, .link_timeout_ms = 20000);

	r.loader->params.deaf = true;
	r.loader->params.reset_after = 10000; /* the hand: after a thousand probes and more */
	r.clock.now_ns += APP_RUNS_NS;
	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.calls == 1 && !r.calling);
}

static void silent_board_ends_with_a_reason_and_advice(void)
{
	struct err e;
	UART_RIG(r, .family = SOFT);

	r.loader->params.early_exit_us = 1; /* never there */
	r.loader->params.late_exit_us = 2;
	CHECK(uart_rig_start(&r, &e) == -1 && e.code == ERR_NO_CHIP);
	CHECK(strstr(e.hint, "SPI"));
	CHECK(uart_rig_ms(&r) < 15000);
}

/* Somebody who follows: the link counts probes, then the read counts bytes. */
struct follower {
	struct progress base; /* first member */
	uint64_t last, total;
	unsigned looks;
	bool fell;
};

static int follow(struct progress *progress, uint64_t done, uint64_t total, struct err *e)
{
	struct follower *f = (struct follower *)progress;

	(void)e;
	f->looks++;
	if (done == PROGRESS_SAME)
		return 0;
	f->fell |= total == f->total && done < f->last;
	f->last = done;
	f->total = total;
	return 0;
}

static void progress_goes_forward_whatever_happens_in_between(void)
{
	struct err e;
	UART_RIG(r, .family = SOFT, .size = 0x80000, .jedec_id = 0xc84013);
	struct follower f = { .base.report = follow };
	AUTO(auto_free) uint8_t *bytes = malloc(0x60000);
	const struct nor_range range = { .addr = 0x11000, .buf = bytes, .len = 0x60000 };

	CHECK(bytes);
	r.clock.now_ns += 2000000000u; /* the application runs */
	CHECK_OK(beken_uart_link(r.u, &f.base, &e), e);
	CHECK_OK(beken_uart_identify(r.u, &e), e);
	CHECK(!f.fell && f.total == 0 && f.last > 1);
	sim_uart_set_faults(r.sim, &(struct sim_uart_faults){ .drop = 3e-5 });
	f.looks = 0;
	CHECK_OK(board_flash_read(&r.u->base, &range, &f.base, &e), e);
	CHECK(!f.fell && f.last == range.len && f.total == range.len);
	CHECK(f.looks > range.len / 4096 && r.u->counts.timeouts > 0);
}

/*
 * A shortened chip of 256 KiB at 115200, against what the wire takes at least: a sector is 12 + 4111
 * bytes read, 4108 + 15 written, and with its erase and its CRC 29 + 24 more (10 bits a byte).
 */
#define SHORT_SIZE  0x40000u
#define SECTOR_READ 4123u
#define SECTOR_KEPT 4176u
#define ERASE_MS    150u /* of 64 KiB, by the simulated chip */

static uint64_t wire_ms(uint32_t bytes, uint32_t per_sector)
{
	return (uint64_t)bytes / 4096 * per_sector * 10 * 1000 / 115200;
}

static void say_pace(const char *what, uint32_t bytes, uint64_t ms, uint64_t limit_ms)
{
	printf("table: %s of %u KiB at 115200 baud: %llu ms, the wire alone %llu ms, %+.1f %%\n",
	       what, bytes / 1024, (unsigned long long)ms, (unsigned long long)limit_ms,
	       100.0 * (double)ms / (double)limit_ms - 100);
}

static void reads_take_what_the_wire_takes_and_little_more(enum uart_loader_family family)
{
	struct err e;
	UART_RIG(r, .family = family, .baud = 115200, .size = 2 * SHORT_SIZE, .jedec_id = 0xc44013);
	const uint64_t limit_ms = wire_ms(SHORT_SIZE, SECTOR_READ);
	uint64_t start_ms;

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK(r.u->base.size == 2 * SHORT_SIZE && r.u->baud == 115200);
	start_ms = uart_rig_ms(&r);
	CHECK_OK(uart_rig_read(&r, 0x20000, SHORT_SIZE, &e), e);
	say_pace(family == ROM ? "read, boot ROM" : "read, loader in flash", SHORT_SIZE,
		 uart_rig_ms(&r) - start_ms, limit_ms);
	CHECK(uart_rig_ms(&r) - start_ms >= limit_ms);
	CHECK(uart_rig_ms(&r) - start_ms <= limit_ms * 103 / 100);
}

/* Noise over noise, as a whole chip is written after its backup: every sector is erased. */
static void writes_take_what_the_wire_takes_and_little_more(enum uart_loader_family family)
{
	struct err e;
	UART_RIG(r, .family = family, .baud = 115200, .size = 2 * SHORT_SIZE, .jedec_id = 0xc44013,
		 .full = true);
	const uint64_t limit_ms = wire_ms(SHORT_SIZE, SECTOR_KEPT);
	uint64_t start_ms, ms;

	CHECK_OK(uart_rig_start(&r, &e), e);
	start_ms = uart_rig_ms(&r);
	CHECK_OK(uart_rig_write_seen(&r, 0x20000, SHORT_SIZE, 3, &e), e);
	ms = uart_rig_ms(&r) - start_ms;
	CHECK(uart_rig_holds(&r, 0x20000, SHORT_SIZE, 3));
	say_pace(family == ROM ? "write, boot ROM" : "write, loader in flash", SHORT_SIZE, ms,
		 limit_ms);
	CHECK(r.loader->counters.erases == SHORT_SIZE / 0x10000);
	CHECK(ms >= wire_ms(SHORT_SIZE, SECTOR_READ) + SHORT_SIZE / 0x10000 * ERASE_MS);
	CHECK(ms <= limit_ms * 103 / 100);
}

static void whole_sessions_keep_the_pace_of_the_wire(void)
{
	reads_take_what_the_wire_takes_and_little_more(ROM);
	reads_take_what_the_wire_takes_and_little_more(SOFT);
	writes_take_what_the_wire_takes_and_little_more(ROM);
	writes_take_what_the_wire_takes_and_little_more(SOFT);
}

static void erased_sectors_are_not_erased_again(void)
{
	struct err e;
	UART_RIG(r, .family = ROM);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_OK(uart_rig_write_seen(&r, 0x180000, 0x20000, 3, &e), e);
	CHECK(uart_rig_holds(&r, 0x180000, 0x20000, 3));
	CHECK(r.loader->counters.erases == 0 && r.loader->counters.writes == 0x20);
}

/* The chip was changed since: the memory of it is of no use, and what is written is right. */
static void what_was_seen_is_not_believed_in_the_end(void)
{
	uint8_t other[16] = { 0 };
	struct err e;
	UART_RIG(r, .family = ROM);

	CHECK_OK(uart_rig_start(&r, &e), e);
	CHECK_OK(uart_rig_write(&r, 0x180000, 0x20000, 3, &e), e);
	r.lies = true; /* says that it is all there still, and that the rest is erased */
	chip_poke(&r.chip, 0x184000, other, sizeof other);
	chip_poke(&r.chip, 0x1a3000, other, sizeof other);
	CHECK_OK(uart_rig_write_seen(&r, 0x180000, 0x30000, 3, &e), e);
	CHECK(uart_rig_holds(&r, 0x180000, 0x30000, 3));
}

static const struct check tests[] = {
	{ "boot ROM is known by what it says of itself",
	  boot_rom_is_known_by_what_it_says_of_itself },
	{ "loader in flash is known without being told",
	  loader_in_flash_is_known_without_being_told },
	{ "whole chip of each family reads as it is", whole_chip_of_each_family_reads_as_it_is },
	{ "any range can be read", any_range_can_be_read },
	{ "writes change what they should and nothing else",
	  writes_change_what_they_should_and_nothing_else },
	{ "what is right already is not written", what_is_right_already_is_not_written },
	{ "comparing finds the first byte that differs",
	  comparing_finds_the_first_byte_that_differs },
	{ "bootloader is not written without force, and the refusal says why",
	  bootloader_is_not_written_without_force_and_the_refusal_says_why },
	{ "application says what is in the flash now", application_says_what_is_in_the_flash_now },
	{ "erased board runs nothing", erased_board_runs_nothing },
	{ "board without lines is rebooted by its firmware",
	  board_without_lines_is_rebooted_by_its_firmware },
	{ "board without lines asks the person and waits",
	  board_without_lines_asks_the_person_and_waits },
	{ "silent board ends with a reason and advice",
	  silent_board_ends_with_a_reason_and_advice },
	{ "progress goes forward whatever happens in between",
	  progress_goes_forward_whatever_happens_in_between },
	{ "whole sessions keep the pace of the wire", whole_sessions_keep_the_pace_of_the_wire },
	{ "erased sectors are not erased again", erased_sectors_are_not_erased_again },
	{ "what was seen is not believed in the end", what_was_seen_is_not_believed_in_the_end },
};

CHECK_MAIN(tests)
