#include "quicklz.h"

#include "bytes.h"

/* The first byte of a piece. */
#define PACKED       0x01u
#define LONG         0x02u /* its two lengths have four bytes each, not one */
#define LEVEL(flags) ((flags) >> 2 & 3)

#define TAIL 10u /* so many bytes from the end on there are no matches any more */

struct piece {
	const uint8_t *in, *in_end;
	uint8_t *out;
	size_t done, size;
	uint32_t controls; /* a bit for each step, from the lowest, closed by a 1 above the last */
};

static bool read_head(struct piece *p, uint32_t *flags)
{
	const size_t room = (size_t)(p->in_end - p->in);
	size_t head, packed;

	if (room < 3)
		return false;
	*flags = p->in[0];
	head = *flags & LONG ? 9 : 3;
	if (room < head)
		return false;
	packed = *flags & LONG ? le32(p->in + 1) : p->in[1];
	p->size = *flags & LONG ? le32(p->in + 5) : p->in[2];
	if (packed < head || packed > room || p->size > QUICKLZ_PIECE)
		return false;
	p->in_end = p->in + packed;
	p->in += head;
	return true;
}

/* What comes next, as a number; zeros behind the end. */
static uint32_t fetch(const struct piece *p)
{
	uint8_t bytes[4] = { 0 };
	const size_t room = (size_t)(p->in_end - p->in);

	memcpy(bytes, p->in, room < 4 ? room : 4);
	return le32(bytes);
}

static bool skip(struct piece *p, size_t n)
{
	if ((size_t)(p->in_end - p->in) < n)
		return false;
	p->in += n;
	return true;
}

/* A distance and a length, in one to four bytes; the lowest bits tell which. */
static bool match(struct piece *p)
{
	const uint32_t word = fetch(p);
	size_t distance, length, bytes;

	if ((word & 3) == 0) {
		distance = (word & 0xff) >> 2;
		length = 3;
		bytes = 1;
	} else if ((word & 2) == 0) {
		distance = (word & 0xffff) >> 2;
		length = 3;
		bytes = 2;
	} else if ((word & 1) == 0) {
		distance = (word & 0xffff) >> 6;
		length = (word >> 2 & 0xf) + 3;
		bytes = 2;
	} else if ((word & 0x7f) != 3) {
		distance = word >> 7 & 0x1ffff;
		length = (word >> 2 & 0x1f) + 2;
		bytes = 3;
	} else {
		distance = word >> 15;
		length = (word >> 7 & 0xff) + 3;
		bytes = 4;
	}
	if (!skip(p, bytes) || distance == 0 || distance > p->done || length > p->size - p->done)
		return false;
	for (; length > 0; length--, p->done++)
		p->out[p->done] = p->out[p->done - distance];
	return true;
}

static bool literal(struct piece *p)
{
	if (p->in == p->in_end)
		return false;
	p->out[p->done++] = *p->in++;
	return true;
}

/* Only literals, but the words of controls still stand between them. */
static bool tail(struct piece *p)
{
	while (p->done < p->size) {
		if (p->controls == 1) {
			if (!skip(p, 4))
				return false;
			p->controls = 1u << 31;
		}
		if (!literal(p))
			return false;
		p->controls >>= 1;
	}
	return true;
}

static bool unpack(struct piece *p)
{
	p->controls = 1;
	while (p->done < p->size) {
		if (p->controls == 1) {
			p->controls = fetch(p);
			if (!skip(p, 4) || p->controls == 0)
				return false;
		}
		if (!(p->controls & 1) && p->done + TAIL >= p->size - 1)
			return tail(p);
		if (!(p->controls & 1 ? match(p) : literal(p)))
			return false;
		p->controls >>= 1;
	}
	return true;
}

bool quicklz_unpack(const uint8_t *in, size_t len, uint8_t *out, size_t *out_len)
{
	struct piece p = { .in = in, .in_end = in + len, .out = out };
	uint32_t flags;

	if (!read_head(&p, &flags))
		return false;
	if (!(flags & PACKED)) {
		if ((size_t)(p.in_end - p.in) != p.size)
			return false;
		memcpy(out, p.in, p.size);
	} else if (LEVEL(flags) != 3 || p.size == 0 || !unpack(&p)) {
		return false;
	}
	*out_len = p.size;
	return true;
}
