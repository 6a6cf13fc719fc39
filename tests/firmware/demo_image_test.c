#include "demo_image.h"

#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "crc_grid.h"

#define DOORBELL (4u << 20)
#define PLUG     (2u << 20)

static uint8_t *whole(const struct demo_image *image)
{
	uint8_t *flash = malloc(image->size);

	if (!flash)
		abort();
	demo_image_read(image, 0, flash, image->size);
	return flash;
}

static bool erased(const uint8_t *bytes, size_t len)
{
	return bytes[0] == 0xff && !memcmp(bytes, bytes + 1, len - 1);
}

struct grid {
	size_t valid, erased, bad;
};

static struct grid count_blocks(const uint8_t *flash, size_t from, size_t to)
{
	struct grid grid = { 0 };

	for (size_t at = from; at + CRC_GRID_BLOCK <= to; at += CRC_GRID_BLOCK) {
		if (crc_grid_valid(flash + at))
			grid.valid++;
		else if (erased(flash + at, CRC_GRID_BLOCK))
			grid.erased++;
		else
			grid.bad++;
	}
	return grid;
}

static void all_code_of_the_doorbell_is_on_the_grid(void)
{
	struct demo_image image;

	demo_image_init(&image, "bk7252", DOORBELL, 1);
	AUTO(auto_free) uint8_t *flash = whole(&image);
	const struct grid grid = count_blocks(flash, 0, 0x363000);

	CHECK(grid.bad == 0);
	CHECK(grid.valid == 1772 + 40000 + 38000);
	CHECK(grid.erased > 10000);
}

static void all_code_of_the_plug_is_on_the_grid(void)
{
	struct demo_image image;

	demo_image_init(&image, "bk7231n", PLUG, 1);
	AUTO(auto_free) uint8_t *flash = whole(&image);
	const struct grid grid = count_blocks(flash, 0, 0x129f70);

	CHECK(grid.bad == 0 && grid.valid == 1876 + 30000);
}

/* The CRCs are published with the scrambled vector blocks. */
static void applications_begin_with_the_scrambled_vectors(void)
{
	struct demo_image image;
	uint8_t app1[CRC_GRID_BLOCK], app2[CRC_GRID_BLOCK];

	demo_image_init(&image, "bk7252", DOORBELL, 1);
	demo_image_read(&image, 0x11000, app1, sizeof app1);
	demo_image_read(&image, 0x1ba000, app2, sizeof app2);
	CHECK(app1[0] == 0x2f && app1[32] == 0xfe && app1[33] == 0x2b);
	CHECK(app2[3] == 0xa2 && app2[32] == 0x13 && app2[33] == 0x1e);
}

static void the_mac_is_found_where_it_was_put(void)
{
	static const struct {
		const char *target;
		uint32_t size, at;
	} boards[] = { { "bk7252", DOORBELL, 0x3e0000 }, { "bk7231n", PLUG, 0x1d0000 } };

	for (size_t i = 0; i < ARRAY_LEN(boards); i++) {
		struct rf_finder finder = { 0 };
		struct demo_image image;

		demo_image_init(&image, boards[i].target, boards[i].size, 5);
		AUTO(auto_free) uint8_t *flash = whole(&image);
		for (uint32_t at = 0; at < image.size; at += RF_SECTOR)
			rf_feed(&finder, at, flash + at);
		CHECK(finder.found && finder.offset == boards[i].at);
		CHECK(finder.mac[0] == 0x02 && !memcmp(finder.mac, image.mac, RF_MAC));
	}
}

static void any_piece_is_the_same_as_in_the_whole(void)
{
	struct demo_image image;
	unsigned seed = 3;

	demo_image_init(&image, "bk7231n", PLUG, 9);
	AUTO(auto_free) uint8_t *flash = whole(&image);
	for (int round = 0; round < 500; round++) {
		const uint32_t at = (uint32_t)rand_r(&seed) % PLUG;
		const size_t len = (size_t)rand_r(&seed) % 9000;
		uint8_t part[9000];

		if (len > PLUG - at)
			continue;
		demo_image_read(&image, at, part, len);
		CHECK(!memcmp(part, flash + at, len));
	}
}

static void past_the_end_there_is_nothing(void)
{
	struct demo_image image;
	uint8_t part[4096];

	demo_image_init(&image, "nor", 1u << 20, 1);
	demo_image_read(&image, (1u << 20) - 2048, part, sizeof part);
	CHECK(!erased(part, 2048));
	CHECK(erased(part + 2048, 2048));
}

static void another_seed_is_another_device(void)
{
	struct demo_image a, b;
	uint8_t code_a[64], code_b[64];

	demo_image_init(&a, "bk7252", DOORBELL, 1);
	demo_image_init(&b, "bk7252", DOORBELL, 2);
	demo_image_read(&a, 0x20000, code_a, sizeof code_a);
	demo_image_read(&b, 0x20000, code_b, sizeof code_b);
	CHECK(memcmp(a.mac, b.mac, RF_MAC) != 0);
	CHECK(memcmp(code_a, code_b, sizeof code_a) != 0);
}

static void a_bare_flash_has_data_and_then_nothing(void)
{
	struct demo_image image;
	uint8_t sector[4096];

	demo_image_init(&image, "nor", 16u << 20, 1);
	demo_image_read(&image, 0, sector, sizeof sector);
	CHECK(!erased(sector, sizeof sector));
	demo_image_read(&image, 15u << 20, sector, sizeof sector);
	CHECK(erased(sector, sizeof sector));
}

static const struct check all[] = {
	{ "all code of the doorbell is on the grid", all_code_of_the_doorbell_is_on_the_grid },
	{ "all code of the plug is on the grid", all_code_of_the_plug_is_on_the_grid },
	{ "applications begin with the scrambled vectors",
	  applications_begin_with_the_scrambled_vectors },
	{ "the MAC is found where it was put", the_mac_is_found_where_it_was_put },
	{ "any piece is the same as in the whole", any_piece_is_the_same_as_in_the_whole },
	{ "past the end there is nothing", past_the_end_there_is_nothing },
	{ "another seed is another device", another_seed_is_another_device },
	{ "a bare flash has data and then nothing", a_bare_flash_has_data_and_then_nothing },
};
CHECK_MAIN(all)
