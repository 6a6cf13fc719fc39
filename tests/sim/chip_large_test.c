#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "chip.h"
#include "chip_rig.h"
#include "sfdp.h"

/* ---- above 16 MiB */

#define BIG_SIZE 0x2000000u

static struct chip_rig big_new(void)
{
	struct chip_part part = rig_w25q32;

	part.jedec_id = 0xef4019;
	part.size = BIG_SIZE;
	part.address_bytes = 4;
	part.erase[3] = (struct chip_erase){ 0x21, 0x1000 };
	return rig_new(&part);
}

static void four_byte_opcodes_reach_beyond_16_mib(void)
{
	AUTO(rig_free) struct chip_rig rig = big_new();
	uint8_t rx[2];

	rig_fill(&rig, 0x1000010, 0x5a, 1);
	rig_ask(&rig, rx, 1, 0x13, 0x01, 0x00, 0x00, 0x10);
	CHECK(rx[0] == 0x5a);
	rig_ask(&rig, rx, 1, 0x0c, 0x01, 0x00, 0x00, 0x10, 0);
	CHECK(rx[0] == 0x5a);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x12, 0x01, 0x00, 0x00, 0x11, 0x33);
	rig_idle(&rig);
	CHECK(rig_byte(&rig, 0x1000011) == 0x33);
	rig_send(&rig, 0x06);
	rig_send(&rig, 0x21, 0x01, 0x00, 0x00, 0x00);
	CHECK(rig_is_blank(&rig, 0x1000000, 0x1000));
}

static void b7_and_e9_switch_the_address_length(void)
{
	AUTO(rig_free) struct chip_rig rig = big_new();
	uint8_t rx;

	rig_fill(&rig, 0x1000010, 0x5a, 1);
	rig_fill(&rig, 0x10, 0xa5, 1);
	rig_send(&rig, 0xb7);
	rig_ask(&rig, &rx, 1, 0x03, 0x01, 0x00, 0x00, 0x10);
	CHECK(rx == 0x5a);
	CHECK(rig_status(&rig, 0x15) & 1);
	rig_send(&rig, 0xe9);
	rig_ask(&rig, &rx, 1, 0x03, 0x00, 0x00, 0x10);
	CHECK(rx == 0xa5);
}

static void small_chip_does_not_know_four_byte_opcodes(void)
{
	RIG;
	uint8_t rx;

	rig_fill(&rig, 0, 0, 1);
	rig_ask(&rig, &rx, 1, 0x13, 0, 0, 0, 0);
	CHECK(rx == 0xff);
	rig_send(&rig, 0xb7);
	rig_ask(&rig, &rx, 1, 0x03, 0, 0, 0);
	CHECK(rx == 0);
}

static void sfdp_of_a_large_part_tells_both_address_lengths(void)
{
	AUTO(rig_free) struct chip_rig rig = big_new();
	uint8_t rx[CHIP_SFDP];
	struct sfdp sfdp;
	struct err e;

	rig_ask(&rig, rx, sizeof rx, 0x5a, 0, 0, 0, 0);
	CHECK_OK(sfdp_parse(rx, sizeof rx, &sfdp, &e), e);
	CHECK(sfdp.size == BIG_SIZE && sfdp.address_bytes == 34);
	CHECK(memcmp(rx + 0xc4, "\x21\xff\xff\xff", 4) == 0);
}

static const struct check all[] = {
	{ "four byte opcodes reach beyond 16 mib", four_byte_opcodes_reach_beyond_16_mib },
	{ "b7 and e9 switch the address length", b7_and_e9_switch_the_address_length },
	{ "small chip does not know four byte opcodes",
	  small_chip_does_not_know_four_byte_opcodes },
	{ "sfdp of a large part tells both address lengths",
	  sfdp_of_a_large_part_tells_both_address_lengths },
};
CHECK_MAIN(all)
