/* Writing by UART: only what differs, sector by sector, each proven by the chip's own CRC. */
#include <stdio.h>
#include <string.h>

#include "beken_uart_impl.h"

#define SECTORS (UART_BLOCK / UART_SECTOR)
/* Erases of 4 KiB that take as long as one of 64 KiB: 45 to 60 ms and 150 to 200 ms in data sheets of
 * W25Q16, GD25Q16 and XT25F32 (typical). */
#define BLOCK_PAYS 3
#define ROUNDS     5  /* of erase, write and look at one block, without anything gained */
#define AT_MOST    40 /* rounds in all */

/* One block, or the part of it that the image touches. */
struct block {
	uint32_t start, len;
	bool need[SECTORS];       /* to be written */
	bool blank[SECTORS];      /* and seen to be erased already */
	uint32_t before[SECTORS]; /* CRCs before it was tried */
	bool partial;             /* bytes that are not the image's are at stake */
};

static bool is_blank(const uint8_t *bytes, size_t len)
{
	return bytes[0] == 0xff && !memcmp(bytes, bytes + 1, len - 1);
}

static size_t count(const struct block *b)
{
	size_t n = 0;

	for (size_t i = 0; i < SECTORS; i++)
		n += b->need[i];
	return n;
}

/* What shall be in the block: the image, and around it what is there. */
static int fill_want(struct beken_uart *u, const struct nor_image *image, struct block *b,
		     struct err *e)
{
	const uint64_t end = (uint64_t)image->addr + image->len;
	const uint32_t from = image->addr > b->start ? image->addr - b->start : 0;
	const uint32_t to = end - b->start < b->len ? (uint32_t)(end - b->start) : b->len;
	uint8_t *want = u->work->want;
	const uint32_t last = (to - 1) / UART_SECTOR * UART_SECTOR;

	b->partial = from % UART_SECTOR != 0 || to % UART_SECTOR != 0;
	if (from > 0 && uart_read_proven(u, b->start, want, UART_SECTOR, e) < 0)
		return -1;
	if (to < b->len && (last > 0 || from == 0) &&
	    uart_read_proven(u, b->start + last, want + last, UART_SECTOR, e) < 0)
		return -1;
	return nor_image_read(image, b->start + from, want + from, to - from, e);
}

static int look_at(struct beken_uart *u, struct block *b, size_t i, uint32_t *crc, struct err *e)
{
	const uint32_t at = (uint32_t)i * UART_SECTOR;

	if (uart_sum_sector(u, b->start + at, crc, e) < 0)
		return -1;
	b->need[i] = *crc != beken_crc(BEKEN_CRC_INIT, u->work->want + at, UART_SECTOR);
	return 0;
}

/*
 * Which sectors are not as they should be; their CRCs into crc. A sum that was spoilt on its way
 * must not cost an erase: few that differ are asked again.
 */
static int look(struct beken_uart *u, struct block *b, uint32_t crc[SECTORS], struct err *e)
{
	const size_t n = b->len / UART_SECTOR;

	for (size_t i = 0; i < n; i++)
		if (look_at(u, b, i, &crc[i], e) < 0)
			return -1;
	if (count(b) > n / 2)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (b->need[i] && look_at(u, b, i, &crc[i], e) < 0)
			return -1;
	return 0;
}

/* Nothing is needed when the whole block's CRC is right; else its sectors are looked at. */
static int find_needs(struct beken_uart *u, struct block *b, uint32_t crc[SECTORS], struct err *e)
{
	bool equal = false;

	if (uart_is_equal(u, b->start, u->work->want, b->len, &equal, e) < 0)
		return -1;
	memset(b->need, 0, sizeof b->need);
	return equal ? 0 : look(u, b, crc, e);
}

/* By what a read of this session has shown: nothing of it is clocked again. */
static int recall(struct beken_uart *u, struct nor_source *seen, struct block *b, struct err *e)
{
	const uint8_t *want = u->work->want;
	uint8_t *have = u->work->block;

	if (seen->read(seen, b->start, have, b->len, e) < 0)
		return -1;
	for (uint32_t at = 0; at < b->len; at += UART_SECTOR) {
		const size_t i = at / UART_SECTOR;

		b->need[i] = memcmp(have + at, want + at, UART_SECTOR) != 0;
		b->blank[i] = is_blank(have + at, UART_SECTOR);
		b->before[i] = beken_crc(BEKEN_CRC_INIT, have + at, UART_SECTOR);
	}
	return 0;
}

/* What seems right already is proven, and what is not is known by that. */
static int first_look(struct beken_uart *u, struct nor_source *seen, struct block *b, struct err *e)
{
	if (seen && b->start >= u->base.start && recall(u, seen, b, e) < 0)
		return -1;
	return count(b) > 0 ? 0 : find_needs(u, b, b->before, e);
}

static int guard(const struct beken_uart *u, const struct block *b, bool force, struct err *e)
{
	if (u->family != BEKEN_LOADER_IN_FLASH || b->start >= BEKEN_LOADER_END || force)
		return 0;
	for (size_t i = 0; i < SECTORS; i++) {
		const uint32_t addr = b->start + (uint32_t)i * UART_SECTOR;

		if (!b->need[i] || addr >= BEKEN_LOADER_END)
			continue;
		err_set(e, ERR_PROTECTED,
			"0x%x belongs to the bootloader (the first 0x%x bytes), which is what "
			"answers "
			"on the UART: without it the board can only be saved by SPI",
			addr, BEKEN_LOADER_END);
		err_hint(e,
			 "Nothing was written there. Begin at 0x%x, write by SPI, or say "
			 "\"force\": true.",
			 BEKEN_LOADER_END);
		return err_at(e, addr, ERR_NO_OFFSET);
	}
	return 0;
}

/*
 * Loaders in flash protect it after each CRC. The first erase behind a link check takes that away;
 * on old ones nothing but a reset does.
 */
static int prepare(struct beken_uart *u, struct err *e)
{
	bool there;

	if (u->family != BEKEN_LOADER_IN_FLASH)
		return 0;
	if (u->work->sums_protect && uart_restart(u, e) < 0)
		return -1;
	return uart_is_there(u, 200, &there, e) < 0 ? -1 : there ? 0 : uart_recover(u, e);
}

/* A loader in flash unlocks it with an erase only, so that one of an erased sector has its use. */
static bool may_skip_erase(const struct beken_uart *u, const struct block *b, size_t i)
{
	return u->family == BEKEN_BOOT_ROM && b->blank[i];
}

static int erase(struct beken_uart *u, const struct block *b, struct nor_written *w, struct err *e)
{
	size_t erases = 0;

	for (size_t i = 0; i < SECTORS; i++)
		erases += b->need[i] && !may_skip_erase(u, b, i);
	if (erases > BLOCK_PAYS && count(b) == SECTORS) {
		w->erased += UART_BLOCK;
		w->erases++;
		return beken_uart_erase(u, b->start, UART_BLOCK, e);
	}
	for (size_t i = 0; i < SECTORS; i++) {
		if (!b->need[i] || may_skip_erase(u, b, i))
			continue;
		w->erased += UART_SECTOR;
		w->erases++;
		if (beken_uart_erase(u, b->start + (uint32_t)i * UART_SECTOR, UART_SECTOR, e) < 0)
			return -1;
	}
	return 0;
}

/* Lost bytes are life: the loader is brought back, and the look behind finds what is not right. */
static int write_sector(struct beken_uart *u, uint32_t addr, const uint8_t *want,
			struct nor_written *w, struct err *e)
{
	struct err why;

	if (beken_uart_write_4k(u, addr, want, e) == 0) {
		w->programmed += UART_SECTOR;
		w->programs++;
		return 0;
	}
	if (e->code != ERR_TIMEOUT && e->code != ERR_IO)
		return -1;
	if (uart_recover(u, &why) == 0)
		return 0;
	*e = why;
	return -1;
}

static int program(struct beken_uart *u, const struct block *b, struct nor_written *w,
		   struct err *e)
{
	for (size_t i = 0; i < SECTORS; i++) {
		const uint8_t *want = u->work->want + i * UART_SECTOR;

		if (!b->need[i] || is_blank(want, UART_SECTOR))
			continue;
		if (write_sector(u, b->start + (uint32_t)i * UART_SECTOR, want, w, e) < 0)
			return -1;
	}
	return 0;
}

/* What was blank before is not any more. */
static int round_of(struct beken_uart *u, struct block *b, bool force, struct nor_written *w,
		    struct err *e)
{
	if (guard(u, b, force, e) < 0 || prepare(u, e) < 0 || erase(u, b, w, e) < 0)
		return -1;
	memset(b->blank, 0, sizeof b->blank);
	return program(u, b, w, e);
}

static bool nothing_changed(const struct block *b, const uint32_t now[SECTORS])
{
	for (size_t i = 0; i < SECTORS; i++)
		if (b->need[i] && b->before[i] != now[i])
			return false;
	return true;
}

static int fail_block(const struct block *b, bool unchanged, struct err *e)
{
	size_t i = 0;

	while (!b->need[i])
		i++;
	if (unchanged) {
		err_set(e, ERR_PROTECTED,
			"the loader says that it writes 0x%x, but nothing changes there",
			b->start + (uint32_t)i * UART_SECTOR);
		err_hint(e, "The flash is protected in a way that this loader cannot undo: switch "
			    "the power off and on and try again, or write by SPI.");
	} else {
		err_set(e, ERR_VERIFY_FAILED, "0x%x is not what was written, after %d tries",
			b->start + (uint32_t)i * UART_SECTOR, ROUNDS);
		err_hint(e, "Check the supply and the wires, lower the rate, or write by SPI.");
	}
	return err_at(e, b->start + (int64_t)i * UART_SECTOR, (int64_t)count(b));
}

static int write_block(struct beken_uart *u, struct block *b, bool force, struct nor_written *w,
		       struct err *e)
{
	struct progress *progress = u->work->progress;
	uint32_t now[SECTORS] = { 0 };
	bool unchanged = false;
	int result = 0;

	/* Bytes that are not the image's must not be left lost: no cancel until they are back. */
	if (b->partial)
		u->work->progress = NULL;
	for (int i = 0, idle = 0; i < AT_MOST && idle < ROUNDS && count(b) > 0 && result == 0;
	     i++) {
		const size_t before = count(b);

		w->repairs += i > 0;
		result = round_of(u, b, force, w, e) < 0 || find_needs(u, b, now, e) < 0 ? -1 : 0;
		idle = count(b) < before ? 0 : idle + 1;
		unchanged = count(b) > 0 && nothing_changed(b, now);
		if (unchanged && u->sums && u->family == BEKEN_LOADER_IN_FLASH &&
		    !u->work->sums_protect) {
			uart_tell(u, "this loader writes nothing after a CRC: it is reset before "
				     "each block from now on");
			u->work->sums_protect = true;
		}
	}
	u->work->progress = progress;
	if (result < 0)
		return -1;
	return count(b) > 0 ? fail_block(b, unchanged, e) : 0;
}

static int do_block(struct beken_uart *u, const struct nor_image *image,
		    const struct nor_write_options *options, struct block *b, struct nor_written *w,
		    struct err *e)
{
	size_t n;

	if (fill_want(u, image, b, e) < 0 || first_look(u, options->seen, b, e) < 0)
		return -1;
	n = count(b);
	w->skipped += b->len - n * UART_SECTOR;
	return n > 0 ? write_block(u, b, options->force, w, e) : 0;
}

static int write_all(struct beken_uart *u, const struct nor_image *image,
		     const struct nor_write_options *options, struct nor_written *w, struct err *e)
{
	const uint64_t end = (uint64_t)image->addr + image->len;
	const uint64_t last = (end + UART_SECTOR - 1) / UART_SECTOR * UART_SECTOR;
	uint64_t upto;

	for (uint64_t at = image->addr / UART_SECTOR * UART_SECTOR; at < end; at = upto) {
		const uint64_t edge = (at / UART_BLOCK + 1) * UART_BLOCK;
		struct block b;

		upto = edge < last ? edge : last;
		b = (struct block){ .start = (uint32_t)at, .len = (uint32_t)(upto - at) };
		if (do_block(u, image, options, &b, w, e) < 0)
			return -1;
		if (progress_report(options->progress, (upto < end ? upto : end) - image->addr,
				    image->len, e) < 0)
			return -1;
	}
	return 0;
}

static int fail_stray(const struct beken_uart *u, struct err *e)
{
	err_set(e, ERR_VERIFY_FAILED,
		"a bit was lost on the way: the loader says that it changed 0x%x, which was not "
		"asked for",
		u->work->stray);
	err_hint(e, "What was there is in the backup: restore it, by SPI if you can; then shorten "
		    "the wires or lower uart_baud.");
	return err_at(e, u->work->stray, ERR_NO_OFFSET);
}

int uart_flash_write(struct board_flash *flash, const struct nor_image *image,
		     const struct nor_write_options *options, struct err *e)
{
	struct beken_uart *u = uart_of(flash);
	struct nor_written ignored, *w = options->written ? options->written : &ignored;

	*w = (struct nor_written){ 0 };
	if ((uint64_t)image->addr + image->len > flash->size)
		return err_set(e, ERR_BAD_INPUT, "0x%zx bytes at 0x%x are past the end of %s",
			       image->len, image->addr, flash->name);
	if (image->len == 0)
		return 0;
	if (options->unprotect && beken_uart_unprotect(u, e) < 0)
		return -1;
	u->work->strayed = false;
	u->work->first = image->addr / UART_SECTOR * UART_SECTOR;
	u->work->last = image->addr + (uint32_t)image->len - 1;
	if (write_all(u, image, options, w, e) < 0)
		return -1;
	return u->work->strayed ? fail_stray(u, e) : 0;
}

/* ---- the rest of what makes it a board's flash */

static bool uart_flash_slow_down(struct board_flash *flash)
{
	(void)flash; /* reads are proven one by one; recoveries lower the rate */
	return false;
}

/* Loaders leave out the last inversion. */
static int uart_flash_sum(struct board_flash *flash, uint32_t addr, uint32_t len, uint32_t *crc32,
			  struct err *e)
{
	uint32_t crc;

	if (!flash->proves)
		return err_set(e, ERR_UNPROCESSABLE, "this loader has no CRC of its flash");
	if (beken_uart_crc(uart_of(flash), addr, len, &crc, e) < 0)
		return -1;
	*crc32 = ~crc;
	return 0;
}

static int uart_flash_leave(struct board_flash *flash, struct err *e)
{
	return beken_uart_reboot(uart_of(flash), e);
}

const struct board_flash_ops uart_flash_ops = { .name = "uart",
						.read = uart_flash_read,
						.vote = uart_flash_vote,
						.slow_down = uart_flash_slow_down,
						.compare = uart_flash_compare,
						.write = uart_flash_write,
						.sum = uart_flash_sum,
						.leave = uart_flash_leave };
