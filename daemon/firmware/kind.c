#include "kind.h"

#include <string.h>

#include "auto.h"
#include "bytes.h"
#include "hash.h"

#define APP 0x11000u

/* ---- bytes */

/* What of the piece at `at` lies in a window of the file goes there. */
static void copy_window(uint8_t *window, uint64_t start, size_t size,
			const struct kind_finder *finder, const uint8_t *bytes, size_t len)
{
	const uint64_t at = finder->size;
	const uint64_t from = at > start ? at : start;
	const uint64_t to = at + len < start + size ? at + len : start + size;

	if (from < to)
		memcpy(window + (from - start), bytes + (from - at), (size_t)(to - from));
}

void kind_feed(struct kind_finder *finder, const uint8_t *bytes, size_t len)
{
	copy_window(finder->head, 0, sizeof finder->head, finder, bytes, len);
	copy_window(finder->app, APP, sizeof finder->app, finder, bytes, len);
	finder->used = finder->used || !bytes_erased(bytes, len);
	finder->size += len;
}

/* ---- code */

#define LDR_PC 0xe59ff014u /* "ldr pc, [pc, #20]": words 1 to 7 of every vector table */

/* Where the CPU sees a vector table. */
enum vectors { VECTORS_NONE, VECTORS_BOOT, VECTORS_APP, VECTORS_ANYWHERE };

/* How that stands in the flash: word i is first ^ i * step. In clear it tells no address. */
static const struct {
	uint32_t first, step;
	enum vectors vectors;
} tables[] = {
	{ 0x992af735, 0x800, VECTORS_BOOT }, /* at 0 */
	{ 0x9b2af735, 0x800, VECTORS_APP },  /* at 10000h */
	{ LDR_PC, 0, VECTORS_ANYWHERE },
};

static bool fits(const uint8_t *block, uint32_t first, uint32_t step)
{
	for (uint32_t i = 1; i < CRC_GRID_DATA / 4; i++)
		if (le32(block + 4 * (size_t)i) != (first ^ i * step))
			return false;
	return true;
}

static enum vectors vectors_of(const uint8_t block[CRC_GRID_BLOCK])
{
	if (!crc_grid_valid(block))
		return VECTORS_NONE;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if (fits(block, tables[i].first, tables[i].step))
			return tables[i].vectors;
	return VECTORS_NONE;
}

/* ---- names */

static bool is_chip_size(uint64_t size)
{
	return size >= 2u << 20 && !(size & (size - 1));
}

/* Its last word is the CRC-32 of what stands before. */
static bool is_rbl(const struct kind_finder *finder)
{
	struct hash hash;

	if (finder->size < KIND_RBL || memcmp(finder->head, "RBL", 4) != 0)
		return false;
	hash_init(&hash);
	hash_update(&hash, finder->head, KIND_RBL - 4);
	return le32(finder->head + KIND_RBL - 4) == hash.crc32;
}

static const char *code_name(const struct kind_finder *finder)
{
	const enum vectors first = vectors_of(finder->head), second = vectors_of(finder->app);
	const bool boots = first == VECTORS_BOOT || first == VECTORS_ANYWHERE;

	if (boots && second != VECTORS_NONE)
		return is_chip_size(finder->size) ? "full-flash" : "qio";
	if (first == VECTORS_APP || (first == VECTORS_ANYWHERE && finder->size > APP))
		return is_chip_size(finder->size) ? "bin" : "ua";
	return "bin";
}

const char *kind_name(const struct kind_finder *finder)
{
	if (finder->size > 0 && !finder->used)
		return "erased";
	return is_rbl(finder) ? "rbl" : code_name(finder);
}
