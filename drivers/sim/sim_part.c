#include "sim_part.h"

#include <string.h>

#define JITTER (CHIP_JITTER_UNIT / 10) /* chips of one reel differ by about that much */
#define MIB4   0x400000u

#define THREE_BYTES 0x1000000u       /* what an address of three bytes reaches */
#define US          ((uint64_t)1000) /* in ns */
#define MS          (1000 * US)
#define S           (1000 * MS)

/*
 * Typical times by family: W25Q32JV data sheet (rev. H) for all that are not named; XT25F32B and
 * EN25QH16B as planning figures. A chip erase takes so long per 4 MiB.
 */
struct family {
	uint32_t id, mask; /* of the JEDEC ID */
	struct chip_timing timing;
};

static const struct family families[] = {
	{ .id = 0x0b4000,
	  .mask = 0xffff00,
	  .timing = { .program = 500 * US,
		      .erase_4k = 60 * MS,
		      .erase_32k = 150 * MS,
		      .erase_64k = 300 * MS,
		      .erase_chip = 15 * S } },
	{ .id = 0x1c7000,
	  .mask = 0xffff00,
	  .timing = { .program = 600 * US,
		      .erase_4k = 50 * MS,
		      .erase_32k = 200 * MS,
		      .erase_64k = 200 * MS,
		      .erase_chip = 12 * S } },
	{ .id = 0,
	  .mask = 0,
	  .timing = { .program = 400 * US,
		      .erase_4k = 45 * MS,
		      .erase_32k = 120 * MS,
		      .erase_64k = 150 * MS,
		      .erase_chip = 10 * S } },
};

static struct chip_timing timing_of(const struct nor_part *part)
{
	const struct family *family = families;
	struct chip_timing timing;

	while ((part->jedec_id & family->mask) != family->id)
		family++;
	timing = family->timing;
	timing.erase_chip = timing.erase_chip * part->size / MIB4;
	timing.word = 10 * US;   /* TBP, SST25VF032B */
	timing.status = 10 * MS; /* tW, W25Q32JV */
	timing.jitter = JITTER;
	return timing;
}

static bool is_power_of_two(uint32_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

/* Chip erases the model knows by itself; blocks of mixed sizes it does not know. */
static bool is_block_erase(const struct nor_erase *erase)
{
	return erase->opcode != 0xc7 && erase->opcode != 0x60 && is_power_of_two(erase->size);
}

static void copy_erases(const struct nor_part *part, struct chip_part *chip)
{
	static const struct nor_erase usual[NOR_ERASES] = { { 0x20, 0x1000 }, { 0xd8, 0x10000 } };
	const struct nor_erase *erase = part->erase[0].opcode ? part->erase : usual;
	size_t n = 0;

	for (size_t i = 0; i < NOR_ERASES && erase[i].opcode && n < CHIP_ERASES; i++)
		if (is_block_erase(&erase[i]))
			chip->erase[n++] = (struct chip_erase){ erase[i].opcode, erase[i].size };
}

static enum chip_program program_of(const struct nor_part *part)
{
	static const enum chip_program programs[] = { [NOR_PROGRAM_PAGE] = CHIP_PROGRAM_PAGE,
						      [NOR_PROGRAM_BYTE] = CHIP_PROGRAM_BYTE,
						      [NOR_PROGRAM_AAI] = CHIP_PROGRAM_AAI };

	return programs[part->program];
}

struct chip_part sim_part(const struct nor_part *part)
{
	struct chip_part chip = {
		.jedec_id = part->jedec_id,
		.size = part->size,
		.page = part->page > CHIP_PAGE_MAX ? CHIP_PAGE_MAX : part->page,
		.address_bytes = part->address_bytes,
		.program = program_of(part),
		.needs_ewsr = part->notes && strstr(part->notes, "EWSR"),
		.has_bp3 = part->size > THREE_BYTES,
		.no_sfdp = part->program != NOR_PROGRAM_PAGE, /* older than SFDP */
		.timing = timing_of(part),
	};

	copy_erases(part, &chip);
	return chip;
}
