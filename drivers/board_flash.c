#include "board_flash.h"

int board_flash_read(struct board_flash *flash, const struct nor_range *range,
		     struct progress *progress, struct err *e)
{
	return flash->ops->read(flash, range, progress, e);
}

int board_flash_vote(struct board_flash *flash, uint32_t addr, uint8_t *buf, size_t len,
		     struct err *e)
{
	return flash->ops->vote(flash, addr, buf, len, e);
}

bool board_flash_slow_down(struct board_flash *flash)
{
	return flash->ops->slow_down(flash);
}

int board_flash_compare(struct board_flash *flash, const struct nor_image *image,
			struct progress *progress, struct nor_difference *difference, struct err *e)
{
	return flash->ops->compare(flash, image, progress, difference, e);
}

int board_flash_write(struct board_flash *flash, const struct nor_image *image,
		      const struct nor_write_options *options, struct err *e)
{
	return flash->ops->write(flash, image, options, e);
}

int board_flash_sum(struct board_flash *flash, uint32_t addr, uint32_t len, uint32_t *crc32,
		    struct err *e)
{
	return flash->ops->sum(flash, addr, len, crc32, e);
}

int board_flash_leave(struct board_flash *flash, struct err *e)
{
	return flash->ops->leave(flash, e);
}

int board_flash_blank_check(struct board_flash *flash, uint32_t addr, size_t len,
			    struct progress *progress, struct err *e)
{
	const struct nor_image blank = { .addr = addr, .len = len };
	struct nor_difference difference = { .sectors = 0 };

	if (board_flash_compare(flash, &blank, progress, &difference, e) < 0)
		return -1;
	if (difference.sectors == 0)
		return 0;
	err_set(e, ERR_NOT_BLANK,
		"not blank: the first byte that is not FF stands at 0x%x, and "
		"%zu sectors hold such bytes",
		difference.first, difference.sectors);
	return err_at(e, difference.first, (int64_t)difference.sectors);
}
