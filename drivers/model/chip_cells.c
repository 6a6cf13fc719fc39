#include "chip_cells.h"

#define WORD  sizeof(uint64_t)
#define BLOCK 4096u /* no larger than a page of memory: what is skipped is never touched */

static uint64_t load(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, WORD);
	return word;
}

static void invert(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t i = 0;

	for (; i + WORD <= len; i += WORD) {
		const uint64_t word = ~load(from + i);

		memcpy(to + i, &word, WORD);
	}
	for (; i < len; i++)
		to[i] = (uint8_t)~from[i];
}

static bool all(const uint8_t *bytes, size_t len, uint8_t value)
{
	const uint64_t words = value * 0x0101010101010101u;
	size_t i = 0;

	for (; i + WORD <= len; i += WORD)
		if (load(bytes + i) != words)
			return false;
	for (; i < len; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static size_t block_of(size_t left)
{
	return left < BLOCK ? left : BLOCK;
}

void cells_read(const uint8_t *cells, uint8_t *buf, size_t len)
{
	invert(buf, cells, len);
}

void cells_erase(uint8_t *cells, size_t len)
{
	for (size_t at = 0; at < len; at += BLOCK)
		if (!all(cells + at, block_of(len - at), 0))
			memset(cells + at, 0, block_of(len - at));
}

void cells_write(uint8_t *cells, const uint8_t *buf, size_t len)
{
	for (size_t at = 0; at < len; at += BLOCK) {
		const size_t n = block_of(len - at);

		if (all(buf + at, n, 0xff))
			cells_erase(cells + at, n);
		else
			invert(cells + at, buf + at, n);
	}
}

void cells_charge(uint8_t *cells, const uint8_t *charge, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (charge[i])
			cells[i] |= charge[i];
}
