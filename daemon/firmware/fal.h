/*
 * The partition table that a bootloader carries at its end: entries of 64 bytes with names,
 * places, and a CRC that some leave out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAL_ENTRIES 16
#define FAL_NAME    25

struct fal_entry {
	char name[FAL_NAME];
	bool on_grid;            /* code: its places are given as the CPU sees them */
	uint32_t offset, length; /* in the flash, all converted */
	bool sealed;             /* it has a CRC, which is right */
};

struct fal {
	size_t n;
	uint32_t at; /* logical address of the first entry */
	struct fal_entry entry[FAL_ENTRIES];
};

/*
 * Looks for it in the bytes of a bootloader without their CRCs but not cleared: the table is never
 * scrambled. Where there are several, the last is the one in use. False when there is none.
 */
bool fal_find(const uint8_t *bytes, size_t len, struct fal *fal);
