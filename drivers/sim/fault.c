#include "fault.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "chance.h"

struct fault {
	struct spi base;
	struct spi *inner; /* owned */
	struct fault_plan plan;
	uint64_t chance;
	uint64_t seen;        /* transactions so far */
	uint64_t until_flip;  /* bytes that are read right before the next that is not */
	struct spi_seg *segs; /* the message as it goes on: max_segs of them, */
	uint8_t *lie;         /* and room for what a lie sends: max_len bytes */
};

bool fault_plan_is_quiet(const struct fault_plan *plan)
{
	return plan->flip <= 0 && plan->short_ <= 0 && plan->drop <= 0 && plan->write_lie <= 0 &&
	       plan->stuck == FAULT_STUCK_NONE && plan->die_after == 0;
}

#define OP_AAI 0xad

/* ---- chance */

/* From 0 to 1, never 0: a logarithm is taken of it. */
static double draw(struct fault *f)
{
	return ((double)(chance_next(&f->chance) >> 11) + 1) / 9007199254740992.0;
}

/* A fault that is switched off draws nothing: it does not change the luck of the others. */
static bool happens(struct fault *f, double chance)
{
	return chance > 0 && draw(f) <= chance;
}

/* How many bytes are right in a row: geometric, so that rare flips cost no draw per byte. */
static uint64_t draw_gap(struct fault *f)
{
	const double gap = log(draw(f)) / log1p(-f->plan.flip);

	return gap < 1e18 ? (uint64_t)gap : (uint64_t)1e18;
}

/* ---- transactions */

/* Pieces [first, end) of a message are one chip-select period. */
struct transaction {
	size_t first, end;
};

static struct transaction transaction_at(const struct spi_seg *seg, size_t n, size_t first)
{
	size_t end = first + 1;

	while (end < n && !seg[end - 1].cs_up)
		end++;
	return (struct transaction){ first, end };
}

/* True for a page program whose every byte is given: only such a one can be turned into a lie. */
static bool is_program(const struct spi_seg *seg, struct transaction t)
{
	uint8_t opcode = 0;

	for (size_t i = t.first; i < t.end; i++) {
		if (!seg[i].tx && seg[i].len > 0)
			return false;
		if (opcode == 0 && seg[i].len > 0)
			opcode = seg[i].tx[0];
	}
	return opcode == 0x02 || opcode == 0x12 || opcode == OP_AAI;
}

/* How many bytes of a program are not data: opcode and address; of AAI all but the word. */
static size_t program_head(const struct spi_seg *seg, struct transaction t)
{
	size_t total = 0;
	uint8_t opcode = 0;

	for (size_t i = t.first; i < t.end; i++) {
		if (total == 0 && seg[i].len > 0)
			opcode = seg[i].tx[0];
		total += seg[i].len;
	}
	return opcode == OP_AAI && total > 2 ? total - 2 : 4;
}

/* ---- before the chip */

/* The dead chip is still clocked, but hears nothing and MISO floats. */
static void silence(struct fault *f, struct transaction t)
{
	for (size_t i = t.first; i < t.end; i++) {
		if (f->segs[i].rx)
			memset(f->segs[i].rx, 0xff, f->segs[i].len);
		f->segs[i].tx = NULL;
		f->segs[i].rx = NULL;
	}
}

/*
 * Opcode and address go on, the data becomes FFs: the chip is busy as for any program, and nothing
 * changes. (A fourth byte of address becomes FF too: it is the same page.) The altered bytes stand
 * in f->lie from used on; returns how much of it is used then.
 */
static size_t lie(struct fault *f, struct transaction t, size_t used)
{
	const size_t head = program_head(f->segs, t);
	size_t at = 0;

	for (size_t i = t.first; i < t.end; i++) {
		uint8_t *const to = f->lie + used;

		for (size_t k = 0; k < f->segs[i].len; k++, at++)
			to[k] = at < head ? f->segs[i].tx[k] : 0xff;
		f->segs[i].tx = to;
		used += f->segs[i].len;
	}
	return used;
}

/* Copies the message, with what happens on its way to the chip; returns how many pieces go on. */
static size_t prepare(struct fault *f, const struct spi_seg *seg, size_t n, bool *dropped)
{
	size_t used = 0;

	memcpy(f->segs, seg, n * sizeof *seg);
	for (struct transaction t = { 0, 0 }; t.end < n;) {
		t = transaction_at(seg, n, t.end);
		*dropped = happens(f, f->plan.drop);
		if (*dropped)
			return happens(f, 0.5) ? t.first : t.end;
		if (f->plan.die_after > 0 && f->seen++ >= f->plan.die_after)
			silence(f, t);
		else if (is_program(seg, t) && happens(f, f->plan.write_lie))
			used = lie(f, t, used);
	}
	return n;
}

/* ---- after the chip */

static void flip_some(struct fault *f, uint8_t *rx, size_t len)
{
	size_t at = 0;

	while (len - at > f->until_flip) {
		at += (size_t)f->until_flip;
		rx[at++] ^= (uint8_t)(1u << chance_below(&f->chance, 8));
		f->until_flip = draw_gap(f);
	}
	f->until_flip -= len - at;
}

/* From some byte on, the answer is FF. */
static void shorten(struct fault *f, struct transaction t)
{
	uint64_t total = 0, cut;

	for (size_t i = t.first; i < t.end; i++)
		total += f->segs[i].rx ? f->segs[i].len : 0;
	if (total == 0)
		return;
	cut = chance_below(&f->chance, (uint32_t)total);
	for (size_t i = t.first; i < t.end; i++) {
		const size_t len = f->segs[i].rx ? f->segs[i].len : 0;
		const size_t keep = cut < len ? (size_t)cut : len;

		if (len > keep)
			memset(f->segs[i].rx + keep, 0xff, len - keep);
		cut -= keep;
	}
}

static void spoil(struct fault *f, size_t n)
{
	for (struct transaction t = { 0, 0 }; t.end < n;) {
		t = transaction_at(f->segs, n, t.end);
		if (happens(f, f->plan.short_))
			shorten(f, t);
	}
	for (size_t i = 0; f->plan.flip > 0 && i < n; i++)
		if (f->segs[i].rx)
			flip_some(f, f->segs[i].rx, f->segs[i].len);
}

/* What the line shows, whatever the chip says. */
static void stick(const struct fault *f, const struct spi_seg *seg)
{
	const bool loop = f->plan.stuck == FAULT_STUCK_LOOP && seg->tx;

	if (!seg->rx)
		return;
	if (loop)
		memmove(seg->rx, seg->tx, seg->len);
	else
		memset(seg->rx, f->plan.stuck == FAULT_STUCK_HIGH ? 0xff : 0x00, seg->len);
}

static int fault_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	struct fault *f = (struct fault *)spi;
	bool dropped = false;
	size_t go;

	if (fault_plan_is_quiet(&f->plan))
		return spi_xfer(f->inner, seg, n, e);
	go = prepare(f, seg, n, &dropped);
	if (go > 0 && spi_xfer(f->inner, f->segs, go, e) < 0)
		return -1;
	if (dropped)
		return err_set(e, ERR_IO, "SPI transfer failed: Input/output error (injected)");
	spoil(f, n);
	for (size_t i = 0; f->plan.stuck != FAULT_STUCK_NONE && i < n; i++)
		stick(f, &seg[i]);
	return 0;
}

/* ---- the bus */

static int fault_setup(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
		       struct err *e)
{
	struct fault *f = (struct fault *)spi;

	if (spi_setup(f->inner, want, e) < 0)
		return -1;
	*real = f->inner->now;
	return 0;
}

static void fault_close(struct spi *spi)
{
	struct fault *f = (struct fault *)spi;

	spi_close(f->inner);
	free(f->segs);
	free(f->lie);
	free(f);
}

static const struct spi_ops fault_ops = {
	.name = "fault", .setup = fault_setup, .xfer = fault_xfer, .close = fault_close
};

static void auto_fault_free(struct fault **f)
{
	if (*f)
		fault_close(&(*f)->base);
}

struct spi *fault_open(struct spi *inner, const struct fault_plan *plan, struct err *e)
{
	AUTO(auto_spi_close) struct spi *held = inner;
	AUTO(auto_fault_free) struct fault *f = calloc(1, sizeof *f);

	if (f) {
		f->segs = calloc(inner->max_segs, sizeof *f->segs);
		f->lie = malloc(inner->max_len);
	}
	if (!f || !f->segs || !f->lie) {
		err_set(e, ERR_MEMORY, "no memory for a fault bus");
		return NULL;
	}
	f->inner = TAKE(held);
	f->plan = *plan;
	f->chance = plan->seed;
	f->until_flip = draw_gap(f);
	f->base = (struct spi){
		.ops = &fault_ops,
		.clock = inner->clock,
		.max_len = inner->max_len,
		.max_segs = inner->max_segs,
		.now = inner->now,
	};
	return &TAKE(f)->base;
}
