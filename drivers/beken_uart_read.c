/* Reads that the chip's own CRC says are right, and comparisons by it; or by reading twice. */
#include <string.h>

#include "beken_uart_impl.h"

#define ROUNDS 8 /* reads of a sector whose CRC does not fit */

uint32_t uart_wire_address(const struct beken_uart *u, uint32_t addr)
{
	const bool hidden = u->family == BEKEN_LOADER_IN_FLASH && addr < BEKEN_LOADER_END;

	return hidden ? addr + u->base.size : addr;
}

static int read_sector(struct beken_uart *u, uint32_t addr, uint8_t *buf, struct err *e)
{
	return uart_check(u, e) < 0 ? -1
				    : beken_uart_read_4k(u, uart_wire_address(u, addr), buf, e);
}

/* What comes by accident is never that; what does not come may be an accident. */
static int reads_equal(struct beken_uart *u, uint32_t addr, const uint8_t *want, uint32_t len,
		       bool *equal, struct err *e)
{
	*equal = true;
	for (uint32_t at = 0; at < len && *equal; at += UART_SECTOR) {
		*equal = false;
		for (int i = 0; i < 2 && !*equal; i++) {
			if (read_sector(u, addr + at, u->work->sector, e) < 0)
				return -1;
			*equal = !memcmp(u->work->sector, want + at, UART_SECTOR);
		}
	}
	return 0;
}

int uart_sum_sector(struct beken_uart *u, uint32_t addr, uint32_t *crc, struct err *e)
{
	if (u->sums)
		return beken_uart_crc(u, addr, UART_SECTOR, crc, e);
	if (read_sector(u, addr, u->work->sector, e) < 0)
		return -1;
	*crc = beken_crc(BEKEN_CRC_INIT, u->work->sector, UART_SECTOR);
	return 0;
}

static int sums_equal(struct beken_uart *u, uint32_t addr, const uint8_t *want, uint32_t len,
		      bool *equal, struct err *e)
{
	const uint32_t mine = beken_crc(BEKEN_CRC_INIT, want, len);
	uint32_t crc;

	*equal = false;
	for (int i = 0; i < 2 && !*equal; i++) {
		if (beken_uart_crc(u, addr, len, &crc, e) < 0)
			return -1;
		*equal = crc == mine;
	}
	return 0;
}

int uart_is_equal(struct beken_uart *u, uint32_t addr, const uint8_t *want, uint32_t len,
		  bool *equal, struct err *e)
{
	if (!u->sums)
		return reads_equal(u, addr, want, len, equal, e);
	return sums_equal(u, addr, want, len, equal, e);
}

static int read_sectors(struct beken_uart *u, uint32_t addr, uint8_t *buf, uint32_t len,
			struct err *e)
{
	for (uint32_t at = 0; at < len; at += UART_SECTOR)
		if (read_sector(u, addr + at, buf + at, e) < 0)
			return -1;
	return 0;
}

static int fail_sector(uint32_t addr, const char *why, struct err *e)
{
	err_set(e, ERR_UNSTABLE_READ, "sector 0x%x: %s", addr, why);
	err_hint(e, "Lower the rate, shorten the wires, check the supply; or read by SPI.");
	return err_at(e, addr, 1);
}

/* Until two in a row are the same. */
static int agree_sector(struct beken_uart *u, uint32_t addr, uint8_t *buf, struct err *e)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (read_sector(u, addr, u->work->sector, e) < 0)
			return -1;
		if (!memcmp(buf, u->work->sector, UART_SECTOR))
			return 0;
		u->counts.reread++;
		memcpy(buf, u->work->sector, UART_SECTOR);
	}
	return fail_sector(addr, "what the loader sends is never the same twice", e);
}

static int mend_sector(struct beken_uart *u, uint32_t addr, uint8_t *buf, struct err *e)
{
	bool equal = false;

	for (int i = 0; i < ROUNDS; i++) {
		if (uart_is_equal(u, addr, buf, UART_SECTOR, &equal, e) < 0)
			return -1;
		if (equal)
			return 0;
		u->counts.reread++;
		if (read_sector(u, addr, buf, e) < 0)
			return -1;
	}
	return fail_sector(addr, "what the loader sends never has the CRC that it says", e);
}

int uart_read_proven(struct beken_uart *u, uint32_t addr, uint8_t *buf, uint32_t len, struct err *e)
{
	bool equal = false;

	if (read_sectors(u, addr, buf, len, e) < 0 ||
	    (u->sums && uart_is_equal(u, addr, buf, len, &equal, e) < 0))
		return -1;
	for (uint32_t at = 0; at < len && !equal; at += UART_SECTOR)
		if (u->sums ? mend_sector(u, addr + at, buf + at, e) < 0
			    : agree_sector(u, addr + at, buf + at, e) < 0)
			return -1;
	return 0;
}

static uint32_t smaller(uint64_t a, uint64_t b)
{
	return (uint32_t)(a < b ? a : b);
}

static int read_range(struct beken_uart *u, const struct nor_range *range, bool proven,
		      struct progress *progress, struct err *e)
{
	const uint64_t end = (uint64_t)range->addr + range->len;
	uint64_t to;

	for (uint64_t at = range->addr; at < end; at = to) {
		const uint32_t from = (uint32_t)at / UART_SECTOR * UART_SECTOR;
		const uint32_t upto = smaller((at / UART_BLOCK + 1) * UART_BLOCK,
					      (end + UART_SECTOR - 1) / UART_SECTOR * UART_SECTOR);

		to = smaller(upto, end);
		if (proven ? uart_read_proven(u, from, u->work->block, upto - from, e) < 0
			   : read_sectors(u, from, u->work->block, upto - from, e) < 0)
			return -1;
		memcpy(range->buf + (at - range->addr), u->work->block + (at - from),
		       (size_t)(to - at));
		if (progress_report(progress, to - range->addr, range->len, e) < 0)
			return -1;
	}
	return 0;
}

int uart_flash_read(struct board_flash *flash, const struct nor_range *range,
		    struct progress *progress, struct err *e)
{
	struct beken_uart *u = uart_of(flash);

	if (range->addr < flash->start || (uint64_t)range->addr + range->len > flash->size)
		return err_set(e, ERR_BAD_INPUT, "0x%zx bytes at 0x%x are not what %s can read",
			       range->len, range->addr, flash->name);
	return read_range(u, range, u->sums, progress, e);
}

int uart_flash_vote(struct board_flash *flash, uint32_t addr, uint8_t *buf, size_t len,
		    struct err *e)
{
	const struct nor_range range = { .addr = addr, .buf = buf, .len = len };

	return read_range(uart_of(flash), &range, true, NULL, e);
}

/* ---- comparing */

/* The first of the bytes [from, to) of a sector that u->work->block does not show; to if all do. */
static size_t first_difference(const struct beken_uart *u, const uint8_t *want, size_t from,
			       size_t to)
{
	while (from < to && u->work->block[from] == want[from])
		from++;
	return from;
}

/* The part of the image in one sector; only whole ones can be compared by CRC. */
static int compare_sector(struct beken_uart *u, const struct nor_image *image, uint32_t addr,
			  const uint8_t *want, struct nor_difference *d, struct err *e)
{
	const uint64_t end = (uint64_t)image->addr + image->len;
	const size_t from = image->addr > addr ? image->addr - addr : 0;
	const size_t to = end - addr < UART_SECTOR ? (size_t)(end - addr) : UART_SECTOR;
	const bool hidden = addr < u->base.start;
	bool equal = false;
	size_t at;

	if (from == 0 && to == UART_SECTOR && (u->sums || !hidden) &&
	    uart_is_equal(u, addr, want, UART_SECTOR, &equal, e) < 0)
		return -1;
	if (equal)
		return 0;
	if (hidden)
		return err_set(e, ERR_PROTECTED, "0x%x is the loader's own, and not readable",
			       addr);
	if (uart_read_proven(u, addr, u->work->block, UART_SECTOR, e) < 0)
		return -1;
	at = first_difference(u, want, from, to);
	if (at < to && d->sectors++ == 0)
		d->first = addr + (uint32_t)at;
	return 0;
}

/* want: the sectors of [start, start + len), with holes where the image ends. */
static int compare_block(struct beken_uart *u, const struct nor_image *image, uint32_t start,
			 uint32_t len, struct nor_difference *d, struct err *e)
{
	const uint64_t end = (uint64_t)image->addr + image->len;
	const uint32_t from = image->addr > start ? image->addr - start : 0;
	const uint32_t to = smaller(end - start, len);
	uint8_t *want = u->work->want;
	bool equal = false;

	if (nor_image_read(image, start + from, want + from, to - from, e) < 0 ||
	    (from == 0 && to == len && uart_is_equal(u, start, want, len, &equal, e) < 0))
		return -1;
	for (uint32_t at = 0; at < len && !equal; at += UART_SECTOR)
		if (compare_sector(u, image, start + at, want + at, d, e) < 0)
			return -1;
	return 0;
}

int uart_flash_compare(struct board_flash *flash, const struct nor_image *image,
		       struct progress *progress, struct nor_difference *difference, struct err *e)
{
	struct beken_uart *u = uart_of(flash);
	const uint64_t end = (uint64_t)image->addr + image->len;
	struct nor_difference d = { .sectors = 0 };
	uint64_t upto;

	if (end > flash->size)
		return err_set(e, ERR_BAD_INPUT, "0x%zx bytes from 0x%x are past the end of %s",
			       image->len, image->addr, flash->name);
	for (uint64_t at = image->addr / UART_SECTOR * UART_SECTOR; at < end; at = upto) {
		upto = smaller((at / UART_BLOCK + 1) * UART_BLOCK,
			       (end + UART_SECTOR - 1) / UART_SECTOR * UART_SECTOR);
		if (compare_block(u, image, (uint32_t)at, (uint32_t)(upto - at), &d, e) < 0)
			return err_prefix(e, "comparing: ");
		if (progress_report(progress, smaller(upto, end) - image->addr, image->len, e) < 0)
			return -1;
	}
	*difference = d;
	return 0;
}
