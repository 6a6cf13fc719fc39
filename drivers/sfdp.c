#include "sfdp.h"

#include <stdbool.h>

/*
 * Layout and field numbers as in JEDEC JESD216: dwords count from 1, bits from 0, all
 * little-endian. BFPT: basic flash parameter table. 4BAIT: four-byte address instruction table.
 */
#define SIGNATURE 0x50444653u /* "SFDP" */
#define HEADER    8u          /* bytes, of the file header and of each parameter header */
#define MAJOR     1
#define BFPT      0xff00u
#define FOUR_BYTE 0xff84u
#define BFPT_MIN  9u /* dwords; of the first JESD216 */
#define FOUR_MIN  2u

#define SECTOR    4096u
#define PAGE_OLD  256u
#define DENSITY_N 40u /* 2^40 bits: larger is nonsense */
#define ERASE_N   31u

struct table {
	const uint8_t *bytes;
	size_t dwords;
	uint8_t major, minor;
};

static uint32_t le32(const uint8_t *b)
{
	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* A dword that the table is too short for reads as 0: "not said". */
static uint32_t dword(const struct table *t, size_t number)
{
	return number <= t->dwords ? le32(t->bytes + 4 * (number - 1)) : 0;
}

static uint32_t bits(uint32_t word, unsigned high, unsigned low)
{
	return word >> low & (0xffffffffu >> (31 - (high - low)));
}

/* The first JESD216 has no upper byte of the ID: it stands at FFh, or at 00h in old parts. */
static uint32_t header_id(const uint8_t *header)
{
	const uint32_t high = header[7] ? header[7] : 0xff;

	return high << 8 | header[0];
}

/* The last header of that ID whose table lies within the copy: later ones are newer. */
static bool find_table(const uint8_t *bytes, size_t len, uint32_t id, struct table *t)
{
	const size_t headers = (size_t)bytes[6] + 1;
	bool found = false;

	for (size_t i = 1; i <= headers && (i + 1) * HEADER <= len; i++) {
		const uint8_t *h = bytes + i * HEADER;
		const size_t at = le32(h + 4) & 0xffffff, dwords = h[3];

		if (header_id(h) != id || h[2] != MAJOR || at > len || dwords * 4 > len - at)
			continue;
		*t = (struct table){ bytes + at, dwords, .major = h[2], .minor = h[1] };
		found = true;
	}
	return found;
}

/* Dword 2. False when it makes no sense. */
static bool parse_size(const struct table *t, struct sfdp *sfdp)
{
	const uint32_t density = dword(t, 2), n = bits(density, 30, 0);

	if (density >> 31 == 0)
		sfdp->size = ((uint64_t)n + 1) / 8;
	else if (n >= 32 && n <= DENSITY_N)
		sfdp->size = (uint64_t)1 << (n - 3);
	return sfdp->size > 0 && sfdp->size % SECTOR == 0;
}

/* Dword 1, bits 18:17. False for the value that is reserved. */
static bool parse_addressing(const struct table *t, struct sfdp *sfdp)
{
	static const uint8_t known[] = { 3, 34, 4, 0 };

	sfdp->address_bytes = known[bits(dword(t, 1), 18, 17)];
	sfdp->enter_4b = (uint8_t)bits(dword(t, 16), 31, 24);
	return sfdp->address_bytes != 0;
}

/* Dword 10: a time for each erase type, and one factor from typical to maximum for all. */
static void parse_erase_time(const struct table *t, unsigned type, struct sfdp_erase *erase)
{
	static const uint32_t unit_ms[] = { 1, 16, 128, 1000 };
	const uint32_t word = dword(t, 10);
	const uint32_t time = bits(word, 10 + 7 * type, 4 + 7 * type);

	if (t->dwords < 10)
		return;
	erase->typical_us = (bits(time, 4, 0) + 1) * unit_ms[bits(time, 6, 5)] * 1000;
	erase->maximum_us = 2 * (bits(word, 3, 0) + 1) * erase->typical_us;
}

static bool erase_fits(const struct sfdp *sfdp, uint32_t size)
{
	return size <= sfdp->size && sfdp->size % size == 0;
}

/* Dwords 8 and 9: size as a power of two and opcode, four times. */
static void parse_erases(const struct table *t, const struct table *four, struct sfdp *sfdp)
{
	for (unsigned type = 0; type < 4; type++) {
		const uint32_t half = dword(t, 8 + type / 2) >> (type % 2 * 16);
		const uint32_t n = bits(half, 7, 0), opcode = bits(half, 15, 8);
		struct sfdp_erase *erase = &sfdp->erase[sfdp->erases];

		if (n == 0 || n > ERASE_N || opcode == 0 || !erase_fits(sfdp, 1u << n))
			continue;
		*erase = (struct sfdp_erase){ .opcode = (uint8_t)opcode, .size = 1u << n };
		parse_erase_time(t, type, erase);
		if (bits(dword(four, 1), 9 + type, 9 + type))
			erase->opcode_4b = (uint8_t)(dword(four, 2) >> type * 8);
		sfdp->erases++;
	}
}

/* Dword 1: where no type is listed there may still be a 4 KiB erase. */
static void parse_sector_erase(const struct table *t, struct sfdp *sfdp)
{
	const uint8_t opcode = (uint8_t)bits(dword(t, 1), 15, 8);

	if (sfdp->erases == 0 && bits(dword(t, 1), 1, 0) == 1 && opcode != 0 && opcode != 0xff)
		sfdp->erase[sfdp->erases++] =
			(struct sfdp_erase){ .opcode = opcode, .size = SECTOR };
}

/* Dword 11, with the factor of dword 10 for the chip erase. */
static void parse_program(const struct table *t, struct sfdp *sfdp)
{
	static const uint32_t chip_unit_ms[] = { 16, 256, 4000, 64000 };
	const uint32_t word = dword(t, 11);

	sfdp->page = PAGE_OLD;
	if (t->dwords < 11)
		return;
	sfdp->page = 1u << bits(word, 7, 4);
	sfdp->page_program_typical_us = (bits(word, 12, 8) + 1) * (bits(word, 13, 13) ? 64 : 8);
	sfdp->page_program_maximum_us = 2 * (bits(word, 3, 0) + 1) * sfdp->page_program_typical_us;
	sfdp->chip_erase_typical_ms = (bits(word, 28, 24) + 1) * chip_unit_ms[bits(word, 30, 29)];
	sfdp->chip_erase_maximum_ms =
		2 * (bits(dword(t, 10), 3, 0) + 1) * sfdp->chip_erase_typical_ms;
}

static void parse_status(const struct table *t, struct sfdp *sfdp)
{
	sfdp->quad_enable = t->dwords < 15 ? SFDP_NOT_SAID : (uint8_t)bits(dword(t, 15), 22, 20);
	sfdp->status_writes = (uint8_t)bits(dword(t, 16), 6, 0);
}

static void parse_four_byte(const struct table *four, struct sfdp *sfdp)
{
	sfdp->read_4b = bits(dword(four, 1), 0, 0);
	sfdp->program_4b = bits(dword(four, 1), 6, 6);
}

static int parse_tables(const struct table *t, const struct table *four, struct sfdp *out,
			struct err *e)
{
	struct sfdp sfdp = { .major = t->major, .minor = t->minor };

	if (!parse_size(t, &sfdp))
		return err_set(e, ERR_UNKNOWN_CHIP, "SFDP: a density of %08x makes no sense",
			       dword(t, 2));
	if (!parse_addressing(t, &sfdp))
		return err_set(e, ERR_UNKNOWN_CHIP, "SFDP: address bytes of a reserved kind");
	parse_four_byte(four, &sfdp);
	parse_erases(t, four, &sfdp);
	parse_sector_erase(t, &sfdp);
	parse_program(t, &sfdp);
	parse_status(t, &sfdp);
	if (sfdp.page > sfdp.size)
		return err_set(e, ERR_UNKNOWN_CHIP, "SFDP: a page is larger than the chip");
	*out = sfdp;
	return 0;
}

int sfdp_parse(const uint8_t *bytes, size_t len, struct sfdp *sfdp, struct err *e)
{
	struct table t, four = { .dwords = 0 };

	if (len < HEADER || le32(bytes) != SIGNATURE)
		return err_set(e, ERR_UNKNOWN_CHIP, "no SFDP signature");
	if (bytes[5] != MAJOR)
		return err_set(e, ERR_UNKNOWN_CHIP, "SFDP of an unknown version %u.%u", bytes[5],
			       bytes[4]);
	if (!find_table(bytes, len, BFPT, &t) || t.dwords < BFPT_MIN)
		return err_set(e, ERR_UNKNOWN_CHIP, "SFDP without a basic flash parameter table");
	if (find_table(bytes, len, FOUR_BYTE, &four) && four.dwords < FOUR_MIN)
		four.dwords = 0;
	return parse_tables(&t, &four, sfdp, e);
}
