/*
 * Unpacking LZMA in its oldest file format ("LZMA alone": properties, dictionary size, length, then
 * the stream), as an update's container may hold it. Bytes are pulled in and pushed out as they
 * come; memory is the dictionary alone.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "rbl.h"

struct lzma_in {
	/* The next byte; -1 when there is none. */
	int (*next)(struct lzma_in *in);
};

enum lzma_end {
	LZMA_DONE,
	LZMA_DAMAGED,
	LZMA_UNSUPPORTED, /* more bits for literals than such packers use */
	LZMA_NO_MEMORY
};

/* Stops by itself after limit bytes, which is also as large as the dictionary becomes. */
enum lzma_end lzma_unpack(struct lzma_in *in, struct rbl_out *out, uint32_t limit);
