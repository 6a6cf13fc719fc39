/*
 * Content by flash address. A dump may begin anywhere on its chip, and a few tools write a whole
 * flash with its first 11000h bytes at the end; whoever reads through this does not notice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define FLASH_SECTOR 4096u
#define FLASH_MAX    (256u << 20) /* bytes of content that can be looked at */

struct flash {
	/* len bytes of the content from offset on, all within size. May block for a disk. */
	int (*read)(struct flash *flash, uint64_t offset, uint8_t *buf, size_t len, struct err *e);
	uint32_t size;  /* bytes of content */
	uint32_t start; /* address of the first byte */
	bool rotated;   /* the first byte is that of 11000h, and the end holds 0 to 10FFFh */
};

#define FLASH_ROTATION 0x11000u

/* Addresses from first up to end are there; a rotated one begins at 0. */
uint32_t flash_first(const struct flash *flash);
uint32_t flash_end(const struct flash *flash);

/* All len bytes from addr on are there. */
bool flash_has(const struct flash *flash, uint64_t addr, size_t len);

/* What is not there reads as FF. */
int flash_read(struct flash *flash, uint64_t addr, uint8_t *buf, size_t len, struct err *e)
	MUST_CHECK;

/* Where in the flash a byte of the content stands. */
uint32_t flash_address(const struct flash *flash, uint64_t offset);
