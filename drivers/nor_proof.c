#include "nor_proof.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"

#define ALIVE_TRIES 3
#define SLICE_NS    (50 * CLOCK_MS) /* half of what a cancelled job may still take */
#define SLICE_MIN   256u
#define MAJORITY    (NOR_VOTES / 2 + 1)

int nor_check_alive(struct nor *nor, struct err *e)
{
	uint32_t id = 0;

	for (int i = 0; i < ALIVE_TRIES; i++) {
		if (nor_read_id(nor->spi, &id, NULL, e) < 0)
			return -1;
		if (id == nor->id.jedec_id)
			return 0;
	}
	err_set(e, ERR_NO_CHIP, "the chip stopped answering: its ID was %06X and now reads %06X",
		nor->id.jedec_id, id);
	return err_hint(e, "Check supply and wires; a board that restarts by itself leaves SPI "
			   "mode. Start the job again.");
}

/* How many bytes take about SLICE_NS at the clock as it is now. */
static size_t slice_len(const struct nor *nor)
{
	const uint64_t bytes = nor->spi->now.hz * (uint64_t)SLICE_NS / CLOCK_S / 8;
	const size_t whole = (size_t)bytes / nor->spi->max_len * nor->spi->max_len;

	if (whole > 0)
		return whole;
	return bytes > SLICE_MIN ? (size_t)bytes : SLICE_MIN;
}

int nor_read_alive(struct nor *nor, const struct nor_range *range, struct progress *progress,
		   struct err *e)
{
	for (size_t at = 0; at < range->len;) {
		const size_t left = range->len - at, step = slice_len(nor);
		const size_t n = left < step ? left : step;
		const uint32_t addr = range->addr + (uint32_t)at;

		if (nor_read(nor, addr, range->buf + at, n, e) < 0)
			return -1;
		at += n;
		if (progress_report(progress, at, range->len, e) < 0)
			return -1;
	}
	if (nor_check_alive(nor, e) < 0) {
		err_at(e, range->addr, ERR_NO_OFFSET);
		return err_prefix(e, "after reading 0x%x to 0x%zx: ", range->addr,
				  range->addr + range->len - 1);
	}
	return 0;
}

/* How many of the first n + 1 readings are equal to reading n. */
static int votes_for(const uint8_t (*reading)[NOR_SECTOR], int n, size_t len)
{
	int votes = 0;

	for (int i = 0; i <= n; i++)
		votes += memcmp(reading[i], reading[n], len) == 0;
	return votes;
}

int nor_read_majority(struct nor *nor, uint32_t addr, uint8_t *buf, size_t len, struct err *e)
{
	AUTO(auto_free) uint8_t(*reading)[NOR_SECTOR] = malloc(NOR_VOTES * sizeof *reading);

	assert(len <= NOR_SECTOR);
	if (!reading)
		return err_set(e, ERR_MEMORY, "no memory to compare reads");
	for (int i = 0; i < NOR_VOTES; i++) {
		const struct nor_range range = { .addr = addr, .buf = reading[i], .len = len };

		if (nor_read_alive(nor, &range, NULL, e) < 0)
			return -1;
		if (votes_for((const uint8_t(*)[NOR_SECTOR])reading, i, len) < MAJORITY)
			continue;
		memcpy(buf, reading[i], len);
		return 0;
	}
	err_set(e, ERR_UNSTABLE_READ, "sector 0x%x reads differently each time (%d reads)", addr,
		NOR_VOTES);
	return err_at(e, addr, ERR_NO_OFFSET);
}

int nor_read_again(struct nor *nor, const struct nor_range *range, struct progress *progress,
		   struct err *e)
{
	uint8_t again[NOR_SECTOR];
	const struct nor_range second = { range->addr, again, range->len };

	assert(range->len <= NOR_SECTOR);
	if (nor_read_alive(nor, &second, progress, e) < 0)
		return -1;
	if (!memcmp(again, range->buf, range->len))
		return 0;
	return nor_read_majority(nor, range->addr, range->buf, range->len, e);
}
