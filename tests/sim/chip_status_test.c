#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "chip.h"
#include "chip_rig.h"

/* ---- status registers and protection */

static void status_write_takes_one_byte_or_two(void)
{
	RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x01, 0x04, CHIP_QE);
	rig_idle(&rig);
	CHECK(rig_status(&rig, 0x05) == 0x04 && rig_status(&rig, 0x35) == CHIP_QE);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x01, 0x08);
	rig_idle(&rig);
	CHECK(rig_status(&rig, 0x05) == 0x08 && rig_status(&rig, 0x35) == CHIP_QE);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x01, 0x00, 0x00, 0x00);
	CHECK(rig_status(&rig, 0x05) == (0x08 | CHIP_WEL));
}

static void sr2_and_sr3_have_writes_of_their_own(void)
{
	RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x31, CHIP_CMP);
	CHECK(rig_status(&rig, 0x05) & CHIP_WIP);
	rig_idle(&rig);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x11, 0x60);
	rig_idle(&rig);
	CHECK(rig_status(&rig, 0x35) == CHIP_CMP && rig_status(&rig, 0x15) == 0x60);
}

static void status_write_without_wren_does_nothing(void)
{
	RIG;

	rig_send(&rig, 0x01, 0x1c);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void volatile_write_is_at_once_and_lost_by_reset(void)
{
	RIG;

	rig_send(&rig, 0x50);
	rig_send(&rig, 0x01, 0x1c);
	CHECK(rig_status(&rig, 0x05) == 0x1c);
	rig_send(&rig, 0x66);
	rig_send(&rig, 0x99);
	rig_idle(&rig);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void volatile_write_must_follow_at_once(void)
{
	RIG;

	rig_send(&rig, 0x50);
	rig_send(&rig, 0x04);
	rig_send(&rig, 0x01, 0x1c);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void reset_needs_66_just_before_99(void)
{
	RIG;

	rig_send(&rig, 0x06);
	rig_send(&rig, 0x99);
	CHECK(rig_status(&rig, 0x05) == CHIP_WEL);
	rig_send(&rig, 0x66);
	rig_send(&rig, 0x99);
	rig_idle(&rig);
	CHECK(rig_status(&rig, 0x05) == 0);
}

/* Programs 00 at addr; true when the chip took it. */
static bool programs(struct chip_rig *rig, uint32_t addr)
{
	const uint8_t tx[] = { 0x02, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr,
			       0 };

	rig_idle(rig);
	rig_send(rig, 0x06);
	rig_command(rig, tx, sizeof tx, NULL, 0);
	return rig_byte(rig, addr) == 0;
}

/* The tables of W25Q32JV, CMP = 0 and 1: first and last address that is protected. */
static const struct {
	uint8_t sr1, sr2;
	uint32_t first, last;
} protections[] = {
	{ 0x04, 0, 0x3f0000, 0x3fffff },        { 0x08, 0, 0x3e0000, 0x3fffff },
	{ 0x18, 0, 0x200000, 0x3fffff },        { 0x24, 0, 0x000000, 0x00ffff },
	{ 0x38, 0, 0x000000, 0x1fffff },        { 0x1c, 0, 0x000000, 0x3fffff },
	{ 0x44, 0, 0x3ff000, 0x3fffff },        { 0x54, 0, 0x3f8000, 0x3fffff },
	{ 0x64, 0, 0x000000, 0x000fff },        { 0x70, 0, 0x000000, 0x007fff },
	{ 0x00, CHIP_CMP, 0, 0x3fffff },        { 0x04, CHIP_CMP, 0x000000, 0x3effff },
	{ 0x24, CHIP_CMP, 0x010000, 0x3fffff }, { 0x64, CHIP_CMP, 0x001000, 0x3fffff },
};

static void protection_holds_exactly_its_range(void)
{
	for (size_t i = 0; i < ARRAY_LEN(protections); i++) {
		RIG;
		const uint32_t first = protections[i].first, last = protections[i].last;

		chip_set_status(&rig.chip, protections[i].sr1, protections[i].sr2);
		CHECK(!programs(&rig, first) && !programs(&rig, last));
		CHECK(first == 0 || programs(&rig, first - 1));
		CHECK(last == RIG_SIZE - 1 || programs(&rig, last + 1));
	}
}

static void cmp_with_all_bp_protects_nothing(void)
{
	RIG;

	chip_set_status(&rig.chip, 0x1c, CHIP_CMP);
	CHECK(programs(&rig, 0) && programs(&rig, RIG_SIZE - 1));
}

static void protected_program_and_erase_clear_wel_and_are_not_busy(void)
{
	RIG;

	rig_fill(&rig, RIG_SIZE - 1, 0x0f, 1);
	chip_set_status(&rig.chip, 0x04, 0);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x02, 0x3f, 0xff, 0xff, 0);
	CHECK(rig_status(&rig, 0x05) == 0x04);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0xd8, 0x3f, 0x00, 0x00);
	CHECK(rig_status(&rig, 0x05) == 0x04);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0xc7);
	CHECK(rig_status(&rig, 0x05) == 0x04);
	CHECK(rig_byte(&rig, RIG_SIZE - 1) == 0x0f);
}

static void srp_locks_the_registers_while_wp_is_low(void)
{
	RIG;

	chip_set_status(&rig.chip, CHIP_SRP | 0x1c, 0);
	rig.chip.wp_low = true;
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x01, 0x00);
	CHECK(rig_status(&rig, 0x05) == (CHIP_SRP | 0x1c));
	rig.chip.wp_low = false;
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x01, 0x00);
	rig_idle(&rig);
	CHECK(rig_status(&rig, 0x05) == 0);
}

static void sleeping_chip_hears_ab_only(void)
{
	RIG;
	uint8_t rx[3];

	rig_send(&rig, 0xb9);
	rig_ask(&rig, rx, 3, 0x9f);
	CHECK(rx[0] == 0xff);
	rig_send(&rig, 0xab);
	rig_ask(&rig, rx, 3, 0x9f);
	CHECK(rx[0] == 0xef);
}

static const struct check all[] = {
	{ "status write takes one byte or two", status_write_takes_one_byte_or_two },
	{ "sr2 and sr3 have writes of their own", sr2_and_sr3_have_writes_of_their_own },
	{ "status write without wren does nothing", status_write_without_wren_does_nothing },
	{ "volatile write is at once and lost by reset",
	  volatile_write_is_at_once_and_lost_by_reset },
	{ "volatile write must follow at once", volatile_write_must_follow_at_once },
	{ "reset needs 66 just before 99", reset_needs_66_just_before_99 },
	{ "protection holds exactly its range", protection_holds_exactly_its_range },
	{ "cmp with all bp protects nothing", cmp_with_all_bp_protects_nothing },
	{ "protected program and erase clear wel and are not busy",
	  protected_program_and_erase_clear_wel_and_are_not_busy },
	{ "srp locks the registers while wp is low", srp_locks_the_registers_while_wp_is_low },
	{ "sleeping chip hears ab only", sleeping_chip_hears_ab_only },
};
CHECK_MAIN(all)
