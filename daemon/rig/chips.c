#include "rig.h"

#include "nor_parts.h"

static void add_erase(struct rig_chip *chip, uint32_t size)
{
	size_t at = chip->erases;

	for (size_t i = 0; i < chip->erases; i++)
		if (chip->erase[i] == size)
			return;
	if (size == 0 || chip->erases == RIG_ERASES)
		return;
	for (; at > 0 && chip->erase[at - 1] > size; at--)
		chip->erase[at] = chip->erase[at - 1];
	chip->erase[at] = size;
	chip->erases++;
}

static struct rig_chip describe(const struct nor_part *part)
{
	struct rig_chip chip = { .jedec_id = part->jedec_id,
				 .vendor = part->vendor,
				 .names = part->names,
				 .size = part->size,
				 .page = part->page };

	for (size_t i = 0; i < NOR_ERASES && part->erase[i].opcode; i++)
		add_erase(&chip, part->erase[i].size);
	return chip;
}

size_t rig_chips(const char *q, uint32_t after, struct rig_chip *chips, size_t max)
{
	size_t n, found = 0;
	const struct nor_part *parts = nor_parts(&n);

	for (size_t i = 0; i < n && found < max; i++)
		if (parts[i].jedec_id > after && nor_part_matches(&parts[i], q))
			chips[found++] = describe(&parts[i]);
	return found;
}
