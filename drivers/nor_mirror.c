/* Chips that claim more than they hold: addresses beyond the end reach the beginning again. */
#include <stdio.h>
#include <string.h>

#include "nor_command.h"

#define PROBES  8
#define PROBE   64u /* bytes */
#define MATCHES 3   /* as many places with content must be there twice */

/* Erased cells, and fields of one value, look alike without being the same. */
static bool is_telling(const uint8_t bytes[PROBE])
{
	size_t changes = 0;

	for (size_t i = 1; i < PROBE; i++)
		changes += bytes[i] != bytes[i - 1];
	return changes >= PROBE / 8;
}

static int read_both(struct nor *nor, uint32_t addr, uint8_t both[2][PROBE], struct err *e)
{
	if (nor_read(nor, addr, both[0], PROBE, e) < 0)
		return -1;
	return nor_read(nor, addr + nor->size / 2, both[1], PROBE, e);
}

int nor_find_mirror(struct nor *nor, struct err *e)
{
	const uint32_t half = nor->size / 2, step = half / PROBES;
	uint8_t both[2][PROBE];
	int matches = 0;

	nor->mirrored_suspect = false;
	for (uint32_t i = 0; i < PROBES && step >= PROBE; i++) {
		if (read_both(nor, i * step, both, e) < 0)
			return -1;
		if (!is_telling(both[0]) && !is_telling(both[1]))
			continue;
		if (memcmp(both[0], both[1], PROBE) != 0)
			return 0;
		matches++;
	}
	if (matches < MATCHES)
		return 0;
	nor->mirrored_suspect = true;
	snprintf(nor->note, sizeof nor->note,
		 "content repeats at 0x%x: either an image that is there twice, or a chip of half "
		 "the size that says %u bytes",
		 half, nor->size);
	return 0;
}
