#include "flash.h"

#include <string.h>

uint32_t flash_first(const struct flash *flash)
{
	return flash->rotated ? 0 : flash->start;
}

uint32_t flash_end(const struct flash *flash)
{
	return flash_first(flash) + flash->size;
}

bool flash_has(const struct flash *flash, uint64_t addr, size_t len)
{
	return addr >= flash_first(flash) && addr <= flash_end(flash) &&
	       len <= flash_end(flash) - addr;
}

uint32_t flash_address(const struct flash *flash, uint64_t offset)
{
	if (flash->rotated)
		return (uint32_t)((offset + FLASH_ROTATION) % flash->size);
	return flash->start + (uint32_t)offset;
}

/* Where a byte that is there stands in the content, and how many follow it there, at most len. */
static uint64_t offset_of(const struct flash *flash, uint64_t addr, size_t *len)
{
	const uint64_t split = flash->size - FLASH_ROTATION;

	if (!flash->rotated)
		return addr - flash->start;
	if (addr >= FLASH_ROTATION)
		return addr - FLASH_ROTATION;
	if (*len > FLASH_ROTATION - addr)
		*len = (size_t)(FLASH_ROTATION - addr);
	return split + addr;
}

/* The part of a range that lies in one piece: there, or not there. */
static size_t part(const struct flash *flash, uint64_t addr, size_t len, bool *there)
{
	const uint64_t first = flash_first(flash), end = flash_end(flash);

	*there = addr >= first && addr < end;
	if (*there)
		return end - addr < len ? (size_t)(end - addr) : len;
	return addr < first && first - addr < len ? (size_t)(first - addr) : len;
}

int flash_read(struct flash *flash, uint64_t addr, uint8_t *buf, size_t len, struct err *e)
{
	for (size_t n; len > 0; addr += n, buf += n, len -= n) {
		bool there;

		n = part(flash, addr, len, &there);
		if (!there) {
			memset(buf, 0xff, n);
			continue;
		}
		const uint64_t offset = offset_of(flash, addr, &n);
		if (flash->read(flash, offset, buf, n, e) < 0)
			return -1;
	}
	return 0;
}
