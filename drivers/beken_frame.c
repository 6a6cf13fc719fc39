#include "beken_frame.h"

#include <assert.h>
#include <string.h>

#define SHORT_HEAD 6u  /* 04 0E L 01 E0 FC */
#define LONG_HEAD  11u /* up to and with the status */
#define LONG_FIXED 9u  /* bytes that its length does not count */
#define LONG_MARK  0xf4

static const uint8_t command_head[] = { 0x01, 0xe0, 0xfc };
static const uint8_t event_head[] = { 0x04, 0x0e };

void beken_put32(uint8_t *at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

uint32_t beken_get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

size_t beken_short_command(uint8_t *buf, uint8_t op, const uint8_t *payload, size_t len)
{
	assert(len < 16); /* more than that overruns the loader's own buffer */
	memcpy(buf, command_head, sizeof command_head);
	buf[3] = (uint8_t)(len + 1);
	buf[4] = op;
	if (len > 0)
		memcpy(buf + 5, payload, len);
	return len + 5;
}

size_t beken_long_command(uint8_t *buf, uint8_t op, const uint8_t *payload, size_t len)
{
	assert(len <= BEKEN_FRAME_DATA);
	memcpy(buf, command_head, sizeof command_head);
	buf[3] = 0xff;
	buf[4] = LONG_MARK;
	buf[5] = (uint8_t)(len + 1);
	buf[6] = (uint8_t)((len + 1) >> 8);
	buf[7] = op;
	if (len > 0)
		memcpy(buf + 8, payload, len);
	return len + 8;
}

/* ---- replies */

static void drop(struct beken_parser *p, size_t n)
{
	p->len -= n;
	memmove(p->buf, p->buf + n, p->len);
}

static void skip(struct beken_parser *p, size_t n)
{
	p->skipped += n;
	drop(p, n);
}

/* True as long as what is there may be the beginning of a reply. */
static bool begins_well(const struct beken_parser *p)
{
	const uint8_t *b = p->buf;
	const size_t n = p->len;

	for (size_t i = 0; i < sizeof event_head && i < n; i++)
		if (b[i] != event_head[i])
			return false;
	for (size_t i = 0; i < sizeof command_head && 3 + i < n; i++)
		if (b[3 + i] != command_head[i])
			return false;
	return n < 3 || b[2] >= 4;
}

/*
 * Of a long reply. GetMID says 5 in some boot ROMs and sends 6. 0: no length that a loader sends.
 */
static size_t long_total(const uint8_t *b)
{
	size_t len = b[7] | (size_t)b[8] << 8;

	if (b[9] == BEKEN_GET_MID && len == 5)
		len = 6;
	return len < 2 || len > BEKEN_FRAME_DATA + 2 ? 0 : len + LONG_FIXED;
}

/* Of what is at the beginning: 0 when it is not known yet; *bad when it is no frame. */
static size_t total(const struct beken_parser *p, bool *bad)
{
	const uint8_t *b = p->buf;
	size_t n = 0;

	*bad = !begins_well(p);
	if (*bad || p->len < SHORT_HEAD)
		return 0;
	if (b[2] != 0xff)
		return 3u + b[2];
	if (p->len > SHORT_HEAD && b[6] != LONG_MARK)
		*bad = true;
	if (*bad || p->len < LONG_HEAD)
		return 0;
	n = long_total(b);
	*bad = n == 0;
	return n;
}

static void fill(const struct beken_parser *p, size_t n, struct beken_frame *frame)
{
	const uint8_t *b = p->buf;

	if (b[2] == 0xff)
		*frame = (struct beken_frame){ .is_long = true,
					       .op = b[9],
					       .status = b[10],
					       .payload = b + LONG_HEAD,
					       .len = n - LONG_HEAD };
	else
		*frame = (struct beken_frame){ .op = b[6], .payload = b + 7, .len = n - 7 };
}

size_t beken_parser_feed(struct beken_parser *p, const uint8_t *bytes, size_t n)
{
	drop(p, p->taken);
	p->taken = 0;
	if (n > sizeof p->buf - p->len)
		n = sizeof p->buf - p->len;
	memcpy(p->buf + p->len, bytes, n);
	p->len += n;
	return n;
}

bool beken_parser_next(struct beken_parser *p, struct beken_frame *frame)
{
	drop(p, p->taken);
	p->taken = 0;
	while (p->len > 0) {
		bool bad;
		const size_t n = total(p, &bad);

		if (bad) {
			const uint8_t *next = memchr(p->buf + 1, event_head[0], p->len - 1);

			skip(p, next ? (size_t)(next - p->buf) : p->len);
			continue;
		}
		if (n == 0 || n > p->len)
			return false;
		fill(p, n, frame);
		p->taken = n;
		return true;
	}
	return false;
}

bool beken_parser_give_up(struct beken_parser *p)
{
	drop(p, p->taken);
	p->taken = 0;
	if (p->len > 0)
		skip(p, 1);
	return p->len > 0;
}

void beken_parser_clear(struct beken_parser *p)
{
	p->len = p->taken = 0;
}

/* ---- the sum */

static uint32_t crc_byte(uint32_t crc)
{
	for (int bit = 0; bit < 8; bit++)
		crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	return crc;
}

uint32_t beken_crc(uint32_t crc, const uint8_t *bytes, size_t len)
{
	uint32_t table[256];

	for (uint32_t i = 0; i < 256; i++)
		table[i] = crc_byte(i);
	for (size_t i = 0; i < len; i++)
		crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
	return crc;
}
