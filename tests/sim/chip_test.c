#include "chip.h"

#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "chip_rig.h"

/* ---- identity */

static void id_comes_after_a_first_byte_that_means_nothing(void)
{
	RIG;
	uint8_t rx[4];

	chip_select(&rig.chip, 0);
	rig_piece(&rig, (const uint8_t[]){ 0x9f, 0, 0, 0 }, rx, 4);
	CHECK(rx[0] == 0xff || rx[0] == 0x00 || rx[0] == 0xd2);
	CHECK(rx[1] == 0xef && rx[2] == 0x40 && rx[3] == 0x16);
}

static void device_id_answers_to_ab_and_90(void)
{
	RIG;
	uint8_t rx[2];

	rig_ask(&rig, rx, 1, 0xab, 0, 0, 0);
	CHECK(rx[0] == 0x15);
	rig_ask(&rig, rx, 2, 0x90, 0, 0, 0);
	CHECK(rx[0] == 0xef && rx[1] == 0x15);
	rig_ask(&rig, rx, 2, 0x90, 0, 0, 1);
	CHECK(rx[0] == 0x15 && rx[1] == 0xef);
}

static void unique_id_comes_after_four_dummies(void)
{
	RIG;
	uint8_t rx[8];

	rig_ask(&rig, rx, 8, 0x4b, 0, 0, 0, 0);
	CHECK(memcmp(rx, rig_w25q32.unique_id, 8) == 0);
}

static void chip_without_unique_id_stays_silent(void)
{
	struct chip_part part = rig_w25q32;
	uint8_t rx[8];

	part.has_unique_id = false;
	AUTO(rig_free) struct chip_rig rig = rig_new(&part);
	rig_ask(&rig, rx, 8, 0x4b, 0, 0, 0, 0);
	CHECK(memcmp(rx, "\xff\xff\xff\xff\xff\xff\xff\xff", 8) == 0);
}

static void unknown_opcode_leaves_miso_floating(void)
{
	RIG;
	uint8_t rx[3];

	rig_ask(&rig, rx, 3, 0x77, 0, 0, 0);
	CHECK(memcmp(rx, "\xff\xff\xff", 3) == 0);
}

/* ---- reading */

static void reading_gives_the_content(void)
{
	RIG;
	uint8_t rx[5];

	chip_poke(&rig.chip, 0x1234, (const uint8_t *)"hello", 5);
	rig_ask(&rig, rx, 5, 0x03, 0x00, 0x12, 0x34);
	CHECK(memcmp(rx, "hello", 5) == 0);
	rig_ask(&rig, rx, 5, 0x0b, 0x00, 0x12, 0x34, 0x00);
	CHECK(memcmp(rx, "hello", 5) == 0);
}

static void reading_goes_on_from_piece_to_piece(void)
{
	RIG;
	uint8_t rx[5];

	chip_poke(&rig.chip, 0, (const uint8_t *)"hello", 5);
	chip_select(&rig.chip, 0);
	rig_piece(&rig, (const uint8_t[]){ 0x03, 0 }, NULL, 2);
	rig_piece(&rig, NULL, NULL, 2);
	rig_piece(&rig, NULL, rx, 2);
	rig_piece(&rig, NULL, NULL, 0);
	rig_piece(&rig, NULL, rx + 2, 3);
	CHECK(memcmp(rx, "hello", 5) == 0);
}

static void reading_wraps_at_the_end_of_the_chip(void)
{
	RIG;
	uint8_t rx[4];

	rig_fill(&rig, RIG_SIZE - 2, 0xaa, 2);
	rig_fill(&rig, 0, 0xbb, 2);
	rig_ask(&rig, rx, 4, 0x03, 0x3f, 0xff, 0xfe);
	CHECK(memcmp(rx, "\xaa\xaa\xbb\xbb", 4) == 0);
}

static void address_beyond_the_chip_wraps(void)
{
	RIG;
	uint8_t rx;

	rig_fill(&rig, 0x10, 0x55, 1);
	rig_ask(&rig, &rx, 1, 0x03, 0x40, 0x00, 0x10);
	CHECK(rx == 0x55);
}

/* ---- programming */

static void program_clears_bits_only(void)
{
	RIG;

	rig_fill(&rig, 0x100, 0xf0, 1);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x02, 0x00, 0x01, 0x00, 0x3c);
	CHECK(rig_byte(&rig, 0x100) == 0x30);
	CHECK(rig_byte(&rig, 0x101) == 0xff);
}

static void program_without_wren_does_nothing(void)
{
	RIG;

	rig_send(&rig, 0x02, 0x00, 0x01, 0x00, 0x3c);
	CHECK(rig_byte(&rig, 0x100) == 0xff);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void program_without_data_does_nothing(void)
{
	RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x02, 0x00, 0x01, 0x00);
	CHECK(rig_status(&rig, 0x05) == CHIP_WEL);
	CHECK(rig.chip.counters.programs == 0);
}

static void program_wraps_in_its_page(void)
{
	RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x02, 0x00, 0x01, 0xfe, 1, 2, 3, 4);
	CHECK(rig_byte(&rig, 0x1fe) == 1 && rig_byte(&rig, 0x1ff) == 2);
	CHECK(rig_byte(&rig, 0x100) == 3 && rig_byte(&rig, 0x101) == 4);
	CHECK(rig_byte(&rig, 0x200) == 0xff);
}

static void of_more_than_a_page_the_last_bytes_count(void)
{
	RIG;
	uint8_t tx[4 + 258] = { 0x02, 0, 0, 0 };

	memset(tx + 4, 0x11, 256);
	memset(tx + 4 + 256, 0x22, 2);
	rig_send(&rig, 0x06);
	rig_command(&rig, tx, sizeof tx, NULL, 0);
	CHECK(rig_byte(&rig, 0) == 0x22 && rig_byte(&rig, 1) == 0x22 && rig_byte(&rig, 2) == 0x11);
	CHECK(rig_byte(&rig, 256) == 0xff);
}

static void wel_clears_when_the_program_ends(void)
{
	RIG;

	rig_send(&rig, 0x06);
	CHECK(rig_status(&rig, 0x05) == CHIP_WEL);
	rig_send(&rig, 0x02, 0, 0, 0, 0x00);
	CHECK(rig_status(&rig, 0x05) == (CHIP_WEL | CHIP_WIP));
	rig_wait(&rig, 400 * US);
	CHECK(rig_status(&rig, 0x05) == 0);
	CHECK(rig.chip.counters.programs == 1 && rig.chip.counters.busy_ns == 400 * US);
}

static void wrdi_takes_wel_back(void)
{
	RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x04);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void wren_with_a_byte_too_many_is_none(void)
{
	RIG;

	rig_send(&rig, 0x06, 0x00);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void busy_chip_hears_status_reads_only(void)
{
	RIG;
	uint8_t rx[3];

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x20, 0, 0, 0);
	rig_ask(&rig, rx, 3, 0x9f);
	CHECK(memcmp(rx, "\xff\xff\xff", 3) == 0);
	rig_send(&rig, 0x02, 0, 0, 0, 0x00);
	CHECK(rig_byte(&rig, 0) == 0xff);
	CHECK(rig_status(&rig, 0x05) & CHIP_WIP);
	rig_idle(&rig);
	rig_ask(&rig, rx, 3, 0x9f);
	CHECK(rx[0] == 0xef);
}

static void status_read_sees_the_end_while_it_is_clocked(void)
{
	RIG;
	uint8_t rx[500];

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x02, 0, 0, 0, 0x00);
	rig_ask(&rig, rx, sizeof rx, 0x05);
	CHECK(rx[0] == (CHIP_WEL | CHIP_WIP) && rx[398] == (CHIP_WEL | CHIP_WIP));
	CHECK(rx[400] == 0 && rx[499] == 0);
	CHECK(rig.chip.counters.polls == 1);
}

/* ---- erasing */

static void erases_take_their_block_and_no_more(void)
{
	static const struct {
		uint8_t opcode;
		uint32_t len;
		uint64_t ns;
	} erases[] = { { 0x20, 0x1000, 45 * MS },
		       { 0x52, 0x8000, 120 * MS },
		       { 0xd8, 0x10000, 150 * MS } };

	for (size_t i = 0; i < ARRAY_LEN(erases); i++) {
		RIG;
		const uint32_t len = erases[i].len;

		rig_fill(&rig, 0x20000 - 1, 0, len + 2);
		rig_send(&rig, 0x06);
		rig_send(&rig, erases[i].opcode, 0x02, 0x01, 0x23);
		CHECK(rig_is_blank(&rig, 0x20000, len));
		CHECK(rig_byte(&rig, 0x20000 - 1) == 0 && rig_byte(&rig, 0x20000 + len) == 0);
		CHECK(rig.chip.counters.erases == 1);
		CHECK(rig.chip.counters.busy_ns == erases[i].ns);
	}
}

static void chip_erase_takes_all(void)
{
	static const uint8_t opcodes[] = { 0xc7, 0x60 };

	for (size_t i = 0; i < ARRAY_LEN(opcodes); i++) {
		RIG;

		rig_fill(&rig, 0, 0, 1);
		rig_fill(&rig, RIG_SIZE - 1, 0, 1);
		rig_send(&rig, 0x06);
		rig_send(&rig, opcodes[i]);
		CHECK(rig_byte(&rig, 0) == 0xff && rig_byte(&rig, RIG_SIZE - 1) == 0xff);
		CHECK(rig.chip.counters.busy_ns == 10 * S);
	}
}

static void erase_without_wren_does_nothing(void)
{
	RIG;

	rig_fill(&rig, 0, 0, 1);
	rig_send(&rig, 0x20, 0, 0, 0);
	rig_send(&rig, 0xc7);
	CHECK(rig_byte(&rig, 0) == 0);
}

static void erase_with_a_short_address_does_nothing(void)
{
	RIG;

	rig_fill(&rig, 0, 0, 1);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x20, 0, 0);
	rig_send(&rig, 0x20, 0, 0, 0, 0);
	CHECK(rig_byte(&rig, 0) == 0);
	CHECK(rig_status(&rig, 0x05) == CHIP_WEL);
}

static void erase_the_part_does_not_have_is_ignored(void)
{
	struct chip_part part = rig_w25q32;

	part.erase[1] = (struct chip_erase){ 0, 0 };
	AUTO(rig_free) struct chip_rig rig = rig_new(&part);
	rig_fill(&rig, 0, 0, 1);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x52, 0, 0, 0);
	CHECK(rig_byte(&rig, 0) == 0);
}

static void jitter_is_small_and_repeatable(void)
{
	struct chip_part part = rig_w25q32;
	uint64_t busy[2][3];

	part.timing.jitter = CHIP_JITTER_UNIT / 10;
	for (int run = 0; run < 2; run++) {
		AUTO(rig_free) struct chip_rig rig = rig_new(&part);

		for (int i = 0; i < 3; i++) {
			rig.chip.counters.busy_ns = 0;
			rig_send(&rig, 0x06);
			rig_send(&rig, 0x20, 0, 0, 0);
			rig_idle(&rig);
			busy[run][i] = rig.chip.counters.busy_ns;
			CHECK(busy[run][i] >= 40 * MS && busy[run][i] <= 50 * MS);
		}
	}
	CHECK(memcmp(busy[0], busy[1], sizeof busy[0]) == 0);
	CHECK(busy[0][0] != busy[0][1] || busy[0][1] != busy[0][2]);
}

static void abandoned_command_is_forgotten(void)
{
	RIG;

	rig_send(&rig, 0x06);
	chip_select(&rig.chip, rig.now_ns);
	rig_piece(&rig, (const uint8_t[]){ 0x02, 0, 0, 0, 0 }, NULL, 5);
	chip_abandon(&rig.chip);
	chip_deselect(&rig.chip, rig.now_ns);
	CHECK(rig_byte(&rig, 0) == 0xff);
}

static const struct check all[] = {
	{ "id comes after a first byte that means nothing",
	  id_comes_after_a_first_byte_that_means_nothing },
	{ "device id answers to ab and 90", device_id_answers_to_ab_and_90 },
	{ "unique id comes after four dummies", unique_id_comes_after_four_dummies },
	{ "chip without unique id stays silent", chip_without_unique_id_stays_silent },
	{ "unknown opcode leaves miso floating", unknown_opcode_leaves_miso_floating },
	{ "reading gives the content", reading_gives_the_content },
	{ "reading goes on from piece to piece", reading_goes_on_from_piece_to_piece },
	{ "reading wraps at the end of the chip", reading_wraps_at_the_end_of_the_chip },
	{ "address beyond the chip wraps", address_beyond_the_chip_wraps },
	{ "program clears bits only", program_clears_bits_only },
	{ "program without wren does nothing", program_without_wren_does_nothing },
	{ "program without data does nothing", program_without_data_does_nothing },
	{ "program wraps in its page", program_wraps_in_its_page },
	{ "of more than a page the last bytes count", of_more_than_a_page_the_last_bytes_count },
	{ "wel clears when the program ends", wel_clears_when_the_program_ends },
	{ "wrdi takes wel back", wrdi_takes_wel_back },
	{ "wren with a byte too many is none", wren_with_a_byte_too_many_is_none },
	{ "busy chip hears status reads only", busy_chip_hears_status_reads_only },
	{ "status read sees the end while it is clocked",
	  status_read_sees_the_end_while_it_is_clocked },
	{ "erases take their block and no more", erases_take_their_block_and_no_more },
	{ "chip erase takes all", chip_erase_takes_all },
	{ "erase without wren does nothing", erase_without_wren_does_nothing },
	{ "erase with a short address does nothing", erase_with_a_short_address_does_nothing },
	{ "erase the part does not have is ignored", erase_the_part_does_not_have_is_ignored },
	{ "jitter is small and repeatable", jitter_is_small_and_repeatable },
	{ "abandoned command is forgotten", abandoned_command_is_forgotten },
};
CHECK_MAIN(all)
