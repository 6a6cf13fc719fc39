#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "demo_image.h"
#include "hash.h"
#include "kind.h"

#define MIB (1u << 20)
#define APP 0x11000u

static const uint8_t boot_in_clear[CRC_GRID_DATA] = { 0xca, 0, 0, 0xea };

/* A vector table in clear: a branch, and seven times the same. */
static void put_vectors(uint8_t *block)
{
	static const uint8_t ldr[4] = { 0x14, 0xf0, 0x9f, 0xe5 };

	memcpy(block, boot_in_clear, 4);
	for (size_t i = 4; i < CRC_GRID_DATA; i += 4)
		memcpy(block + i, ldr, 4);
	crc_grid_seal(block);
}

static const char *kind_of(const uint8_t *bytes, size_t len, size_t piece)
{
	struct kind_finder finder = { 0 };

	for (size_t at = 0; at < len; at += piece)
		kind_feed(&finder, bytes + at, len - at < piece ? len - at : piece);
	return kind_name(&finder);
}

/* What stands in the flash of a demonstration board. */
static uint8_t *flash_new(const char *target, uint32_t size)
{
	uint8_t *bytes = calloc(1, size);
	struct demo_image image;

	if (!bytes)
		abort();
	demo_image_init(&image, target, size, 1);
	demo_image_read(&image, 0, bytes, size);
	return bytes;
}

static void whole_flash_is_known_by_its_code_and_size(void)
{
	AUTO(auto_free) uint8_t *n = flash_new("bk7231n", 2 * MIB);
	AUTO(auto_free) uint8_t *doorbell = flash_new("bk7252", 4 * MIB);

	CHECK(!strcmp(kind_of(n, 2 * MIB, 4096), "full-flash"));
	CHECK(!strcmp(kind_of(doorbell, 4 * MIB, 70000), "full-flash"));
	CHECK(!strcmp(kind_of(n, 2 * MIB - 1, 4096), "qio"));
	CHECK(!strcmp(kind_of(n, APP + 34, 4096), "qio"));
	n[APP] ^= 1;
	CHECK(!strcmp(kind_of(n, 2 * MIB, 4096), "bin"));
}

static void pieces_of_any_size_tell_the_same(void)
{
	AUTO(auto_free) uint8_t *flash = flash_new("bk7231n", 2 * MIB);
	static const size_t pieces[] = { 1, 33, 34, 35, 4095, APP - 1, APP, APP + 1 };

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		CHECK(!strcmp(kind_of(flash, APP + 100, pieces[i]), "qio"));
}

static void application_alone_is_ua(void)
{
	AUTO(auto_free) uint8_t *flash = flash_new("bk7231n", 2 * MIB);

	CHECK(!strcmp(kind_of(flash + APP, 0x118f70, 4096), "ua"));
	CHECK(!strcmp(kind_of(flash + 34, 0x118f70, 4096), "bin"));
	CHECK(!strcmp(kind_of(flash, APP, 4096), "bin")); /* a bootloader */
}

static void code_in_clear_is_known_too(void)
{
	AUTO(auto_free) uint8_t *bytes = calloc(1, MIB);

	CHECK(bytes);
	put_vectors(bytes);
	CHECK(!strcmp(kind_of(bytes, APP, 4096), "bin"));
	CHECK(!strcmp(kind_of(bytes, MIB, 4096), "ua"));
	put_vectors(bytes + APP);
	CHECK(!strcmp(kind_of(bytes, MIB, 4096), "qio"));
}

static void container_is_known_by_a_sound_header(void)
{
	uint8_t bytes[200] = "RBL";
	struct hash hash;

	CHECK(!strcmp(kind_of(bytes, sizeof bytes, 7), "bin"));
	hash_init(&hash);
	hash_update(&hash, bytes, KIND_RBL - 4);
	for (size_t i = 0; i < 4; i++)
		bytes[KIND_RBL - 4 + i] = (uint8_t)(hash.crc32 >> 8 * i);
	CHECK(!strcmp(kind_of(bytes, sizeof bytes, 7), "rbl"));
	CHECK(!strcmp(kind_of(bytes, KIND_RBL - 1, 7), "bin"));
}

static void nothing_but_ff_is_erased(void)
{
	static uint8_t bytes[9000];

	memset(bytes, 0xff, sizeof bytes);
	CHECK(!strcmp(kind_of(bytes, sizeof bytes, 1000), "erased"));
	CHECK(!strcmp(kind_of(bytes, 1, 1), "erased"));
	bytes[8999] = 0xfe;
	CHECK(!strcmp(kind_of(bytes, sizeof bytes, 1000), "bin"));
	CHECK(!strcmp(kind_of(bytes, 0, 1), "bin"));
}

static const struct check all[] = {
	{ "whole flash is known by its code and size", whole_flash_is_known_by_its_code_and_size },
	{ "pieces of any size tell the same", pieces_of_any_size_tell_the_same },
	{ "application alone is ua", application_alone_is_ua },
	{ "code in clear is known too", code_in_clear_is_known_too },
	{ "container is known by a sound header", container_is_known_by_a_sound_header },
	{ "nothing but FF is erased", nothing_but_ff_is_erased },
};

CHECK_MAIN(all)
