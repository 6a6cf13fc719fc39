/* Who answers, what flash is behind it, and how large that is. */
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "beken_uart_flashes.h"
#include "beken_uart_impl.h"

#define PROBE_AT   0x11000u
#define MIB        0x100000u
#define SMALLEST   (MIB / 2)
#define LARGEST    (8 * MIB) /* above that a loader with 24-bit addresses cannot tell */
#define CAP_MIN    0x10      /* 64 KiB */
#define CAP_MAX    0x1a      /* 64 MiB */
#define FAMILY_TRY 4

/* CRC-32 of a loader's first 256 bytes (boot ROM parts: 257), as public tools know them. */
static const struct known_loader {
	uint32_t crc;
	const char *name;
} loaders[] = {
	{ 0xe14191ba, "BK7231N 1.0.1" },   { 0xf42f8c32, "BK7238 T1 2.0.0" },
	{ 0x6beb0924, "BK7238 1.0.14" },   { 0xf0231ef6, "BK7231Q" },
	{ 0xff5a3eac, "BK7231Q" },         { 0xc1eca871, "BK7231S_1.0.1" },
	{ 0x4b31e44d, "BK7231S_1.0.3" },   { 0xba54c1b8, "BK7231S_1.0.5" },
	{ 0xe5cbc953, "BK7231S_1.0.6" },   { 0x2739019f, "BK7231U 1.0.6" },
	{ 0x39f9b50c, "BK7252 0.1.3" },    { 0xe3a27c26, "BK7252 SDK" },
	{ 0x5b5961cf, "BK7252U (4 MiB)" },
};

/* 257 bytes of zero: the flash does not answer the chip. */
#define CRC_OF_ZEROS 0xb7bfa0ceu

static const struct known_part {
	uint32_t chip_id;
	const char *name;
} parts[] = {
	{ 0x7231c, "BK7231N" }, { 0x7231a, "BK7231T" }, { 0x7231, "BK7231" }, { 0x7238, "BK7238" },
	{ 0x7252, "BK7252" },   { 0x7252a, "BK7252N" }, { 0x7236, "BK7236" },
};

/* A question that one of the families does not know: its silence or refusal is no trouble. */
static int ask_once(struct beken_uart *u, const struct uart_ask *ask, struct beken_frame *reply,
		    bool *answered, struct err *e)
{
	*answered = uart_ask(u, ask, reply, e) == 0;
	if (*answered || e->code == ERR_IO || e->code == ERR_PROTECTED)
		return 0;
	if (e->code != ERR_TIMEOUT)
		return -1;
	bool there;

	if (uart_is_there(u, 200, &there, e) < 0)
		return -1;
	return there ? 0 : uart_recover(u, e);
}

/* ---- family */

/* The raw question: 257 bytes from addr, of which a loader in flash sums 256. */
static int sum_257(struct beken_uart *u, uint32_t addr, uint32_t *crc, struct err *e)
{
	return beken_uart_crc(u, addr, 257, crc, e);
}

static int ask_family(struct beken_uart *u, uint8_t *sector, struct err *e)
{
	uint32_t crc;

	if (beken_uart_read_4k(u, PROBE_AT, sector, e) < 0 || sum_257(u, PROBE_AT, &crc, e) < 0)
		return -1;
	if (crc == beken_crc(BEKEN_CRC_INIT, sector, 257))
		u->family = BEKEN_BOOT_ROM;
	else if (crc == beken_crc(BEKEN_CRC_INIT, sector, 256))
		u->family = BEKEN_LOADER_IN_FLASH;
	return 0;
}

static int find_family(struct beken_uart *u, struct err *e)
{
	u->family = BEKEN_FAMILY_UNKNOWN;
	if (!u->sums)
		return uart_family_without_sums(u, e);
	for (int i = 0; i < FAMILY_TRY && u->family == BEKEN_FAMILY_UNKNOWN; i++)
		if (ask_family(u, u->work->block, e) < 0)
			return -1;
	if (u->family != BEKEN_FAMILY_UNKNOWN)
		return 0;
	err_set(e, ERR_UNKNOWN_CHIP, "the loader's CRC fits neither family of loaders");
	return err_hint(e, "The line may flip bits (lower the rate, shorten the wires), or the "
			   "loader is none that is known: use SPI.");
}

static void name_loader(struct beken_uart *u)
{
	for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
		if (loaders[i].crc == u->loader_crc)
			snprintf(u->loader, sizeof u->loader, "%s", loaders[i].name);
}

/* Only Tuya's builds for BK7231T have it; padded with zeros or spaces. */
static int ask_version(struct beken_uart *u, struct err *e)
{
	const struct uart_ask ask = {
		.op = BEKEN_VERSION, .reply = BEKEN_VERSION, .answer = 1, .timeout_ms = 150
	};
	struct beken_frame reply;
	bool answered;
	size_t n = 0;

	if (ask_once(u, &ask, &reply, &answered, e) < 0)
		return -1;
	for (; answered && n < reply.len && n + 1 < sizeof u->loader; n++) {
		if (reply.payload[n] <= ' ' || reply.payload[n] > '~')
			break;
		u->loader[n] = (char)reply.payload[n];
	}
	if (n > 0)
		u->loader[n] = '\0';
	return 0;
}

/* Of the loader's first bytes: what it says itself, or what a boot ROM shows of the flash. */
static int sum_start(struct beken_uart *u, struct err *e)
{
	uint8_t *sector = u->work->block;
	uint32_t crc = ~0u;

	if (u->sums ? sum_257(u, 0, &crc, e) < 0
		    : u->family == BEKEN_BOOT_ROM &&
			      uart_read_proven(u, 0, sector, UART_SECTOR, e) < 0)
		return -1;
	if (!u->sums && u->family == BEKEN_BOOT_ROM)
		crc = beken_crc(BEKEN_CRC_INIT, sector, 257);
	u->loader_crc = ~crc;
	return 0;
}

static int find_loader(struct beken_uart *u, struct err *e)
{
	u->loader[0] = '\0';
	if (sum_start(u, e) < 0)
		return -1;
	name_loader(u);
	if (u->loader_crc == CRC_OF_ZEROS) {
		err_set(e, ERR_NO_CHIP, "the loader answers, but its flash reads as zeros");
		return err_hint(e, "Is the flash's supply there, and P24 not held low at reset?");
	}
	return u->family == BEKEN_LOADER_IN_FLASH ? ask_version(u, e) : 0;
}

/* ---- boot ROM: it can be asked */

static int ask_chip_id(struct beken_uart *u, struct err *e)
{
	static const uint32_t registers[] = { 0x00800000, 0x44010004 };
	uint8_t payload[4];
	struct beken_frame reply;
	bool answered = false;

	for (size_t i = 0; i < ARRAY_LEN(registers) && u->chip_id == 0; i++) {
		const struct uart_ask ask = { .op = BEKEN_READ_REG,
					      .reply = BEKEN_READ_REG,
					      .payload = payload,
					      .len = 4,
					      .echo = 4,
					      .answer = 8,
					      .timeout_ms = 200 };

		beken_put32(payload, registers[i]);
		if (ask_once(u, &ask, &reply, &answered, e) < 0)
			return -1;
		if (answered)
			u->chip_id = beken_get32(reply.payload + 4) & 0xfffff;
	}
	return 0;
}

static int ask_mid(struct beken_uart *u, struct err *e)
{
	static const uint8_t payload[4] = { 0x9f };
	struct beken_frame reply;
	const struct uart_ask ask = { .is_long = true,
				      .op = BEKEN_GET_MID,
				      .reply = BEKEN_GET_MID,
				      .payload = payload,
				      .len = sizeof payload,
				      .answer = 4,
				      .timeout_ms = 500 };

	if (uart_command(u, &ask, &reply, e) < 0)
		return err_prefix(e, "flash ID: ");
	u->jedec_id = (uint32_t)reply.payload[1] << 16 | (uint32_t)reply.payload[2] << 8 |
		      reply.payload[3];
	return 0;
}

/* The same twice: an ID is short, and nothing else guards it. */
static int find_mid(struct beken_uart *u, struct err *e)
{
	uint32_t before = 0;

	for (int i = 0; i < FAMILY_TRY; i++) {
		before = u->jedec_id;
		if (ask_mid(u, e) < 0)
			return -1;
		if (i > 0 && before == u->jedec_id)
			break;
	}
	if (before == u->jedec_id && nor_id_plausible(u->jedec_id))
		return 0;
	err_set(e, ERR_NO_CHIP, "the loader answers, but its flash does not: ID %06X", u->jedec_id);
	return err_hint(e, "Is the flash's supply there? Does something else drive its pins?");
}

static int size_by_id(struct beken_uart *u, struct err *e)
{
	const struct beken_flash *flash = beken_flash_by_id(u->jedec_id);
	const struct nor_part *part = nor_part_by_id(u->jedec_id);
	const uint8_t cap = (uint8_t)u->jedec_id;

	if (flash)
		u->base.size = flash->size;
	else if (part)
		u->base.size = part->size;
	else if (cap >= CAP_MIN && cap <= CAP_MAX)
		u->base.size = 1u << cap;
	else
		return err_set(e, ERR_UNKNOWN_CHIP, "flash %06X: its size is not known",
			       u->jedec_id);
	return 0;
}

static void name_rom(struct beken_uart *u)
{
	const struct nor_part *part = nor_part_by_id(u->jedec_id);
	const char *chip = "BK72xx";

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].chip_id == u->chip_id)
			chip = parts[i].name;
	snprintf(u->base.name, sizeof u->base.name, "%s", part ? part->names : chip);
	if (part)
		return;
	snprintf(u->base.name, sizeof u->base.name, "flash %06X of %s", u->jedec_id, chip);
}

static int identify_rom(struct beken_uart *u, struct err *e)
{
	if (ask_chip_id(u, e) < 0 || find_mid(u, e) < 0 || size_by_id(u, e) < 0)
		return -1;
	u->base.start = 0;
	name_rom(u);
	return 0;
}

/* ---- loader in flash: it cannot; but it stands there once, and never empty */

static int loader_is_at(struct beken_uart *u, uint32_t addr, uint32_t crc, bool *same,
			struct err *e)
{
	uint32_t there;

	if (beken_uart_crc(u, addr, BEKEN_LOADER_END, &there, e) < 0)
		return -1;
	/* A wrong answer is asked again before it is believed; a right one cannot be wrong. */
	if (there != crc && beken_uart_crc(u, addr, BEKEN_LOADER_END, &there, e) < 0)
		return -1;
	*same = there == crc;
	return 0;
}

/* The loader's own sum, as two questions agree on. */
static int loader_crc(struct beken_uart *u, uint32_t *crc, struct err *e)
{
	uint32_t before;

	if (beken_uart_crc(u, 0, BEKEN_LOADER_END, crc, e) < 0)
		return -1;
	for (int i = 0; i < FAMILY_TRY; i++) {
		before = *crc;
		if (beken_uart_crc(u, 0, BEKEN_LOADER_END, crc, e) < 0)
			return -1;
		if (before == *crc)
			return 0;
	}
	return err_set(e, ERR_UNSTABLE_READ, "the loader's CRC of itself changes each time");
}

/* The CRC of a loader's area that holds nothing. */
static uint32_t of_one_value(uint8_t value)
{
	uint8_t page[256];
	uint32_t crc = BEKEN_CRC_INIT;

	memset(page, value, sizeof page);
	for (uint32_t at = 0; at < BEKEN_LOADER_END; at += sizeof page)
		crc = beken_crc(crc, page, sizeof page);
	return crc;
}

static int size_by_wrap(struct beken_uart *u, uint32_t crc, struct err *e)
{
	bool same = false;

	if (crc == of_one_value(0xff) || crc == of_one_value(0)) {
		err_set(e, ERR_UNKNOWN_CHIP,
			"the flash has no loader at its start, and so no size "
			"that can be told");
		return err_hint(e, "Read it by SPI, which asks the flash itself.");
	}
	for (uint32_t size = SMALLEST; size <= LARGEST; size *= 2) {
		if (loader_is_at(u, size, crc, &same, e) < 0)
			return -1;
		if (same) {
			u->base.size = size;
			return 0;
		}
	}
	err_set(e, ERR_UNKNOWN_CHIP,
		"the flash's size is not known: its start was found again "
		"at none of 512 KiB to 8 MiB");
	return err_hint(e, "Read it by SPI, which asks the flash itself.");
}

/*
 * The loader's own area through the window beyond the flash's size; where that shows something
 * else, it cannot be read.
 */
static int find_window(struct beken_uart *u, struct err *e)
{
	uint8_t *sector = u->work->block;
	bool equal = false;

	u->base.start = BEKEN_LOADER_END;
	if (beken_uart_read_4k(u, u->base.size, sector, e) < 0)
		return e->code == ERR_PROTECTED ? 0 : -1;
	if (uart_is_equal(u, 0, sector, UART_SECTOR, &equal, e) < 0)
		return -1;
	if (!equal && (beken_uart_read_4k(u, u->base.size, sector, e) < 0 ||
		       uart_is_equal(u, 0, sector, UART_SECTOR, &equal, e) < 0))
		return -1;
	if (equal)
		u->base.start = 0;
	return 0;
}

static int find_size(struct beken_uart *u, struct err *e)
{
	uint32_t crc;

	if (!u->sums)
		return uart_size_without_sums(u, e);
	if (loader_crc(u, &crc, e) < 0 || size_by_wrap(u, crc, e) < 0)
		return -1;
	return find_window(u, e);
}

static int identify_flash(struct beken_uart *u, struct err *e)
{
	if (find_size(u, e) < 0)
		return -1;
	snprintf(u->base.name, sizeof u->base.name, "flash of %u KiB%s%s", u->base.size / 1024,
		 *u->loader ? " behind " : "", u->loader);
	return 0;
}

int beken_uart_identify(struct beken_uart *u, struct err *e)
{
	u->chip_id = u->jedec_id = 0;
	u->base = (struct board_flash){ .ops = &uart_flash_ops, .cell = UART_SECTOR };
	if (uart_find_sums(u, e) < 0)
		return -1;
	u->base.proves = u->sums;
	if (find_family(u, e) < 0 || find_loader(u, e) < 0)
		return -1;
	return u->family == BEKEN_BOOT_ROM ? identify_rom(u, e) : identify_flash(u, e);
}
