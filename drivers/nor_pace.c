/* What operations take, before this chip has shown it. */
#include "nor_command.h"

/*
 * Typical and maximum times where SFDP tells none: W25Q32JV (rev. H) rounded up to what the slower
 * parts of the table have (M25P, MX25L, SST25VF), for these are limits of what is waited for.
 */
struct times {
	uint32_t size; /* bytes; larger ones in proportion to the last */
	uint32_t typical_us, maximum_us;
};
static const struct times erases[] = {
	{ 0x100, 10000, 60000 },
	{ 0x1000, 45000, 500000 },
	{ 0x8000, 120000, 2000000 },
	{ 0x10000, 150000, 3000000 },
};
static const struct times page_program = { 0, 500, 5000 };
static const struct times word_program = { 0, 10, 1000 };
static const struct times status_write = { 0, 10000, 200000 };

#define LONGEST_US (1000ull * 1000 * 1000) /* a chip erase of 64 MiB; SFDP may say what it will */
#define LIMIT      2 /* times the maximum: data sheets are made at room temperature */

static struct nor_pace pace_of(uint64_t typical_us, uint64_t maximum_us)
{
	const uint64_t longest_us = maximum_us > typical_us ? maximum_us : typical_us;
	const uint64_t limit_us = longest_us < LONGEST_US ? longest_us : LONGEST_US;

	return (struct nor_pace){ .estimate_ns = typical_us * CLOCK_US,
				  .limit_ns = limit_us * LIMIT * CLOCK_US };
}

static struct nor_pace usual_erase(uint32_t size)
{
	const struct times *times = erases;
	const struct times *last = &erases[sizeof erases / sizeof *erases - 1];
	uint32_t parts;

	while (times < last && size > times->size)
		times++;
	parts = size > last->size ? size / last->size : 1;
	return pace_of((uint64_t)times->typical_us * parts, (uint64_t)times->maximum_us * parts);
}

static struct nor_pace erase_pace(const struct nor *nor, const struct nor_erase *erase)
{
	const struct sfdp *sfdp = &nor->id.sfdp;

	if (!nor->id.has_sfdp)
		return usual_erase(erase->size);
	for (size_t i = 0; i < sfdp->erases; i++)
		if (sfdp->erase[i].size == erase->size && sfdp->erase[i].typical_us > 0)
			return pace_of(sfdp->erase[i].typical_us, sfdp->erase[i].maximum_us);
	if (erase->size == nor->size && sfdp->chip_erase_typical_ms > 0)
		return pace_of(sfdp->chip_erase_typical_ms * 1000ull,
			       sfdp->chip_erase_maximum_ms * 1000ull);
	return usual_erase(erase->size);
}

static struct nor_pace program_pace(const struct nor *nor)
{
	const struct sfdp *sfdp = &nor->id.sfdp;

	if (nor->program != NOR_PROGRAM_PAGE)
		return pace_of(word_program.typical_us, word_program.maximum_us);
	if (nor->id.has_sfdp && sfdp->page_program_typical_us > 0)
		return pace_of(sfdp->page_program_typical_us, sfdp->page_program_maximum_us);
	return pace_of(page_program.typical_us, page_program.maximum_us);
}

void nor_pace_init(struct nor *nor)
{
	nor->status_pace = pace_of(status_write.typical_us, status_write.maximum_us);
	nor->program_pace = program_pace(nor);
	for (size_t i = 0; i < NOR_ERASES && nor->erase[i].opcode; i++)
		nor->erase_pace[i] = erase_pace(nor, &nor->erase[i]);
}
