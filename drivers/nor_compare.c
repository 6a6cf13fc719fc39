#include "nor_compare.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "nor_meter.h"
#include "nor_proof.h"

#define PIECE 0x10000u /* what is read between two looks at the ID */

struct comparing {
	struct nor *nor;
	const struct nor_image *image;
	struct nor_meter meter;
	struct nor_difference found;
	uint8_t *want, *have; /* PIECE bytes each */
};

static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t i = 0;

	while (i < len && a[i] == b[i])
		i++;
	return i;
}

static void note(struct comparing *c, uint32_t addr)
{
	if (c->found.sectors++ == 0)
		c->found.first = addr;
}

static int compare_sector(struct comparing *c, const struct nor_range *sector, const uint8_t *want,
			  struct err *e)
{
	const bool right = !memcmp(sector->buf, want, sector->len);

	if (right && (c->image->seen || want[sector->len - 1] != 0xff))
		return 0;
	if (nor_read_again(c->nor, sector, &c->meter.base, e) < 0)
		return -1;
	if (memcmp(sector->buf, want, sector->len) != 0)
		note(c, sector->addr + (uint32_t)first_difference(sector->buf, want, sector->len));
	return 0;
}

/* Sectors are those of the chip, also where the range begins within one. */
static size_t sector_len(uint32_t addr, size_t left)
{
	const size_t len = NOR_SECTOR - addr % NOR_SECTOR;

	return len < left ? len : left;
}

static int compare_piece(struct comparing *c, const struct nor_range *piece, struct err *e)
{
	size_t len;

	if (nor_image_read(c->image, piece->addr, c->want, piece->len, e) < 0 ||
	    nor_read_alive(c->nor, piece, &c->meter.base, e) < 0)
		return -1;
	for (size_t at = 0; at < piece->len; at += len) {
		const uint32_t addr = piece->addr + (uint32_t)at;
		struct nor_range sector = { .addr = addr, .buf = piece->buf + at };

		len = sector.len = sector_len(addr, piece->len - at);
		if (compare_sector(c, &sector, c->want + at, e) < 0)
			return -1;
	}
	c->meter.done += piece->len;
	return nor_meter_show(&c->meter, 0, e);
}

static int compare_all(struct comparing *c, struct err *e)
{
	const struct nor_image *image = c->image;
	size_t len;

	for (size_t at = 0; at < image->len; at += len) {
		const uint32_t addr = image->addr + (uint32_t)at;
		const size_t left = image->len - at, step = PIECE - addr % PIECE;

		len = left < step ? left : step;
		if (compare_piece(c,
				  &(struct nor_range){ .addr = addr, .buf = c->have, .len = len },
				  e) < 0)
			return -1;
	}
	return 0;
}

int nor_compare(struct nor *nor, const struct nor_image *image, struct progress *progress,
		struct nor_difference *difference, struct err *e)
{
	AUTO(auto_free) uint8_t *buf = malloc(2 * (size_t)PIECE);
	struct comparing c = { .nor = nor, .image = image, .want = buf, .have = buf + PIECE };

	if (!buf)
		return err_set(e, ERR_MEMORY, "no memory to compare");
	if (image->addr > nor->size || image->len > nor->size - image->addr)
		return err_set(e, ERR_BAD_INPUT, "0x%zx bytes from 0x%x are past the end of %s",
			       image->len, image->addr, nor->name);
	nor_meter_init(&c.meter, progress, image->len);
	if (compare_all(&c, e) < 0)
		return err_prefix(e, "comparing: ");
	*difference = c.found;
	return 0;
}
