#include "chip_sfdp.h"

#include "chip_write.h"

#define SIGNATURE  0x50444653u /* "SFDP" */
#define BFPT       0x80u       /* where the tables stand, as in Winbond's parts */
#define BFPT_WORDS 16u
#define FOUR       0xc0u /* the 4-byte address instruction table */
#define FOUR_WORDS 2u
#define TYPES      4u

/* Maxima are told as typical times 2 x (n + 1). */
#define ERASE_MAX   4u /* 10 times: W25Q32JV's 45 ms and 400 ms */
#define PROGRAM_MAX 3u /* 8 times: 0.4 ms and 3 ms */

/* The first four erases that take an address of the usual length. */
struct types {
	struct chip_erase erase[TYPES];
	size_t n;
};

/* The 4-byte twin of a 3-byte erase. */
struct twin {
	uint8_t three, four;
};
static const struct twin twins[] = {
	{ 0x20, 0x21 }, { 0x52, 0x5c }, { 0x52, 0x53 }, { 0xd8, 0xdc }
};

static void put32(uint8_t *to, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(word >> (8 * i));
}

static uint32_t log2_of(uint32_t power)
{
	uint32_t n = 0;

	while (power > 1) {
		power >>= 1;
		n++;
	}
	return n;
}

static bool is_four(uint8_t opcode)
{
	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
		if (twins[i].four == opcode)
			return true;
	return false;
}

static bool has_erase(const struct chip_part *part, uint8_t opcode)
{
	for (size_t i = 0; i < CHIP_ERASES && part->erase[i].opcode; i++)
		if (part->erase[i].opcode == opcode)
			return true;
	return false;
}

static uint8_t four_of(const struct chip_part *part, uint8_t three)
{
	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
		if (twins[i].three == three && has_erase(part, twins[i].four))
			return twins[i].four;
	return 0;
}

static struct types types_of(const struct chip_part *part)
{
	struct types types = { .n = 0 };

	for (size_t i = 0; i < CHIP_ERASES && part->erase[i].opcode && types.n < TYPES; i++)
		if (!is_four(part->erase[i].opcode))
			types.erase[types.n++] = part->erase[i];
	return types;
}

/* How a table writes a typical time: n + 1 times one of its units, n of so many bits. */
struct time_format {
	unsigned bits;
	unsigned units;
	uint32_t unit_us[4];
};
static const struct time_format erase_time = { 5, 4, { 1000, 16000, 128000, 1000000 } };
static const struct time_format program_time = { 5, 2, { 8, 64 } };
static const struct time_format byte_time = { 4, 2, { 1, 8 } };
static const struct time_format chip_time = { 5, 4, { 16000, 256000, 4000000, 64000000 } };

/* The finest unit that reaches ns, and how many of it come nearest. */
static uint32_t time_field(const struct time_format *format, uint64_t ns)
{
	const uint32_t most = 1u << format->bits;
	unsigned u = 0;
	uint32_t n = 0;

	while (u + 1 < format->units && (uint64_t)format->unit_us[u] * 1000 * most < ns)
		u++;
	while (n + 1 < most && ((2 * (uint64_t)n + 3) * format->unit_us[u] * 500) <= ns)
		n++;
	return (uint32_t)u << format->bits | n;
}

/* Word 1: how it is written and addressed. No dual or quad reads: the model has one line each way. */
static uint32_t word_access(const struct chip_part *part)
{
	uint32_t sectors = 0x3, opcode = 0xff;
	const uint32_t addressing = part->address_bytes == 4 ? 1 : 0;

	for (size_t i = 0; i < CHIP_ERASES && part->erase[i].opcode; i++) {
		if (part->erase[i].size != 0x1000 || is_four(part->erase[i].opcode))
			continue;
		sectors = 0x1;
		opcode = part->erase[i].opcode;
	}
	return 0xff8000e4u | sectors | opcode << 8 | addressing << 17;
}

/* Words 8 and 9: two erase types each, size and opcode. */
static uint32_t word_erases(const struct types *types, size_t first)
{
	uint32_t word = 0;

	for (size_t i = first; i < first + 2 && i < types->n; i++)
		word |= (log2_of(types->erase[i].size) | (uint32_t)types->erase[i].opcode << 8)
			<< (16 * (i - first));
	return word;
}

static uint32_t word_erase_times(const struct chip_part *part, const struct types *types)
{
	uint32_t word = ERASE_MAX;

	for (size_t i = 0; i < types->n; i++)
		word |= time_field(&erase_time, chip_erase_ns(&part->timing, types->erase[i].size))
			<< (4 + 7 * i);
	return word;
}

/* Word 11: page size, and the times of a page, a first and another byte, and the whole chip. */
static uint32_t word_program(const struct chip_part *part)
{
	const uint64_t program = part->timing.program;
	const uint32_t byte = time_field(&byte_time, program >> 4);

	return 0x80000000u | PROGRAM_MAX | log2_of(part->page) << 4 |
	       time_field(&program_time, program) << 8 | byte << 14 | byte << 19 |
	       time_field(&chip_time, part->timing.erase_chip) << 24;
}

/* Word 16: 50 for volatile writes, 66 and 99 to reset, B7 and E9 or twins for 4-byte addresses. */
static uint32_t word_modes(const struct chip_part *part)
{
	const uint32_t basic = 0x00001008u;
	const uint32_t four_byte = 0x21104000u;

	return part->address_bytes == 4 ? basic | four_byte : basic;
}

static void build_bfpt(const struct chip_part *part, uint8_t *table)
{
	const struct types types = types_of(part);
	const uint32_t words[BFPT_WORDS] = {
		word_access(part),
		part->size * 8 - 1, /* bits; good up to 256 MiB */
		0,                  /* no quad */
		0,                  /* no dual */
		0xffffffeeu,        /* no 2-2-2, no 4-4-4 */
		0x0000ffffu,
		0x0000ffffu,
		word_erases(&types, 0),
		word_erases(&types, 2),
		word_erase_times(part, &types),
		word_program(part),
		0x80000000u, /* no suspend */
		0,
		0x5cd5a207u, /* B9 sleeps, AB wakes in 3 us, 05 tells WIP */
		0xff500000u, /* QE is bit 1 of SR2, read by 35, written by 01 with two bytes */
		word_modes(part),
	};

	for (size_t i = 0; i < BFPT_WORDS; i++)
		put32(table + 4 * i, words[i]);
}

/* 13, 0C, 12, and the twins of the erase types. */
static void build_four(const struct chip_part *part, uint8_t *table)
{
	const struct types types = types_of(part);
	uint32_t supported = 0xfff00043u, opcodes = 0;

	for (size_t i = 0; i < TYPES; i++) {
		const uint8_t four = i < types.n ? four_of(part, types.erase[i].opcode) : 0;

		supported |= four ? 1u << (9 + i) : 0;
		opcodes |= (four ? four : 0xffu) << (8 * i);
	}
	put32(table, supported);
	put32(table + 4, opcodes);
}

struct header {
	uint16_t id;
	uint8_t minor, words;
	uint32_t at;
};

static void put_header(uint8_t *to, const struct header *header)
{
	put32(to, (header->id & 0xffu) | (uint32_t)header->minor << 8 | 1u << 16 |
			  (uint32_t)header->words << 24);
	put32(to + 4, header->at | (uint32_t)(header->id >> 8) << 24);
}

void chip_sfdp_build(const struct chip_part *part, uint8_t sfdp[CHIP_SFDP])
{
	const bool large = part->address_bytes == 4;

	memset(sfdp, 0xff, CHIP_SFDP);
	if (part->no_sfdp)
		return;
	put32(sfdp, SIGNATURE);
	put32(sfdp + 4, 0xff000106u | (large ? 1u << 16 : 0)); /* 1.6, one or two tables */
	put_header(sfdp + 8, &(struct header){ 0xff00, 6, BFPT_WORDS, BFPT });
	build_bfpt(part, sfdp + BFPT);
	if (!large)
		return;
	put_header(sfdp + 16, &(struct header){ 0xff84, 0, FOUR_WORDS, FOUR });
	build_four(part, sfdp + FOUR);
}
