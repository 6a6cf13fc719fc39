#include "chip_protect.h"

#define SECTOR      0x1000u
#define SECTORS_MAX 0x8000u /* SEC protects up to 32 KiB */
#define BLOCK       0x10000u
#define PARTS       64u /* the smallest BP protects a 64th of the chip, but no less than a block */
#define BP_ALL      7u

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static bool has_tb_and_sec(const struct chip *chip)
{
	return chip->part.program != CHIP_PROGRAM_AAI;
}

/* Four BP bits count up from one block to the chip. */
static uint32_t protected_len_big(const struct chip *chip)
{
	const uint32_t size = chip->part.size;
	const uint32_t bp = (chip->sr[0] & CHIP_BP_BIG) >> 2;

	if (bp == 0)
		return 0;
	return BLOCK > size >> (bp - 1) ? size : BLOCK << (bp - 1);
}

/* How much BP and SEC ask for, CMP left aside. */
static uint32_t protected_len(const struct chip *chip)
{
	const uint32_t size = chip->part.size;
	const uint32_t bp = (chip->sr[0] & CHIP_BP) >> 2;
	const uint32_t block = size / PARTS > BLOCK ? size / PARTS : BLOCK;

	if (bp == 0)
		return 0;
	if (bp == BP_ALL)
		return size;
	if (has_tb_and_sec(chip) && (chip->sr[0] & CHIP_SEC))
		return smaller(smaller(SECTOR << (bp - 1), SECTORS_MAX), size);
	return block >= size >> (bp - 1) ? size : block << (bp - 1);
}

static bool from_bottom(const struct chip *chip)
{
	if (chip->part.has_bp3)
		return chip->sr[0] & CHIP_TB_BIG;
	return has_tb_and_sec(chip) && (chip->sr[0] & CHIP_TB);
}

struct chip_range chip_protected(const struct chip *chip)
{
	const uint32_t size = chip->part.size;
	const uint32_t len = chip->part.has_bp3 ? protected_len_big(chip) : protected_len(chip);
	const bool bottom = from_bottom(chip);

	if (!(chip->sr[1] & CHIP_CMP))
		return (struct chip_range){ bottom ? 0 : size - len, len };
	return (struct chip_range){ bottom ? len : 0, size - len };
}

bool chip_is_protected(const struct chip *chip, uint32_t addr, uint32_t len)
{
	const struct chip_range range = chip_protected(chip);

	return addr < range.start + range.len && range.start < addr + len;
}

bool chip_status_locked(const struct chip *chip)
{
	return (chip->sr[1] & CHIP_SRL) || ((chip->sr[0] & CHIP_SRP) && chip->wp_low);
}
