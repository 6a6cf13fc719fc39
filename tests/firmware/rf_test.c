#include "rf.h"

#include <stdlib.h>

#include "auto.h"
#include "check.h"

/* The start of an RF partition as a BK7231N has it. */
static const uint8_t head[] = {
	0x54, 0x4c, 0x56, 0x00, 0xf6, 0x01, 0x00, 0x00, /* TLV, 1f6h bytes */
	0x00, 0x11, 0x11, 0x11, 0x5a, 0x00, 0x00, 0x00, /* group */
	0x01, 0x11, 0x11, 0x11, 0x04, 0x00, 0x00, 0x00, 0x4e, 0x61, 0xbc, 0x00, /* chip */
	0x02, 0x11, 0x11, 0x11, 0x06, 0x00, 0x00, 0x00, 0xc8, 0x47, 0x8c, 0x00, 0x00, 0x01,
};
#define TOTAL  4
#define GROUP  8
#define RECORD 16
#define MAC    0x24

static void sector_of(uint8_t sector[RF_SECTOR])
{
	memset(sector, 0xff, RF_SECTOR);
	memcpy(sector, head, sizeof head);
}

static void the_mac_of_a_partition_is_found(void)
{
	struct rf_finder finder = { 0 };
	uint8_t sector[RF_SECTOR];
	char text[RF_MAC_TEXT];

	sector_of(sector);
	rf_feed(&finder, 0x1d0000, sector);
	CHECK(rf_mac_text(&finder, text) && !strcmp(text, "C8:47:8C:00:00:01"));
	CHECK(finder.offset == 0x1d0000);
}

static void nothing_is_found_in_nothing(void)
{
	struct rf_finder finder = { 0 };
	uint8_t sector[RF_SECTOR];
	char text[RF_MAC_TEXT] = "before";

	memset(sector, 0xff, sizeof sector);
	rf_feed(&finder, 0, sector);
	memset(sector, 0, sizeof sector);
	rf_feed(&finder, RF_SECTOR, sector);
	CHECK(!rf_mac_text(&finder, text) && !strcmp(text, "before"));
}

static void the_highest_partition_counts(void)
{
	struct rf_finder finder = { 0 };
	uint8_t sector[RF_SECTOR];

	sector_of(sector);
	rf_feed(&finder, 0x1e0000, sector);
	sector[MAC + 5] = 2;
	rf_feed(&finder, 0x3e0000, sector);
	sector[MAC + 5] = 3;
	rf_feed(&finder, 0x2e0000, sector);
	CHECK(finder.offset == 0x3e0000 && finder.mac[5] == 2);
}

static void a_broken_partition_above_does_not_hide_a_good_one(void)
{
	struct rf_finder finder = { 0 };
	uint8_t sector[RF_SECTOR];

	sector_of(sector);
	rf_feed(&finder, 0x1e0000, sector);
	sector[MAC] |= 1;
	rf_feed(&finder, 0x3e0000, sector);
	CHECK(finder.found && finder.offset == 0x1e0000 && finder.mac[0] == 0xc8);
}

/* One change that makes the partition senseless. */
static const struct damage {
	const char *what;
	size_t at;
	uint8_t byte[4];
} damages[] = {
	{ "another signature", 3, { 'X', 0xf6, 1, 0 } },
	{ "a length past the sector", TOTAL, { 0xf9, 0x0f, 0, 0 } },
	{ "a huge length", TOTAL, { 0xff, 0xff, 0xff, 0xff } },
	{ "no length", TOTAL, { 0, 0, 0, 0 } },
	{ "a group past the end", GROUP + 4, { 0xef, 0x01, 0, 0 } },
	{ "a huge group", GROUP + 4, { 0xff, 0xff, 0xff, 0xff } },
	{ "no group of that kind", GROUP, { 0x00, 0x22, 0x22, 0x22 } },
	{ "a record past its group", RECORD + 4, { 0x5a, 0, 0, 0 } },
	{ "a huge record", RECORD + 4, { 0xf8, 0xff, 0xff, 0xff } },
	{ "a short MAC", MAC - 4, { 5, 0, 0, 0 } },
	{ "a multicast MAC", MAC, { 0xc9, 0x47, 0x8c, 0 } },
};

static void damaged_partitions_are_no_partitions(void)
{
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		uint8_t sector[RF_SECTOR], mac[RF_MAC];

		sector_of(sector);
		memcpy(sector + damages[i].at, damages[i].byte, 4);
		if (rf_parse(sector, mac))
			fprintf(stderr, "%s\n", damages[i].what);
		CHECK(!rf_parse(sector, mac));
	}
}

static void blank_macs_are_none(void)
{
	uint8_t sector[RF_SECTOR], mac[RF_MAC];

	sector_of(sector);
	memset(sector + MAC, 0, RF_MAC);
	CHECK(!rf_parse(sector, mac));
	memset(sector + MAC, 0xff, RF_MAC);
	CHECK(!rf_parse(sector, mac));
}

static void the_largest_length_that_fits_is_fine(void)
{
	uint8_t sector[RF_SECTOR], mac[RF_MAC];

	sector_of(sector);
	memcpy(sector + TOTAL, (uint8_t[]){ 0xf8, 0x0f }, 2);
	CHECK(rf_parse(sector, mac));
}

/* The sanitizers say whether it reads past the sector, which is exactly as large as allocated. */
static void random_damage_is_survived(void)
{
	AUTO(auto_free) uint8_t *sector = malloc(RF_SECTOR);
	unsigned seed = 7;
	size_t good = 0;

	CHECK(sector);
	for (int round = 0; round < 20000; round++) {
		uint8_t mac[RF_MAC];

		sector_of(sector);
		for (int n = 0; n < 2; n++)
			sector[4 + (size_t)rand_r(&seed) % (sizeof head - 4)] =
				(uint8_t)rand_r(&seed);
		good += rf_parse(sector, mac);
	}
	CHECK(good > 0 && good < 20000);
}

static const struct check all[] = {
	{ "the MAC of a partition is found", the_mac_of_a_partition_is_found },
	{ "nothing is found in nothing", nothing_is_found_in_nothing },
	{ "the highest partition counts", the_highest_partition_counts },
	{ "a broken partition above does not hide a good one",
	  a_broken_partition_above_does_not_hide_a_good_one },
	{ "damaged partitions are no partitions", damaged_partitions_are_no_partitions },
	{ "blank MACs are none", blank_macs_are_none },
	{ "the largest length that fits is fine", the_largest_length_that_fits_is_fine },
	{ "random damage is survived", random_damage_is_survived },
};
CHECK_MAIN(all)
