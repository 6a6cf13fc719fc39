#include "scramble.h"

#include <stdlib.h>

#include "auto.h"
#include "bytes.h"
#include "check.h"
#include "flash_maker.h"

#define ADDRESSES 10

static const uint32_t addresses[ADDRESSES] = { 0x0,     0x4,     0x1c,     0x100,    0x10000,
					       0x10004, 0x1fffc, 0x118700, 0x1a0000, 0x3ffffc };

/* Every selector, each stage off, and those that bypass all. */
static const struct {
	struct scramble_key key;
	uint32_t words[ADDRESSES];
} streams[] = {
	{ { { 0x510fb093, 0xa3cbeadc, 0x5993a17e, 0xc7adeb03 } },
	  { 0x7cb50721, 0x7cb50f21, 0x7cb53f21, 0x7cb70721, 0x7eb50721, 0x7eb50f21, 0x9a535bd0,
	    0x5eaa0730, 0x48b50721, 0xe6535bd0 } },
	{ { { 0x00000000, 0x00000000, 0x7cb50721, 0x55000803 } },
	  { 0x7cb50721, 0x7cb50f21, 0x7cb53f21, 0x7cb70721, 0x7eb50721, 0x7eb50f21, 0x9a535bd0,
	    0x5eaa0730, 0x48b50721, 0xe6535bd0 } },
	{ { { 0x4862379a, 0x8612784b, 0x85c5e258, 0x75754528 } },
	  { 0x2e388101, 0x2f298018, 0x4b29a278, 0x2e38c101, 0x2c388123, 0x2d29803a, 0xaa51ec95,
	    0x4c796312, 0x1a388175, 0xd740eca9 } },
	{ { { 0x00000000, 0x00000000, 0x00000000, 0x00000000 } },
	  { 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
	    0x00000000, 0x00000000, 0x00000000 } },
	{ { { 0x01234567, 0x89abcdef, 0xfedcba98, 0x5a000000 } },
	  { 0xe34969e1, 0xea506bf0, 0xbe604390, 0xe14be9e1, 0xe14969a3, 0xe8506bb2, 0x6126053d,
	    0xce47cba3, 0xd74969d5, 0x1c370541 } },
	{ { { 0x01234567, 0x89abcdef, 0xfedcba98, 0x5a000930 } },
	  { 0xe349e9e1, 0xe341e0e9, 0xe371d6e9, 0xe14ba9e1, 0xe349e9c1, 0xe341e0c9, 0x9b277c76,
	    0xad170bc0, 0xe349e9a1, 0x9a367c36 } },
	{ { { 0x01234567, 0x89abcdef, 0xfedcba98, 0x5a001240 } },
	  { 0xe34969e1, 0xeb496969, 0xdb496a51, 0xe34b4be1, 0xe34969f1, 0xeb496979, 0x79c65fdf,
	    0xa64693a8, 0x87494da1, 0x9cdffb4e } },
	{ { { 0x01234567, 0x89abcdef, 0xfedcba98, 0x5a001b70 } },
	  { 0xe349e9e1, 0xeb41e9e1, 0xdb71e869, 0xe149fda3, 0xe34bfbf8, 0xeb43fbf8, 0x87c323c8,
	    0xad2aaeb2, 0xe37dddb1, 0x87bf5fb8 } },
	{ { { 0x01234567, 0x89abcdef, 0xfedcba98, 0x5a000008 } },
	  { 0x1d95d379, 0x148cd168, 0x40bcf908, 0x1f975379, 0x1f95d33b, 0x168cd12a, 0x9ffabfa5,
	    0x309b713b, 0x2995d34d, 0xe2ebbfd9 } },
	{ { { 0x00000001, 0x00000002, 0x00000003, 0xff000000 } },
	  { 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
	    0x00000000, 0x00000000, 0x00000000 } },
};

static void the_published_streams_come_out(void)
{
	for (size_t i = 0; i < ARRAY_LEN(streams); i++)
		for (size_t j = 0; j < ADDRESSES; j++)
			CHECK(scramble_word(&streams[i].key, addresses[j]) == streams[i].words[j]);
}

static void scrambling_twice_changes_nothing(void)
{
	uint8_t bytes[64] = { 1, 2, 3 }, before[64];

	memcpy(before, bytes, sizeof bytes);
	scramble_apply(&maker_tuya, 0x10000, bytes, sizeof bytes);
	CHECK(memcmp(bytes, before, sizeof bytes) != 0);
	scramble_apply(&maker_tuya, 0x10000, bytes, sizeof bytes);
	CHECK(!memcmp(bytes, before, sizeof bytes));
}

static void a_first_block_is_as_devices_have_it(void)
{
	static const uint8_t scrambled[] = { 0x2f, 0x07, 0xb5, 0x94, 0x35, 0xff, 0x2a, 0x9b,
					     0x35, 0xe7, 0x2a, 0x9b, 0x35, 0xef, 0x2a, 0x9b,
					     0x35, 0xd7, 0x2a, 0x9b, 0x35, 0xdf, 0x2a, 0x9b,
					     0x35, 0xc7, 0x2a, 0x9b, 0x35, 0xcf, 0x2a, 0x9b };
	uint8_t block[32];

	maker_vectors(block);
	scramble_apply(&maker_tuya, 0x10000, block, sizeof block);
	CHECK(!memcmp(block, scrambled, sizeof block));
}

static void known_keys_have_names_by_what_they_do(void)
{
	const struct scramble_key same = { { 0, 0, 0x7cb50721, 0x55000803 } };
	const struct scramble_key odd = { { 1, 2, 3, 0x55000000 } };

	CHECK(!strcmp(scramble_name(&maker_tuya), "tuya"));
	CHECK(!strcmp(scramble_name(&same), "tuya"));
	CHECK(!strcmp(scramble_name(&maker_clear), "zero") && scramble_is_clear(&maker_clear));
	CHECK(!scramble_name(&odd) && !scramble_is_clear(&odd));
}

/* The vector blocks of a bootloader and an application under a key. */
static void blocks_of(const struct scramble_key *key, uint8_t boot[32], uint8_t app[32])
{
	maker_vectors(boot);
	maker_vectors(app);
	scramble_apply(key, 0, boot, 32);
	scramble_apply(key, 0x10000, app, 32);
}

static void a_key_that_nobody_knows_is_found_from_two_blocks(void)
{
	unsigned seed = 11;

	for (int round = 0; round < 300; round++) {
		struct scramble_key key, found;
		uint8_t boot[32], app[32];
		const struct scramble_sample samples[] = { { 0, boot }, { 0x10000, app } };

		for (size_t i = 0; i < 4; i++)
			key.k[i] = (uint32_t)rand_r(&seed) << 16 ^ (uint32_t)rand_r(&seed);
		/* Not bypassed, with its own word and at least one stage. */
		key.k[3] = (key.k[3] & 0xfffff7) | 0x5a000000;
		if ((key.k[3] & 7) == 7)
			key.k[3] ^= 1u << round % 3;
		blocks_of(&key, boot, app);
		CHECK(scramble_find(samples, 2, &found));
		for (uint32_t at = 0; at < 0x400000; at += 0x1234)
			CHECK(scramble_word(&key, at & ~3u) == scramble_word(&found, at & ~3u));
	}
}

static void what_is_no_vector_table_has_no_key(void)
{
	uint8_t block[32] = { 1 }, boot[32], app[32];
	const struct scramble_sample one = { 0, block }, both[] = { { 0, boot }, { 0x10000, app } };
	struct scramble_key key;

	CHECK(!scramble_find(&one, 1, &key) && !scramble_find(&one, 0, &key));
	blocks_of(&maker_tuya, boot, app);
	app[20] ^= 1;
	CHECK(!scramble_find(both, 2, &key) && scramble_find(both, 1, &key));
}

static const struct check all[] = {
	{ "the published streams come out", the_published_streams_come_out },
	{ "scrambling twice changes nothing", scrambling_twice_changes_nothing },
	{ "a first block is as devices have it", a_first_block_is_as_devices_have_it },
	{ "known keys have names by what they do", known_keys_have_names_by_what_they_do },
	{ "a key that nobody knows is found from two blocks",
	  a_key_that_nobody_knows_is_found_from_two_blocks },
	{ "what is no vector table has no key", what_is_no_vector_table_has_no_key },
};
CHECK_MAIN(all)
