/*
 * Unpacking QuickLZ, level 3, as an update's container holds it: pieces of a few KiB that each stand
 * alone. A piece says how long it is, packed and unpacked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUICKLZ_PIECE 16384u /* bytes of a piece at most, packed or not */

/* Fills out (QUICKLZ_PIECE bytes) and *out_len; false for a piece that is damaged or of another level. */
bool quicklz_unpack(const uint8_t *in, size_t len, uint8_t *out, size_t *out_len);
