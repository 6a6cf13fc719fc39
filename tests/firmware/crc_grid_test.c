#include "crc_grid.h"

#include "auto.h"
#include "check.h"

static void the_published_sums_come_out(void)
{
	uint8_t rising[32], falling[32], zeros[32] = { 0 }, ones[32], a5[32];

	memset(ones, 0xff, sizeof ones);
	memset(a5, 0xa5, sizeof a5);
	for (uint8_t i = 0; i < 32; i++) {
		rising[i] = i;
		falling[i] = 31 - i;
	}
	CHECK(crc_grid_crc(zeros, 0) == 0xffff);
	CHECK(crc_grid_crc((const uint8_t *)"123456789", 9) == 0xaee7);
	CHECK(crc_grid_crc(zeros, 32) == 0x8029);
	CHECK(crc_grid_crc(ones, 32) == 0x000c);
	CHECK(crc_grid_crc(rising, 32) == 0x259d);
	CHECK(crc_grid_crc(falling, 32) == 0x68d5);
	CHECK(crc_grid_crc(a5, 32) == 0x089b);
}

static void a_block_is_sealed_high_byte_first(void)
{
	uint8_t block[CRC_GRID_BLOCK] = "BEKEN";

	memset(block + 5, 0xff, sizeof block - 5);
	crc_grid_seal(block);
	CHECK(block[32] == 0xa9 && block[33] == 0x4b);
}

static void a_sealed_block_is_valid_until_a_bit_changes(void)
{
	uint8_t block[CRC_GRID_BLOCK] = { 1, 2, 3 };

	crc_grid_seal(block);
	CHECK(crc_grid_valid(block));
	for (size_t bit = 0; bit < 8 * sizeof block; bit++) {
		block[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(!crc_grid_valid(block));
		block[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void an_erased_block_is_not_valid(void)
{
	uint8_t block[CRC_GRID_BLOCK];

	memset(block, 0xff, sizeof block);
	CHECK(!crc_grid_valid(block));
}

static const struct check all[] = {
	{ "the published sums come out", the_published_sums_come_out },
	{ "a block is sealed high byte first", a_block_is_sealed_high_byte_first },
	{ "a sealed block is valid until a bit changes",
	  a_sealed_block_is_valid_until_a_bit_changes },
	{ "an erased block is not valid", an_erased_block_is_not_valid },
};
CHECK_MAIN(all)
