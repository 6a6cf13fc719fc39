/*
 * Flash content for demonstration boards, as real as it can be without anybody's firmware: a
 * bootloader and applications of pseudo-random code on the CRC grid, each with the vector block
 * that scrambled BK72xx code starts with and texts that name it, a partition table, a store of made-up
 * settings, an RF partition with a locally administered MAC, the rest erased. Each byte follows from seed and address alone, so any piece can be made by itself.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "rf.h"

struct demo_image {
	const struct demo_layout *layout;
	uint32_t size; /* bytes of the chip */
	uint64_t seed;
	uint8_t mac
		[RF_MAC]; /* 02:.., from the seed; of no meaning where there is no RF partition */
};

/*
 * The layout for a target of the configuration ("bk7252", "bk7231n") on a chip of size bytes; for
 * any other pair, and for "nor", data at the start of an erased chip.
 */
void demo_image_init(struct demo_image *image, const char *target, uint32_t size, uint64_t seed);

/* The bytes from offset on; FF past the end of the chip. */
void demo_image_read(const struct demo_image *image, uint32_t offset, uint8_t *buf, size_t len);
