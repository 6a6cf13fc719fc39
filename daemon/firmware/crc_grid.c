#include "crc_grid.h"

#define POLYNOMIAL 0x8005u

uint16_t crc_grid_crc(const uint8_t *bytes, size_t len)
{
	uint32_t crc = 0xffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)bytes[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ POLYNOMIAL : crc << 1;
	}
	return (uint16_t)crc;
}

void crc_grid_seal(uint8_t block[CRC_GRID_BLOCK])
{
	const uint16_t crc = crc_grid_crc(block, CRC_GRID_DATA);

	block[CRC_GRID_DATA] = (uint8_t)(crc >> 8);
	block[CRC_GRID_DATA + 1] = (uint8_t)crc;
}

bool crc_grid_valid(const uint8_t block[CRC_GRID_BLOCK])
{
	const uint16_t crc = crc_grid_crc(block, CRC_GRID_DATA);

	return block[CRC_GRID_DATA] == crc >> 8 && block[CRC_GRID_DATA + 1] == (crc & 0xff);
}
