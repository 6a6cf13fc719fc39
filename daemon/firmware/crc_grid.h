/*
 * The CRC grid of BK72xx flash: the CPU sees 32 bytes, the flash holds them and two of CRC-16. The
 * grid starts at flash address 0 and goes through all code partitions.
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
