#include "lzma.h"

#include <stdbool.h>
#include <stdlib.h>

#include "auto.h"

/* Names as in the public description of the format; chances are of 11 bits and move by 1/32. */
#define TOP          (1u << 24)
#define CHANCE_BITS  11
#define EVEN         (1u << (CHANCE_BITS - 1))
#define MOVE         5
#define STATES       12
#define POS_STATES   16
#define LEN_STATES   4
#define SLOT_BITS    6
#define ALIGN_BITS   4
#define FIRST_DIRECT 14 /* distance slots from here on have bits without a chance */
#define SPECIAL      115
#define LITERAL      0x300u
#define LITERAL_BITS 4 /* lc + lp, at most */
#define SHORTEST     2
#define WINDOW_LEAST 4096u

typedef uint16_t chance;

struct lengths {
	chance choice, longer;
	chance low[POS_STATES][8], middle[POS_STATES][8], high[256];
};

/* Nothing but chances. */
struct chances {
	chance is_match[STATES][POS_STATES], is_rep[STATES], is_rep0[STATES], is_rep1[STATES],
		is_rep2[STATES], is_rep0_long[STATES][POS_STATES];
	chance slot[LEN_STATES][1 << SLOT_BITS], special[SPECIAL], align[1 << ALIGN_BITS];
	struct lengths match_length, rep_length;
	chance literal[LITERAL << LITERAL_BITS];
};

struct lzma {
	struct lzma_in *in;   /* borrowed */
	struct rbl_out *out;  /* borrowed */
	uint32_t limit, done; /* bytes out */
	uint32_t range, code;
	bool dry; /* the input ended too early */
	unsigned lc, lp, pb;
	unsigned state;
	uint32_t rep[4]; /* the last distances, less one */
	uint8_t *window; /* owned; the last bytes out */
	uint32_t size, at;
	struct chances p;
};
static void lzma_free(struct lzma **z)
{
	if (*z)
		free((*z)->window);
	free(*z);
}

/* ---- bits */

static uint8_t next(struct lzma *z)
{
	const int byte = z->in->next(z->in);

	z->dry = z->dry || byte < 0;
	return byte < 0 ? 0 : (uint8_t)byte;
}

static void normalize(struct lzma *z)
{
	if (z->range >= TOP)
		return;
	z->range <<= 8;
	z->code = z->code << 8 | next(z);
}

static unsigned bit(struct lzma *z, chance *p)
{
	const uint32_t bound = (z->range >> CHANCE_BITS) * *p;
	const bool one = z->code >= bound;

	if (one) {
		*p = (chance)(*p - (*p >> MOVE));
		z->code -= bound;
		z->range -= bound;
	} else {
		*p = (chance)(*p + (((1u << CHANCE_BITS) - *p) >> MOVE));
		z->range = bound;
	}
	normalize(z);
	return one;
}

static uint32_t direct(struct lzma *z, unsigned n)
{
	uint32_t value = 0;

	for (; n > 0; n--) {
		z->range >>= 1;
		const bool one = z->code >= z->range;

		if (one)
			z->code -= z->range;
		normalize(z);
		value = value << 1 | one;
	}
	return value;
}

static unsigned tree(struct lzma *z, chance *p, unsigned bits)
{
	unsigned m = 1;

	for (unsigned i = 0; i < bits; i++)
		m = m << 1 | bit(z, &p[m]);
	return m - (1u << bits);
}

static unsigned reverse_tree(struct lzma *z, chance *p, unsigned bits)
{
	unsigned m = 1, value = 0;

	for (unsigned i = 0; i < bits; i++) {
		const unsigned b = bit(z, &p[m]);

		m = m << 1 | b;
		value |= b << i;
	}
	return value;
}

/* ---- bytes */

static uint8_t back(const struct lzma *z, uint32_t distance)
{
	return z->window[z->at >= distance ? z->at - distance : z->at + z->size - distance];
}

/* A turn of the window goes out at once, and what is left of it at the end. */
static void flush(struct lzma *z)
{
	z->out->put(z->out, z->window, z->at);
	z->at = 0;
}

static void put(struct lzma *z, uint8_t byte)
{
	z->window[z->at++] = byte;
	z->done++;
	if (z->at == z->size)
		flush(z);
}

static bool reaches(const struct lzma *z, uint32_t rep)
{
	return rep < z->done && rep < z->size;
}

static unsigned matched(struct lzma *z, chance *p)
{
	unsigned match = back(z, z->rep[0] + 1), symbol = 1;

	while (symbol < 0x100) {
		const unsigned expected = match >> 7 & 1;
		const unsigned b = bit(z, &p[(1 + expected) << 8 | symbol]);

		match <<= 1;
		symbol = symbol << 1 | b;
		if (b != expected)
			break;
	}
	return symbol;
}

static void literal(struct lzma *z)
{
	const unsigned before = z->done ? back(z, 1) : 0;
	const unsigned context = (z->done & ((1u << z->lp) - 1)) << z->lc | before >> (8 - z->lc);
	chance *p = z->p.literal + LITERAL * context;
	unsigned symbol = z->state >= 7 ? matched(z, p) : 1;

	while (symbol < 0x100)
		symbol = symbol << 1 | bit(z, &p[symbol]);
	put(z, (uint8_t)symbol);
	z->state = z->state < 4 ? 0 : z->state < 10 ? z->state - 3 : z->state - 6;
}

/* ---- matches */

static unsigned length(struct lzma *z, struct lengths *l, unsigned pos)
{
	if (!bit(z, &l->choice))
		return tree(z, l->low[pos], 3);
	if (!bit(z, &l->longer))
		return 8 + tree(z, l->middle[pos], 3);
	return 16 + tree(z, l->high, 8);
}

static uint32_t distance(struct lzma *z, unsigned len)
{
	const unsigned slot =
		tree(z, z->p.slot[len < LEN_STATES ? len : LEN_STATES - 1], SLOT_BITS);
	const unsigned bits = (slot >> 1) - 1;
	uint32_t value;

	if (slot < 4)
		return slot;
	value = (2u | (slot & 1)) << bits;
	if (slot < FIRST_DIRECT)
		return value + reverse_tree(z, z->p.special + value - slot, bits);
	value += direct(z, bits - ALIGN_BITS) << ALIGN_BITS;
	return value + reverse_tree(z, z->p.align, ALIGN_BITS);
}

static void turn_reps(struct lzma *z, unsigned from, uint32_t first)
{
	for (unsigned i = from; i > 0; i--)
		z->rep[i] = z->rep[i - 1];
	z->rep[0] = first;
}

/* One of the last distances again: its length, 0 for a single byte that was put. */
static unsigned repeat(struct lzma *z, unsigned pos)
{
	if (!bit(z, &z->p.is_rep0[z->state])) {
		if (!bit(z, &z->p.is_rep0_long[z->state][pos])) {
			z->state = z->state < 7 ? 9 : 11;
			put(z, back(z, z->rep[0] + 1));
			return 0;
		}
	} else {
		const unsigned which = !bit(z, &z->p.is_rep1[z->state])   ? 1
				       : !bit(z, &z->p.is_rep2[z->state]) ? 2
									  : 3;
		turn_reps(z, which, z->rep[which]);
	}
	const unsigned len = length(z, &z->p.rep_length, pos) + SHORTEST;

	z->state = z->state < 7 ? 8 : 11;
	return len;
}

static unsigned match(struct lzma *z, unsigned pos)
{
	const unsigned len = length(z, &z->p.match_length, pos);

	z->state = z->state < 7 ? 7 : 10;
	turn_reps(z, 3, distance(z, len));
	return len + SHORTEST;
}

#define END_MARK 0xffffffffu /* a distance */

/* One step; false at the end, and *end tells which. */
static bool step(struct lzma *z, enum lzma_end *end)
{
	const unsigned pos = z->done & ((1u << z->pb) - 1);
	unsigned len;

	if (!bit(z, &z->p.is_match[z->state][pos])) {
		literal(z);
		return true;
	}
	if (!bit(z, &z->p.is_rep[z->state])) {
		len = match(z, pos);
		*end = LZMA_DONE;
		if (z->rep[0] == END_MARK)
			return false;
	} else {
		*end = LZMA_DAMAGED;
		if (!reaches(z, z->rep[0]))
			return false;
		len = repeat(z, pos);
	}
	*end = LZMA_DAMAGED;
	if (!reaches(z, z->rep[0]))
		return false;
	for (; len > 0 && z->done < z->limit; len--)
		put(z, back(z, z->rep[0] + 1));
	return true;
}

/* ---- all of it */

static enum lzma_end read_head(struct lzma *z)
{
	const unsigned properties = next(z);
	uint32_t dictionary = 0;

	z->lc = properties % 9;
	z->lp = properties / 9 % 5;
	z->pb = properties / 45;
	if (z->pb > 4)
		return LZMA_DAMAGED;
	if (z->lc + z->lp > LITERAL_BITS)
		return LZMA_UNSUPPORTED;
	for (unsigned i = 0; i < 4; i++)
		dictionary |= (uint32_t)next(z) << 8 * i;
	for (unsigned i = 0; i < 8; i++)
		(void)next(z); /* the length, which the container knows better */
	z->size = dictionary < z->limit ? dictionary : z->limit;
	if (z->size < WINDOW_LEAST)
		z->size = WINDOW_LEAST;
	z->window = malloc(z->size);
	return z->window ? LZMA_DONE : LZMA_NO_MEMORY;
}

static enum lzma_end begin(struct lzma *z)
{
	const enum lzma_end head = read_head(z);
	chance *p = (chance *)&z->p;

	if (head != LZMA_DONE)
		return head;
	for (size_t i = 0; i < sizeof z->p / sizeof *p; i++)
		p[i] = EVEN;
	if (next(z) != 0)
		return LZMA_DAMAGED;
	z->range = UINT32_MAX;
	for (unsigned i = 0; i < 4; i++)
		z->code = z->code << 8 | next(z);
	return LZMA_DONE;
}

enum lzma_end lzma_unpack(struct lzma_in *in, struct rbl_out *out, uint32_t limit)
{
	AUTO(lzma_free) struct lzma *z = calloc(1, sizeof *z);
	enum lzma_end end;

	if (!z)
		return LZMA_NO_MEMORY;
	z->in = in;
	z->out = out;
	z->limit = limit;
	end = begin(z);
	if (end != LZMA_DONE)
		return end;
	while (z->done < limit && !z->dry)
		if (!step(z, &end))
			break;
	if (z->at > 0)
		flush(z);
	return z->dry || (end == LZMA_DAMAGED && z->done < limit) ? LZMA_DAMAGED : LZMA_DONE;
}
