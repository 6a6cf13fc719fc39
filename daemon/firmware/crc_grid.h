/*
 * The CRC grid of BK72xx flash: the CPU sees 32 bytes, the flash holds them and two of CRC-16. The
 * grid starts at flash address 0 and goes through all code partitions. "Logical" addresses are the
 * CPU's, all others are those of the flash.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRC_GRID_DATA  32u /* bytes of a block that the CPU sees */
#define CRC_GRID_BLOCK 34u /* bytes of a block in the flash */

/* Polynomial 8005h, start FFFFh, not reflected: "123456789" gives AEE7h. */
uint16_t crc_grid_crc(const uint8_t *bytes, size_t len);

/* Puts the CRC behind the data of a block, high byte first. */
void crc_grid_seal(uint8_t block[CRC_GRID_BLOCK]);

/* True when the CRC is right. An erased block (all FF) is not. */
bool crc_grid_valid(const uint8_t block[CRC_GRID_BLOCK]);

/* The flash address of what the CPU sees at a logical one; and back, a CRC counting as the byte before it. */
uint64_t crc_grid_phys(uint64_t logical);
uint64_t crc_grid_logical(uint64_t phys);

/* How many blocks are right, erased, and neither. */
struct crc_grid_count {
	uint32_t valid, erased, bad;
	uint64_t first_bad; /* address of the first of those, when there is one */
};

/* Adds the whole blocks of bytes, which begin at address addr, to *count. */
void crc_grid_add(struct crc_grid_count *count, uint64_t addr, const uint8_t *bytes, size_t len);
