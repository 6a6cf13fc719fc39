#include "bitmap.h"

#include <stdlib.h>
#include <string.h>

static int grow(struct bitmap *bitmap, uint64_t need, struct err *e)
{
	const size_t size = (size_t)(need * 2);
	uint8_t *bits = realloc(bitmap->bits, size);

	if (!bits)
		return err_set(e, ERR_MEMORY, "out of memory for a set of %zu bytes", size);
	memset(bits + bitmap->size, 0, size - bitmap->size);
	*bitmap = (struct bitmap){ .bits = bits, .size = size };
	return 0;
}

int bitmap_set(struct bitmap *bitmap, uint64_t i, struct err *e)
{
	if (i / 8 >= bitmap->size && grow(bitmap, i / 8 + 1, e) < 0)
		return -1;
	bitmap->bits[i / 8] |= (uint8_t)(1u << i % 8);
	return 0;
}

bool bitmap_has(const struct bitmap *bitmap, uint64_t i)
{
	return i / 8 < bitmap->size && bitmap->bits[i / 8] >> i % 8 & 1;
}

void bitmap_clear(struct bitmap *bitmap, uint64_t i)
{
	if (i / 8 < bitmap->size)
		bitmap->bits[i / 8] &= (uint8_t) ~(1u << i % 8);
}

bool bitmap_is_empty(const struct bitmap *bitmap)
{
	for (size_t i = 0; i < bitmap->size; i++)
		if (bitmap->bits[i])
			return false;
	return true;
}

void bitmap_done(struct bitmap *bitmap)
{
	free(bitmap->bits);
	*bitmap = (struct bitmap){ 0 };
}
