#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "chip.h"
#include "chip_rig.h"
#include "sfdp.h"

static void sfdp_says_what_the_part_is(void)
{
	RIG;
	uint8_t rx[CHIP_SFDP];
	struct sfdp sfdp;
	struct err e;

	rig_ask(&rig, rx, sizeof rx, 0x5a, 0, 0, 0, 0);
	CHECK_OK(sfdp_parse(rx, sizeof rx, &sfdp, &e), e);
	CHECK(sfdp.size == RIG_SIZE && sfdp.page == 256 && sfdp.address_bytes == 3);
	CHECK(sfdp.erases == 3);
	CHECK(sfdp.erase[0].opcode == 0x20 && sfdp.erase[0].size == 0x1000);
	CHECK(sfdp.erase[1].opcode == 0x52 && sfdp.erase[1].size == 0x8000);
	CHECK(sfdp.erase[2].opcode == 0xd8 && sfdp.erase[2].size == 0x10000);
}

static bool near(uint64_t got, uint64_t want)
{
	return got * 100 >= want * 80 && got * 100 <= want * 125;
}

static void sfdp_says_how_long_things_take(void)
{
	RIG;
	uint8_t rx[CHIP_SFDP];
	struct sfdp sfdp;
	struct err e;

	rig_ask(&rig, rx, sizeof rx, 0x5a, 0, 0, 0, 0);
	CHECK_OK(sfdp_parse(rx, sizeof rx, &sfdp, &e), e);
	CHECK(near(sfdp.erase[0].typical_us, 45000) && near(sfdp.erase[0].maximum_us, 450000));
	CHECK(near(sfdp.erase[2].typical_us, 150000));
	CHECK(near(sfdp.page_program_typical_us, 400));
	CHECK(near(sfdp.page_program_maximum_us, 3200));
	CHECK(near(sfdp.chip_erase_typical_ms, 10000));
}

static const struct check all[] = {
	{ "sfdp says what the part is", sfdp_says_what_the_part_is },
	{ "sfdp says how long things take", sfdp_says_how_long_things_take },
};
CHECK_MAIN(all)
