#include "nor_write.h"

#include <assert.h>
#include <stdlib.h>

#include "auto.h"
#include "nor_block.h"
#include "nor_compare.h"
#include "nor_program.h"
#include "nor_protect.h"

#define LEFT_BUSY_NS (4ull * CLOCK_S)
#define ROUNDS       2 /* a block that was right and then is not: written over once */

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t image_end(const struct nor_work *w)
{
	return w->image->addr + (uint32_t)w->image->len;
}

/*
 * How far the piece that begins at start (a cell) goes. A cell that is the image's only in part is
 * a piece of its own, so that no larger erase takes it along.
 */
static uint32_t piece_len(const struct nor_work *w, uint32_t start)
{
	const uint32_t cell = w->erasers.cell, block = w->erasers.block;
	const uint32_t whole = image_end(w) / cell * cell;

	if (start < w->image->addr || whole <= start)
		return cell;
	return smaller(block - start % block, whole - start);
}

/* Bytes of the image in a piece. */
static uint32_t bytes_in(const struct nor_work *w, uint32_t start, uint32_t len)
{
	const uint32_t from = start > w->image->addr ? start : w->image->addr;

	return smaller(start + len, image_end(w)) - from;
}

/* ---- the whole chip at once */

/* The least that erasing a block takes: more than that is never saved on one. */
static uint64_t block_ns(const struct nor_erasers *erasers)
{
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < erasers->levels; i++) {
		const struct nor_eraser *level = &erasers->level[i];
		const uint64_t ns = level->pace->estimate_ns * (erasers->block / level->size);

		least_ns = ns < least_ns ? ns : least_ns;
	}
	return least_ns;
}

/*
 * Looks at the blocks for as long as a chip erase may still turn out to be quicker than what their
 * plans say. What a block's plan costs more than programming all of it is what it would save.
 */
static int chip_erase_pays(struct nor_work *w, bool *pays, struct err *e)
{
	const uint64_t page_ns = w->nor->program_pace.estimate_ns;
	const uint64_t most_ns = block_ns(&w->erasers);
	const uint32_t size = w->nor->size, block = smaller(w->erasers.block, size);
	int64_t saved_ns = 0;

	for (uint32_t at = 0; at < size; at += block) {
		const uint64_t rest_ns = most_ns * ((size - at) / block);

		*pays = saved_ns + (int64_t)rest_ns > (int64_t)w->erasers.chip.pace->estimate_ns;
		if (!*pays)
			return 0;
		if (nor_block_look(w, at, block, e) < 0)
			return -1;
		saved_ns += (int64_t)w->plan.cost_ns;
		for (size_t i = 0; i < w->plan.cells; i++)
			saved_ns -= (int64_t)(w->plan.cell[i].fills * page_ns);
	}
	*pays = saved_ns > (int64_t)w->erasers.chip.pace->estimate_ns;
	return 0;
}

static int erase_chip(struct nor_work *w, struct err *e)
{
	struct nor_change change;

	w->erasers.chip.worth = w->image->len;
	w->meter.total += w->image->len;
	change = nor_erase_change(w->nor, &w->erasers.chip, 0);
	if (nor_change(w->nor, &change, &w->meter, &w->blank, e) < 0)
		return err_prefix(e, "erasing the chip: ");
	w->meter.done += w->image->len;
	w->done.erases += w->blank;
	w->done.erased += w->blank ? w->nor->size : 0;
	return 0;
}

static int consider_chip_erase(struct nor_work *w, struct err *e)
{
	const uint32_t size = w->nor->size, block = smaller(w->erasers.block, size);
	bool pays;

	if (w->image->len != size || size % block != 0 || !w->erasers.chip.opcode ||
	    w->erasers.level[0].whole)
		return 0;
	if (chip_erase_pays(w, &pays, e) < 0)
		return -1;
	return pays ? erase_chip(w, e) : 0;
}

/* ---- all of it */

static int write_pieces(struct nor_work *w, struct err *e)
{
	const uint32_t cell = w->erasers.cell;

	for (uint32_t at = w->image->addr / cell * cell, len; at < image_end(w); at += len) {
		len = piece_len(w, at);
		if (nor_block_write(w, at, len, e) < 0)
			return -1;
		w->meter.done += bytes_in(w, at, len);
		if (nor_meter_show(&w->meter, 0, e) < 0)
			return -1;
	}
	w->blank = false;
	return 0;
}

/*
 * Each cell was read before: by whoever brought `seen`, or back when it was changed. That counts as
 * long as all commands did what they should where they should: a program that went astray is
 * missing where it belongs, and so makes a repair.
 */
static bool is_seen(const struct nor_work *w)
{
	return w->seen && w->done.repairs == 0 && !w->nor->mirrored_suspect;
}

static int proof(struct nor_work *w, struct nor_difference *difference, struct err *e)
{
	struct nor_image image = *w->image;
	int result;

	image.seen = is_seen(w);
	w->meter.follow = true;
	result = nor_compare(w->nor, &image, &w->meter.base, difference, e);
	w->meter.follow = false;
	return result;
}

static int not_proven(const struct nor_work *w, const struct nor_difference *difference,
		      struct err *e)
{
	err_set(e, ERR_VERIFY_FAILED,
		"0x%x was written and read back, but reads otherwise in the end (%zu sectors do)",
		difference->first, difference->sectors);
	if (w->nor->mirrored_suspect)
		err_hint(e,
			 "The chip may hold half of what it says: what is written behind 0x%x "
			 "then replaces what stands at its beginning.",
			 w->nor->size / 2);
	else
		err_hint(e, "Look at the supply and the wires; cells may be worn out.");
	return err_at(e, difference->first, (int64_t)difference->sectors);
}

static int write_and_prove(struct nor_work *w, struct err *e)
{
	const uint64_t before = w->meter.done;
	struct nor_difference difference;

	if (consider_chip_erase(w, e) < 0)
		return -1;
	for (int i = 0; i < ROUNDS; i++) {
		w->again = i > 0;
		if (write_pieces(w, e) < 0 || proof(w, &difference, e) < 0)
			return -1;
		if (difference.sectors == 0)
			return 0;
		w->meter.done = before;
		w->done.repairs++;
		w->seen = NULL;
	}
	return not_proven(w, &difference, e);
}

/* ---- protection around it */

static int free_range(struct nor_work *w, const struct nor_write_options *options,
		      struct nor_protection *before, struct err *e)
{
	if (nor_protection_read(w->nor, before, e) < 0)
		return -1;
	if (!nor_protection_covers(before, w->image->addr, w->image->len))
		return 0;
	if (!options->unprotect)
		return nor_protection_err(before, e);
	w->done.unprotected = true;
	return nor_unprotect(w->nor, before, e);
}

/* A cancel left an erase going on; of a chip erase the end is not waited for. */
static int restore(struct nor_work *w, const struct nor_protection *before, struct err *e)
{
	struct nor_meter nobody;

	nor_meter_init(&nobody, NULL, 0);
	if (nor_wait_idle(w->nor, &nobody, LEFT_BUSY_NS, e) < 0)
		return -1;
	return nor_protection_restore(w->nor, before, e);
}

/* The first reason counts; that the protection is not back counts only where nothing else does. */
static int put_back(struct nor_work *w, const struct nor_protection *before, int result,
		    struct err *e)
{
	struct err second;

	if (!w->done.unprotected || restore(w, before, &second) == 0)
		return result;
	if (result < 0)
		return err_hint(e,
				"The write protection was cleared and could not be put back: "
				"SR1 was %02X, SR2 %02X.",
				before->sr1, before->sr2);
	*e = second;
	return -1;
}

static int write_freed(struct nor_work *w, const struct nor_write_options *options, struct err *e)
{
	struct nor_protection before;
	int result;

	if (nor_wait_idle(w->nor, &w->meter, NOR_IDLE_MAX_NS, e) < 0)
		return -1;
	result = free_range(w, options, &before, e);
	if (result == 0)
		result = write_and_prove(w, e);
	return put_back(w, &before, result, e);
}

static int prepare(struct nor_work *w, const struct nor_write_options *options, struct err *e)
{
	if (w->image->addr > w->nor->size || w->image->len > w->nor->size - w->image->addr)
		return err_set(e, ERR_BAD_INPUT, "0x%zx bytes from 0x%x are past the end of %s",
			       w->image->len, w->image->addr, w->nor->name);
	w->page = nor_program_page(w->nor);
	w->seen = options->seen;
	nor_meter_init(&w->meter, options->progress, 2 * (uint64_t)w->image->len);
	return nor_erasers_init(w->nor, &w->erasers, e);
}

int nor_write(struct nor *nor, const struct nor_image *image,
	      const struct nor_write_options *options, struct err *e)
{
	AUTO(auto_free) struct nor_work *w = calloc(1, sizeof *w);
	AUTO(auto_free) uint8_t *buf = NULL;
	int result;

	if (!w)
		return err_set(e, ERR_MEMORY, "no memory to write");
	w->nor = nor;
	w->image = image;
	if (prepare(w, options, e) < 0)
		return -1;
	assert(w->erasers.block > 0);
	buf = malloc(2 * (size_t)w->erasers.block);
	if (!buf)
		return err_set(e, ERR_MEMORY, "no memory for a block of %u bytes",
			       w->erasers.block);
	w->want = buf;
	w->have = buf + w->erasers.block;
	result = image->len > 0 ? write_freed(w, options, e) : 0;
	if (options->written)
		*options->written = w->done;
	return result < 0 ? err_prefix(e, "writing: ") : 0;
}

int nor_erase_range(struct nor *nor, uint32_t addr, size_t len,
		    const struct nor_write_options *options, struct err *e)
{
	return nor_write(nor, &(struct nor_image){ .addr = addr, .len = len }, options, e);
}
