#include "check.h"

#include "nor_plan.h"

#define KIB 1024u

static struct nor_pace paces[] = { { 45 * CLOCK_MS, 0 },
				   { 120 * CLOCK_MS, 0 },
				   { 150 * CLOCK_MS, 0 } };
static const struct nor_erasers usual = {
	.level = { { .opcode = 0x20, .size = 4 * KIB, .pace = &paces[0] },
		   { .opcode = 0x52, .size = 32 * KIB, .pace = &paces[1] },
		   { .opcode = 0xd8, .size = 64 * KIB, .pace = &paces[2] } },
	.levels = 3,
	.cell = 4 * KIB,
	.block = 64 * KIB,
};
static const uint64_t page_ns = 400 * CLOCK_US;

/* Cells that need an erase are those whose bit is set in dirty. */
static struct nor_plan plan_of(uint32_t start, size_t cells, uint32_t dirty, uint32_t fills)
{
	struct nor_plan plan = { .start = start, .cells = cells };

	for (size_t i = 0; i < cells; i++)
		plan.cell[i] = (struct nor_cell){ .erase = dirty >> i & 1, .fills = fills };
	nor_plan_make(&plan, &usual, page_ns);
	return plan;
}

static bool levels_are(const struct nor_plan *plan, size_t first, size_t end, uint8_t level)
{
	for (size_t i = first; i < end; i++)
		if (plan->level[i] != level)
			return false;
	return true;
}

static void a_block_that_changes_is_erased_at_once(void)
{
	const struct nor_plan plan = plan_of(0, 16, 0xffff, 16);

	CHECK(levels_are(&plan, 0, 16, 3));
	CHECK(plan.cost_ns == 150 * CLOCK_MS + 256 * page_ns);
}

static void a_sector_that_changes_is_erased_alone(void)
{
	const struct nor_plan plan = plan_of(0, 16, 1 << 5, 16);

	CHECK(levels_are(&plan, 0, 5, 0) && plan.level[5] == 1 && levels_are(&plan, 6, 16, 0));
	CHECK(plan.cost_ns == 45 * CLOCK_MS + 16 * page_ns);
}

static void the_half_that_changes_is_erased_by_its_own_size(void)
{
	const struct nor_plan plan = plan_of(0, 16, 0xff00, 16);

	CHECK(levels_are(&plan, 0, 8, 0) && levels_are(&plan, 8, 16, 2));
}

static void what_would_be_programmed_again_counts(void)
{
	const struct nor_plan empty = plan_of(0, 16, 0x000f, 0), full = plan_of(0, 16, 0x0007, 16);

	CHECK(levels_are(&empty, 0, 8, 2)); /* 4 x 45 > 120 */
	CHECK(levels_are(&full, 0, 3, 1) && levels_are(&full, 3, 16, 0));
}

static void no_erase_reaches_outside_the_row(void)
{
	const struct nor_plan plan = plan_of(4 * KIB, 15, 0x7fff, 16);

	CHECK(levels_are(&plan, 0, 7, 1) && levels_are(&plan, 7, 15, 2));
}

static void nothing_to_do_is_nothing_planned(void)
{
	const struct nor_plan plan = plan_of(0, 16, 0, 16);

	CHECK(nor_plan_is_empty(&plan) && plan.cost_ns == 0);
}

static void each_cell_that_needs_it_is_erased_and_each_cover_is_whole(void)
{
	for (uint32_t dirty = 0; dirty < 0x10000; dirty += 7) {
		const struct nor_plan plan = plan_of(0, 16, dirty, dirty % 17);

		for (size_t i = 0; i < 16; i++)
			CHECK(plan.level[i] > 0 || !(dirty >> i & 1));
		CHECK(levels_are(&plan, 0, 16, 3) || (plan.level[0] != 3 && plan.level[15] != 3));
		for (size_t half = 0; half < 16; half += 8)
			CHECK(plan.level[half] != 2 || levels_are(&plan, half, half + 8, 2));
	}
}

static void only_a_bit_that_must_rise_needs_an_erase(void)
{
	const uint8_t have[] = { 0xff, 0x0f, 0x00 }, want[] = { 0x00, 0x0e, 0x00 },
		      up[] = { 0, 0x10, 0 };

	CHECK(!nor_needs_erase(have, want, 3));
	CHECK(nor_needs_erase(have, up, 3));
	CHECK(nor_is_blank((const uint8_t[]){ 0xff, 0xff }, 2));
	CHECK(!nor_is_blank((const uint8_t[]){ 0xff, 0xfe }, 2));
}

static struct nor chip_that_erases(struct nor_erase first, struct nor_erase second)
{
	return (struct nor){ .size = 64 * KIB, .address_bytes = 3, .erase = { first, second } };
}

static void erases_that_make_no_sense_are_left_out(void)
{
	static const struct nor_erase nonsense[] = {
		{ 0x20, 2 },                            /* two bytes */
		{ 0x20, 3000 },                         /* no power of two */
		{ 0x20, 128 * KIB }, { 0x01, 4 * KIB }, /* a status write */
		{ 0xd8, 0 },                            /* blocks of mixed sizes */
		{ 0xc7, 32 * KIB }                      /* a chip erase of half a chip */
	};
	struct nor_erasers erasers;
	struct err e;

	for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
		const struct nor_erase block = { 0x52, 32 * KIB };
		struct nor nor = chip_that_erases(nonsense[i], block);

		CHECK_OK(nor_erasers_init(&nor, &erasers, &e), e);
		CHECK(erasers.levels == 1 && erasers.cell == 32 * KIB && !erasers.chip.opcode);
		nor.erase[1].opcode = 0;
		CHECK(nor_erasers_init(&nor, &erasers, &e) == -1 && e.code == ERR_UNKNOWN_CHIP);
	}
}

static const struct check all[] = {
	{ "a block that changes is erased at once", a_block_that_changes_is_erased_at_once },
	{ "a sector that changes is erased alone", a_sector_that_changes_is_erased_alone },
	{ "the half that changes is erased by its own size",
	  the_half_that_changes_is_erased_by_its_own_size },
	{ "what would be programmed again counts", what_would_be_programmed_again_counts },
	{ "no erase reaches outside the row", no_erase_reaches_outside_the_row },
	{ "nothing to do is nothing planned", nothing_to_do_is_nothing_planned },
	{ "each cell that needs it is erased and each cover is whole",
	  each_cell_that_needs_it_is_erased_and_each_cover_is_whole },
	{ "erases that make no sense are left out", erases_that_make_no_sense_are_left_out },
	{ "only a bit that must rise needs an erase", only_a_bit_that_must_rise_needs_an_erase },
};
CHECK_MAIN(all)
