#include "nor_flash.h"

#include <stdio.h>

#include "beken_spi.h"
#include "nor_erase.h"

#define HZ_FLOOR 100000u /* below this a clock is not halved any more */

static struct nor *nor_of(struct board_flash *flash)
{
	return &((struct nor_flash *)flash)->nor;
}

static int read_range(struct board_flash *flash, const struct nor_range *range,
		      struct progress *progress, struct err *e)
{
	return nor_read_alive(nor_of(flash), range, progress, e);
}

static int vote(struct board_flash *flash, uint32_t addr, uint8_t *buf, size_t len, struct err *e)
{
	return nor_read_majority(nor_of(flash), addr, buf, len, e);
}

/* Half the clock for the rest of the job. False at the floor. */
static bool slow_down(struct board_flash *flash)
{
	struct spi *spi = nor_of(flash)->spi;
	const struct spi_setup half = { .hz = spi->now.hz / 2, .mode = spi->now.mode };
	struct err ignored;

	return half.hz >= HZ_FLOOR && spi_setup(spi, &half, &ignored) == 0;
}

static int compare(struct board_flash *flash, const struct nor_image *image,
		   struct progress *progress, struct nor_difference *difference, struct err *e)
{
	return nor_compare(nor_of(flash), image, progress, difference, e);
}

static int write_image(struct board_flash *flash, const struct nor_image *image,
		       const struct nor_write_options *options, struct err *e)
{
	return nor_write(nor_of(flash), image, options, e);
}

static int leave(struct board_flash *flash, struct err *e)
{
	return beken_reset(((struct nor_flash *)flash)->board, e);
}

static const struct board_flash_ops nor_flash_ops = { .name = "spi",
						      .read = read_range,
						      .vote = vote,
						      .slow_down = slow_down,
						      .compare = compare,
						      .write = write_image,
						      .leave = leave };

int nor_flash_probe(struct nor_flash *flash, struct board *board, struct err *e)
{
	struct nor_erasers erasers;
	struct err ignored;

	*flash = (struct nor_flash){ .base.ops = &nor_flash_ops, .board = board };
	if (nor_probe(board->spi, board->clock, &flash->nor, e) < 0)
		return -1;
	flash->base.size = flash->nor.size;
	/* A chip that cannot be erased can be read; a write finds out. */
	flash->base.cell =
		nor_erasers_init(&flash->nor, &erasers, &ignored) == 0 ? erasers.cell : NOR_SECTOR;
	snprintf(flash->base.name, sizeof flash->base.name, "%s", flash->nor.name);
	return 0;
}
