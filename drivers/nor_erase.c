#include "nor_erase.h"

#include <stdlib.h>

#define BLOCK    0x10000u
#define CELL_MIN 0x100u    /* no part erases less; SFDP may say what it will */
#define CELL_MAX 0x400000u /* a chip that erases only more at once is not written: no such part */

static bool is_power_of_two(uint32_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

static bool is_chip_erase(uint8_t opcode)
{
	return opcode == NOR_OP_ERASE_CHIP || opcode == 0x60 || opcode == 0x62;
}

/* SFDP is foreign bytes: an "erase" that is really a status write could ruin a chip. */
static bool is_block_erase(uint8_t opcode)
{
	static const uint8_t known[] = {
		NOR_OP_ERASE_4K, 0x21, 0x50, 0x52, 0x53, 0x5c, 0x81, 0xd7, 0xd8, 0xdb, 0xdc
	};

	for (size_t i = 0; i < sizeof known; i++)
		if (known[i] == opcode)
			return true;
	return false;
}

/* True when a is the better erase of two of one size. */
static bool is_better(const struct nor *nor, uint8_t a, uint8_t b)
{
	return nor_needs_mode(nor, b) && !nor_needs_mode(nor, a);
}

static void add_level(const struct nor *nor, struct nor_erasers *erasers, struct nor_eraser eraser)
{
	for (size_t i = 0; i < erasers->levels; i++) {
		if (erasers->level[i].size != eraser.size)
			continue;
		if (is_better(nor, eraser.opcode, erasers->level[i].opcode))
			erasers->level[i] = eraser;
		return;
	}
	erasers->level[erasers->levels++] = eraser;
}

static void add(struct nor *nor, struct nor_erasers *erasers, size_t i)
{
	const struct nor_erase *erase = &nor->erase[i];
	const struct nor_eraser eraser = { .opcode = erase->opcode,
					   .size = erase->size,
					   .pace = &nor->erase_pace[i] };

	if (!is_power_of_two(erase->size) || erase->size < CELL_MIN || nor->size % erase->size != 0)
		return;
	if (is_chip_erase(erase->opcode) && erase->size == nor->size && !erasers->chip.opcode) {
		erasers->chip = eraser;
		erasers->chip.whole = true;
	}
	if (is_block_erase(erase->opcode))
		add_level(nor, erasers, eraser);
}

static int by_size(const void *a, const void *b)
{
	const uint32_t left = ((const struct nor_eraser *)a)->size;
	const uint32_t right = ((const struct nor_eraser *)b)->size;

	return (left > right) - (left < right);
}

int nor_erasers_init(struct nor *nor, struct nor_erasers *erasers, struct err *e)
{
	struct nor_erasers found = { .levels = 0 };

	for (size_t i = 0; i < NOR_ERASES && nor->erase[i].opcode; i++)
		add(nor, &found, i);
	if (found.levels == 0 && found.chip.opcode)
		found.level[found.levels++] = found.chip;
	if (found.levels == 0)
		return err_set(e, ERR_UNKNOWN_CHIP, "%s: no way to erase it is known", nor->name);
	qsort(found.level, found.levels, sizeof *found.level, by_size);
	found.cell = found.level[0].size;
	found.block = found.cell > BLOCK ? found.cell : BLOCK;
	if (found.cell > CELL_MAX)
		return err_set(e, ERR_UNKNOWN_CHIP, "%s: it erases no less than %u bytes at once",
			       nor->name, found.cell);
	while (found.level[found.levels - 1].size > found.block)
		found.levels--;
	*erasers = found;
	return 0;
}

struct nor_change nor_erase_change(const struct nor *nor, const struct nor_eraser *eraser,
				   uint32_t addr)
{
	struct nor_change change = { .command = { { eraser->opcode }, 1 },
				     .enable = NOR_OP_ENABLE,
				     .pace = eraser->pace,
				     .worth = eraser->worth };

	if (!eraser->whole)
		change.command = nor_addressed(nor, eraser->opcode, addr);
	return change;
}
