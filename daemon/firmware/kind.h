/*
 * What kind of file a flash image is, by what its first bytes and its size say while it streams
 * by. It is a name for people and a first guess for a program: what no rule knows for sure is
 * "bin".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crc_grid.h"

#define KIND_RBL 96u /* bytes of the header of an RBL container */

/* Initialise with { 0 }. Plain data. */
struct kind_finder {
	uint64_t size;
	bool used; /* a byte is not FF */
	uint8_t head[KIND_RBL];
	uint8_t app[CRC_GRID_BLOCK]; /* at 11000h, where the application starts in a whole flash */
};

/* The next bytes, in order. */
void kind_feed(struct kind_finder *finder, const uint8_t *bytes, size_t len);

/*
 * After the last byte, one of:
 *   "erased"      nothing but FF
 *   "full-flash"  bootloader and application, and of the size of a flash chip: 2 MiB, 4 MiB, ...
 *   "qio"         bootloader and application, shorter: goes to address 0
 *   "ua"          an application as it stands in the flash: goes to 11000h
 *   "rbl"         a container for the bootloader to unpack, with a sound header
 *   "bin"         anything else
 * Applications are known by the ARM vector table on the CRC grid, in clear or scrambled with the
 * key that nearly all devices have.
 */
const char *kind_name(const struct kind_finder *finder);
