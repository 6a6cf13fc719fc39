/* A set of small numbers that grows: one bit for each number up to the largest. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct bitmap {
	uint8_t *bits; /* NULL: empty */
	size_t size;   /* of bits */
};

int bitmap_set(struct bitmap *bitmap, uint64_t i, struct err *e) MUST_CHECK; /* ERR_MEMORY */
bool bitmap_has(const struct bitmap *bitmap, uint64_t i);
void bitmap_clear(struct bitmap *bitmap, uint64_t i);
bool bitmap_is_empty(const struct bitmap *bitmap);
void bitmap_done(struct bitmap *bitmap);
