/* The bytes that shall be on a chip, and where. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Where the bytes come from: memory, a file, an archive. */
struct nor_source {
	/*
	 * The len bytes that shall stand at addr of the chip. May be asked for the same bytes
	 * several times. May block on a disk. Any error; the operation ends with it.
	 */
	int (*read)(struct nor_source *source, uint32_t addr, uint8_t *buf, size_t len,
		    struct err *e);
};

struct nor_image {
	struct nor_source *source; /* borrowed; NULL: FF everywhere, an erased chip */
	uint32_t addr;
	size_t len;
	/*
	 * For a comparison: reads of this session have seen these bytes there before, so that one
	 * more that agrees is enough. Otherwise what looks right and ends in FF is read twice.
	 */
	bool seen;
};

int nor_image_read(const struct nor_image *image, uint32_t addr, uint8_t *buf, size_t len,
		   struct err *e) MUST_CHECK;

/* Bytes in memory. */
struct nor_memory {
	struct nor_source base;
	const uint8_t *bytes; /* borrowed */
	uint32_t addr;        /* of the first byte */
};
struct nor_memory nor_memory(const uint8_t *bytes, uint32_t addr);
