/* Parts that do not know pages, status registers of other kinds, and a supply that goes. */
#include <stdint.h>

#include "check.h"
#include "chip_protect.h"
#include "chip_rig.h"

#define WORD_NS (10 * US)

/* SST25VF032B as its data sheet has it, without jitter. */
static struct chip_part aai_part(void)
{
	struct chip_part part = rig_w25q32;

	part.jedec_id = 0xbf254a;
	part.program = CHIP_PROGRAM_AAI;
	part.no_sfdp = true;
	part.timing.word = WORD_NS;
	return part;
}

#define RIG_OF(part) AUTO(rig_free) struct chip_rig rig = rig_new(&(part))

#define AAI_RIG \
	const struct chip_part part = aai_part(); \
	RIG_OF(part)

static void aai_programs_word_after_word(void)
{
	AAI_RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0xad, 0x00, 0x10, 0x00, 1, 2);
	CHECK(rig_status(&rig, 0x05) == (CHIP_WIP | CHIP_WEL | CHIP_AAI));
	rig_wait(&rig, WORD_NS);
	CHECK(rig_status(&rig, 0x05) == (CHIP_WEL | CHIP_AAI));
	rig_send(&rig, 0xad, 3, 4);
	rig_wait(&rig, WORD_NS);
	rig_send(&rig, 0x04);
	CHECK(rig_status(&rig, 0x05) == 0);
	CHECK(rig_byte(&rig, 0x1000) == 1 && rig_byte(&rig, 0x1001) == 2);
	CHECK(rig_byte(&rig, 0x1002) == 3 && rig_byte(&rig, 0x1003) == 4);
	CHECK(rig_byte(&rig, 0x1004) == 0xff && rig.chip.counters.programs == 2);
	CHECK(rig.chip.counters.busy_ns == 2 * WORD_NS);
}

static void aai_word_that_comes_while_busy_is_lost(void)
{
	AAI_RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0xad, 0, 0, 0, 1, 2);
	rig_send(&rig, 0xad, 3, 4);
	rig_wait(&rig, WORD_NS);
	rig_send(&rig, 0xad, 5, 6);
	CHECK(rig_byte(&rig, 2) == 5 && rig_byte(&rig, 3) == 6);
}

static void aai_is_deaf_for_all_but_status_and_its_end(void)
{
	AAI_RIG;
	uint8_t rx[2];

	rig_send(&rig, 0x06);
	rig_send(&rig, 0xad, 0, 0, 0, 1, 2);
	rig_wait(&rig, WORD_NS);
	rig_ask(&rig, rx, 2, 0x03, 0, 0, 0);
	CHECK(rx[0] == 0xff && rx[1] == 0xff);
	rig_send(&rig, 0x20, 0, 0, 0);
	CHECK(rig_byte(&rig, 0) == 1);
	rig_send(&rig, 0x04);
	rig_ask(&rig, rx, 2, 0x03, 0, 0, 0);
	CHECK(rx[0] == 1 && rx[1] == 2);
}

static void aai_ends_with_the_last_word(void)
{
	AAI_RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0xad, 0x3f, 0xff, 0xfe, 1, 2);
	rig_wait(&rig, WORD_NS);
	CHECK(rig_status(&rig, 0x05) == 0);
	rig_send(&rig, 0xad, 3, 4);
	CHECK(rig_byte(&rig, 0x3ffffe) == 1 && rig_byte(&rig, 0) == 0xff);
}

static void aai_needs_wren_and_whole_words(void)
{
	AAI_RIG;

	rig_send(&rig, 0xad, 0, 0, 0, 1, 2);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0xad, 0, 0, 0, 1);
	rig_send(&rig, 0xad, 0, 0, 0, 1, 2, 3);
	CHECK(rig_is_blank(&rig, 0, 16) && rig_status(&rig, 0x05) == CHIP_WEL);
}

static void aai_of_an_odd_address_begins_a_byte_before(void)
{
	AAI_RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0xad, 0, 0, 0x11, 1, 2);
	CHECK(rig_byte(&rig, 0x10) == 1 && rig_byte(&rig, 0x11) == 2);
}

static void aai_stops_before_what_is_protected(void)
{
	AAI_RIG;

	chip_set_status(&rig.chip, 0x04, 0); /* the uppermost 64 KiB */
	rig_send(&rig, 0x06);
	rig_send(&rig, 0xad, 0x3e, 0xff, 0xfe, 1, 2);
	rig_wait(&rig, WORD_NS);
	rig_send(&rig, 0xad, 3, 4);
	CHECK(rig_byte(&rig, 0x3efffe) == 1 && rig_byte(&rig, 0x3f0000) == 0xff);
	CHECK(rig_status(&rig, 0x05) == 0x04);
}

static void aai_bit_of_the_status_is_not_written(void)
{
	AAI_RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x01, 0x40);
	rig_idle(&rig);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void other_parts_know_no_aai(void)
{
	RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0xad, 0, 0, 0, 1, 2);
	CHECK(rig_is_blank(&rig, 0, 16));
}

static void byte_parts_take_one_byte(void)
{
	struct chip_part part = rig_w25q32;

	part.program = CHIP_PROGRAM_BYTE;
	part.timing.word = WORD_NS;
	RIG_OF(part);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x02, 0, 0, 0, 1, 2);
	CHECK(rig_is_blank(&rig, 0, 16));
	rig_send(&rig, 0x02, 0, 0, 5, 7);
	CHECK(rig_byte(&rig, 5) == 7 && rig.chip.counters.busy_ns == WORD_NS);
	rig_wait(&rig, WORD_NS);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void ewsr_parts_take_a_status_only_after_50(void)
{
	struct chip_part part = rig_w25q32;

	part.needs_ewsr = true;
	RIG_OF(part);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x01, 0x1c);
	CHECK((rig_status(&rig, 0x05) & CHIP_BP) == 0);
	rig_send(&rig, 0x04);
	rig_send(&rig, 0x50);
	rig_send(&rig, 0x01, 0x1c);
	CHECK(rig_status(&rig, 0x05) & CHIP_WIP);
	rig_idle(&rig);
	chip_power_up(&rig.chip);
	CHECK(rig_status(&rig, 0x05) == 0x1c);
}

/* W25Q256JV data sheet, table of CMP = 0. */
static void fourth_bp_bit_counts_on(void)
{
	static const struct {
		uint8_t sr1;
		uint32_t start, len;
	} cases[] = { { 0x00, 0x2000000, 0 },         { 0x04, 0x1ff0000, 0x10000 },
		      { 0x08, 0x1fe0000, 0x20000 },   { 0x20, 0x1800000, 0x800000 },
		      { 0x24, 0x1000000, 0x1000000 }, { 0x28, 0, 0x2000000 },
		      { 0x3c, 0, 0x2000000 },         { 0x44, 0, 0x10000 },
		      { 0x64, 0, 0x1000000 } };
	struct chip_part part = rig_w25q32;

	part.jedec_id = 0xef4019;
	part.size = 0x2000000;
	part.address_bytes = 4;
	part.has_bp3 = true;
	RIG_OF(part);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct chip_range range;

		chip_set_status(&rig.chip, cases[i].sr1, 0);
		range = chip_protected(&rig.chip);
		CHECK(range.len == cases[i].len);
		CHECK(range.len == 0 || range.start == cases[i].start);
	}
	chip_set_status(&rig.chip, 0x24, CHIP_CMP);
	CHECK(chip_protected(&rig.chip).start == 0 && chip_protected(&rig.chip).len == 0x1000000);
}

static void parts_without_sfdp_leave_the_line_alone(void)
{
	struct chip_part part = rig_w25q32;
	uint8_t rx[4];

	part.no_sfdp = true;
	RIG_OF(part);
	rig_ask(&rig, rx, 4, 0x5a, 0, 0, 0, 0);
	CHECK(memcmp(rx, "\xff\xff\xff\xff", 4) == 0);
}

static void power_up_forgets_all_but_cells_and_saved_status(void)
{
	RIG;

	rig_fill(&rig, 0, 0x42, 4);
	chip_set_status(&rig.chip, 0x08, CHIP_SRL);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x20, 0x00, 0x10, 0x00);
	chip_power_up(&rig.chip);
	CHECK(rig_status(&rig, 0x05) == 0x08 && rig_status(&rig, 0x35) == 0);
	CHECK(rig_byte(&rig, 0) == 0x42);
	rig_send(&rig, 0xb9);
	chip_power_up(&rig.chip);
	CHECK(rig_status(&rig, 0x05) == 0x08);
}

static const struct check all[] = {
	{ "aai programs word after word", aai_programs_word_after_word },
	{ "aai word that comes while busy is lost", aai_word_that_comes_while_busy_is_lost },
	{ "aai is deaf for all but status and its end",
	  aai_is_deaf_for_all_but_status_and_its_end },
	{ "aai ends with the last word", aai_ends_with_the_last_word },
	{ "aai needs wren and whole words", aai_needs_wren_and_whole_words },
	{ "aai of an odd address begins a byte before",
	  aai_of_an_odd_address_begins_a_byte_before },
	{ "aai stops before what is protected", aai_stops_before_what_is_protected },
	{ "aai bit of the status is not written", aai_bit_of_the_status_is_not_written },
	{ "other parts know no aai", other_parts_know_no_aai },
	{ "byte parts take one byte", byte_parts_take_one_byte },
	{ "ewsr parts take a status only after 50", ewsr_parts_take_a_status_only_after_50 },
	{ "fourth bp bit counts on", fourth_bp_bit_counts_on },
	{ "parts without sfdp leave the line alone", parts_without_sfdp_leave_the_line_alone },
	{ "power up forgets all but cells and saved status",
	  power_up_forgets_all_but_cells_and_saved_status },
};
CHECK_MAIN(all)
