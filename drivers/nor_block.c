#include "nor_block.h"

#include <string.h>

#include "nor_program.h"
#include "nor_proof.h"
#include "nor_protect.h"

#define TRIES 4
#define FIRST 256u /* of a cell that is looked at: most changes show here already */

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t block_len(const struct nor_work *w)
{
	return (uint32_t)w->plan.cells * w->erasers.cell;
}

/* ---- what shall be there */

/* Bytes that are not the image's: they are put back, so they must be known for certain. */
static int load_outside(struct nor_work *w, uint32_t from, uint32_t to, struct err *e)
{
	for (uint32_t addr = from, len; addr < to; addr += len) {
		const struct nor_range range = { addr, w->want + (addr - w->plan.start),
						 smaller(NOR_SECTOR, to - addr) };

		len = (uint32_t)range.len;
		if (nor_read_alive(w->nor, &range, &w->meter.base, e) < 0 ||
		    nor_read_again(w->nor, &range, &w->meter.base, e) < 0)
			return -1;
	}
	return 0;
}

static int load_want(struct nor_work *w, struct err *e)
{
	const uint32_t start = w->plan.start, end = start + block_len(w);
	const uint32_t image_end = w->image->addr + (uint32_t)w->image->len;
	const uint32_t from = start > w->image->addr ? start : w->image->addr;
	const uint32_t to = smaller(end, image_end);

	if (load_outside(w, start, from, e) < 0 || load_outside(w, to, end, e) < 0)
		return -1;
	return nor_image_read(w->image, from, w->want + (from - start), to - from, e);
}

/* ---- what is there */

static int read_piece(struct nor_work *w, uint32_t at, uint32_t len, struct err *e)
{
	const uint32_t addr = w->plan.start + at;
	const struct nor_range range = { .addr = addr, .buf = w->have + at, .len = len };

	if (len <= FIRST)
		return nor_read(w->nor, addr, w->have + at, len, e);
	return nor_read_alive(w->nor, &range, &w->meter.base, e);
}

/* An erase costs time and wear: what asks for one is read twice. */
static int look_piece(struct nor_work *w, uint32_t at, uint32_t len, bool *erase, struct err *e)
{
	if (read_piece(w, at, len, e) < 0)
		return -1;
	*erase = nor_needs_erase(w->have + at, w->want + at, len);
	if (!*erase)
		return 0;
	if (read_piece(w, at, len, e) < 0)
		return -1;
	*erase = nor_needs_erase(w->have + at, w->want + at, len);
	return 0;
}

static uint32_t page_at(const struct nor_work *w, uint32_t at, uint32_t end)
{
	return smaller(w->page, end - at);
}

static void count_pages(struct nor_work *w, size_t cell)
{
	struct nor_cell *c = &w->plan.cell[cell];
	const uint32_t start = (uint32_t)cell * w->erasers.cell, end = start + w->erasers.cell;

	c->programs = c->fills = 0;
	for (uint32_t at = start; at < end; at += page_at(w, at, end)) {
		const uint32_t len = page_at(w, at, end);

		c->programs += memcmp(w->have + at, w->want + at, len) != 0;
		c->fills += !nor_is_blank(w->want + at, len);
	}
}

static int look_cell(struct nor_work *w, size_t cell, struct err *e)
{
	const uint32_t start = (uint32_t)cell * w->erasers.cell, size = w->erasers.cell;
	const uint32_t first = smaller(FIRST, size);
	bool erase;

	if (look_piece(w, start, first, &erase, e) < 0 ||
	    (!erase && first < size && look_piece(w, start + first, size - first, &erase, e) < 0))
		return -1;
	w->plan.cell[cell].erase = erase;
	count_pages(w, cell);
	return nor_meter_show(&w->meter, 0, e);
}

/* Nothing is read where all was just erased; if that is not so, the proof shows it. */
static void take_for_blank(struct nor_work *w)
{
	memset(w->have, 0xff, block_len(w));
	for (size_t i = 0; i < w->plan.cells; i++) {
		w->plan.cell[i].erase = false;
		count_pages(w, i);
	}
}

static int look(struct nor_work *w, struct err *e)
{
	for (size_t i = 0; i < w->plan.cells; i++)
		if (look_cell(w, i, e) < 0)
			return -1;
	nor_plan_make(&w->plan, &w->erasers, w->nor->program_pace.estimate_ns);
	return 0;
}

static bool is_right(const struct nor_work *w, size_t cell)
{
	const size_t at = cell * w->erasers.cell;

	return !memcmp(w->have + at, w->want + at, w->erasers.cell);
}

/* The first look: cells that were seen as they shall be are left alone, the others are read. */
static int look_where_needed(struct nor_work *w, struct err *e)
{
	const struct nor_image seen = { .source = w->seen, .len = w->nor->size };

	if (nor_image_read(&seen, w->plan.start, w->have, block_len(w), e) < 0)
		return -1;
	for (size_t i = 0; i < w->plan.cells; i++) {
		w->plan.cell[i].erase = false;
		count_pages(w, i);
		if (!is_right(w, i) && look_cell(w, i, e) < 0)
			return -1;
	}
	nor_plan_make(&w->plan, &w->erasers, w->nor->program_pace.estimate_ns);
	return nor_meter_show(&w->meter, 0, e);
}

int nor_block_look(struct nor_work *w, uint32_t start, uint32_t len, struct err *e)
{
	w->plan.start = start;
	w->plan.cells = len / w->erasers.cell;
	if (load_want(w, e) < 0)
		return -1;
	if (!w->blank)
		return w->seen ? look_where_needed(w, e) : look(w, e);
	take_for_blank(w);
	nor_plan_make(&w->plan, &w->erasers, w->nor->program_pace.estimate_ns);
	return 0;
}

/* ---- from here to there */

static int erase(struct nor_work *w, uint32_t at, const struct nor_eraser *eraser, bool *taken,
		 struct err *e)
{
	const struct nor_change change = nor_erase_change(w->nor, eraser, w->plan.start + at);

	if (nor_change(w->nor, &change, &w->meter, taken, e) < 0) {
		err_prefix(e, "erasing 0x%x: ", w->plan.start + at);
		return err_at(e, w->plan.start + at, ERR_NO_OFFSET);
	}
	w->refused += !*taken;
	if (!*taken)
		return 0;
	w->done.erases++;
	w->done.erased += eraser->size;
	memset(w->have + at, 0xff, eraser->size);
	return 0;
}

/* The bytes from the first that differs to the last; none when len is 0. */
static struct nor_piece piece_to_program(const struct nor_work *w, uint32_t at, uint32_t len)
{
	uint32_t first = 0, last = len;

	while (first < len && w->have[at + first] == w->want[at + first])
		first++;
	while (last > first && w->have[at + last - 1] == w->want[at + last - 1])
		last--;
	return (struct nor_piece){ .addr = w->plan.start + at + first,
				   .bytes = w->want + at + first,
				   .len = last - first };
}

static int program(struct nor_work *w, uint32_t at, uint32_t len, struct err *e)
{
	const struct nor_piece piece = piece_to_program(w, at, len);
	bool taken;

	if (piece.len == 0)
		return 0;
	if (nor_program(w->nor, &piece, &w->meter, &taken, e) < 0) {
		err_prefix(e, "programming 0x%x: ", piece.addr);
		return err_at(e, piece.addr, ERR_NO_OFFSET);
	}
	w->refused += !taken;
	w->done.programs++;
	w->done.programmed += piece.len;
	return 0;
}

static int program_all(struct nor_work *w, uint32_t start, uint32_t len, struct err *e)
{
	for (uint32_t at = start; at < start + len; at += page_at(w, at, start + len))
		if (program(w, at, page_at(w, at, start + len), e) < 0)
			return -1;
	return 0;
}

/* Erases, where the plan says so, and programs what one erase concerns; returns how many cells. */
static int execute_node(struct nor_work *w, size_t cell, size_t *cells, struct err *e)
{
	const uint32_t at = (uint32_t)cell * w->erasers.cell;
	const uint8_t level = w->plan.level[cell];
	const struct nor_eraser *eraser = level > 0 ? &w->erasers.level[level - 1] : NULL;
	const uint32_t len = eraser ? eraser->size : w->erasers.cell;

	bool taken = true;

	*cells = len / w->erasers.cell;
	if (eraser && erase(w, at, eraser, &taken, e) < 0)
		return -1;
	return taken ? program_all(w, at, len, e) : 0; /* not on top of what should be gone */
}

/* True where an erase takes bytes with it that are not the image's. */
static bool endangers_others(const struct nor_work *w)
{
	const uint32_t start = w->plan.start, end = start + block_len(w);
	const bool within = start >= w->image->addr && end <= w->image->addr + w->image->len;

	return !within && w->plan.level[0] > 0;
}

static int execute(struct nor_work *w, struct err *e)
{
	size_t cells;

	w->meter.deaf = w->meter.deaf || endangers_others(w);
	for (size_t i = 0; i < w->plan.cells; i += cells)
		if (execute_node(w, i, &cells, e) < 0)
			return -1;
	return 0;
}

/* ---- the proof */

static bool is_touched(const struct nor_work *w, size_t cell)
{
	return w->plan.level[cell] > 0 || w->plan.cell[cell].programs > 0;
}

/* Noise is no failure: what looks wrong is read again. */
static int decide(struct nor_work *w, uint32_t start, uint32_t len, struct err *e)
{
	for (uint32_t at = start, n; at < start + len; at += n) {
		const struct nor_range range = { w->plan.start + at, w->have + at,
						 smaller(NOR_SECTOR, start + len - at) };

		n = (uint32_t)range.len;
		if (memcmp(range.buf, w->want + at, n) != 0 &&
		    nor_read_again(w->nor, &range, &w->meter.base, e) < 0)
			return -1;
	}
	return 0;
}

static int read_back(struct nor_work *w, uint32_t at, uint32_t len, struct err *e)
{
	const struct nor_range range = { w->plan.start + at, w->have + at, len };

	if (nor_read_alive(w->nor, &range, &w->meter.base, e) < 0)
		return -1;
	return decide(w, at, len, e);
}

/* Reads what was touched into have; the rest was right when it was looked at. */
static int prove(struct nor_work *w, struct err *e)
{
	const uint32_t cell = w->erasers.cell;
	size_t run;

	for (size_t i = 0; i < w->plan.cells; i += run + 1) {
		for (run = 0; i + run < w->plan.cells && is_touched(w, i + run); run++)
			;
		if (run > 0 && read_back(w, (uint32_t)i * cell, (uint32_t)run * cell, e) < 0)
			return -1;
	}
	return 0;
}

static int not_held(struct nor_work *w, struct err *e)
{
	const uint32_t len = block_len(w);
	uint32_t first = len;
	int64_t sectors = 0;

	for (uint32_t at = 0, n; at < len; at += n) {
		n = smaller(NOR_SECTOR, len - at);
		if (!memcmp(w->have + at, w->want + at, n))
			continue;
		sectors++;
		for (uint32_t i = 0; i < n && first == len; i++)
			if (w->have[at + i] != w->want[at + i])
				first = at + i;
	}
	err_set(e, ERR_VERIFY_FAILED,
		"0x%x does not hold what was written, after %d tries (%lld sectors of the block "
		"differ; %llu commands were not taken)",
		w->plan.start + first, TRIES, (long long)sectors, (unsigned long long)w->refused);
	err_hint(e, "Look at the supply under load and at the wires; cells may be worn out.");
	return err_at(e, w->plan.start + first, sectors);
}

/* Protection is the usual reason why commands are not taken. */
static int give_up(struct nor_work *w, struct err *e)
{
	struct nor_protection protection;

	if (w->refused == 0)
		return not_held(w, e);
	if (nor_protection_read(w->nor, &protection, e) < 0)
		return -1;
	if (!nor_protection_covers(&protection, w->plan.start, block_len(w)))
		return not_held(w, e);
	nor_protection_err(&protection, e);
	return err_at(e, w->plan.start, ERR_NO_OFFSET);
}

static void count_skipped(struct nor_work *w)
{
	const uint32_t image_end = w->image->addr + (uint32_t)w->image->len;

	for (uint32_t at = 0, n; at < block_len(w); at += n) {
		const uint32_t addr = w->plan.start + at;
		const uint32_t from = addr > w->image->addr ? addr : w->image->addr;

		n = page_at(w, at, block_len(w));
		if (w->plan.level[at / w->erasers.cell] == 0 && from < image_end &&
		    from < addr + n && !memcmp(w->have + at, w->want + at, n))
			w->done.skipped += smaller(addr + n, image_end) - from;
	}
}

static int try_block(struct nor_work *w, bool *right, struct err *e)
{
	*right = true;
	if (nor_plan_is_empty(&w->plan))
		return 0;
	if (execute(w, e) < 0 || prove(w, e) < 0)
		return -1;
	*right = !memcmp(w->have, w->want, block_len(w));
	return 0;
}

int nor_block_write(struct nor_work *w, uint32_t start, uint32_t len, struct err *e)
{
	bool right;

	if (nor_block_look(w, start, len, e) < 0)
		return -1;
	if (!w->again)
		count_skipped(w);
	for (int i = 0; i < TRIES; i++) {
		if (i > 0 && look(w, e) < 0)
			return -1;
		if (try_block(w, &right, e) < 0)
			return -1;
		w->meter.deaf = w->meter.deaf && !right;
		if (right)
			return 0;
		w->done.repairs++;
	}
	return give_up(w, e);
}
