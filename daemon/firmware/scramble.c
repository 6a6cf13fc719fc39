#include "scramble.h"

#include "auto.h"
#include "bytes.h"

#define LDR_PC 0xe59ff014u /* "ldr pc, [pc, #20]": words 1 to 7 of every vector table */

/* Bits of the last word of a key. */
#define OFF_15     0x01u
#define OFF_16     0x02u
#define OFF_32     0x04u
#define OFF_KEY    0x08u
#define SWAP_LOW   0x20u
#define SWAP_HIGH  0x40u
#define SELECT_16  8
#define SELECT_32  11
#define NOT_BYPASS 0x55000000u

static const struct scramble_known known[] = {
	{ "tuya", "Tuya and most others", { { 0x510fb093, 0xa3cbeadc, 0x5993a17e, 0xc7adeb03 } } },
	{ "zero", "none: the code stands in clear", { { 0, 0, 0, 0 } } },
	{ "uascent", "Uascent", { { 0x4862379a, 0x8612784b, 0x85c5e258, 0x75754528 } } },
};

const struct scramble_known *scramble_known(size_t *n)
{
	*n = ARRAY_LEN(known);
	return known;
}

/* ---- the stream */

static uint32_t ror32(uint32_t x, unsigned n)
{
	return n ? x >> n | x << (32 - n) : x;
}

static uint32_t swap16(uint32_t x)
{
	return (x << 8 | x >> 8) & 0xffff;
}

static uint32_t stage_15(uint32_t x)
{
	const uint32_t turned = (x >> 7 | x << 9) & 0xffff;

	return turned ^ (0x6371 & 0x1111 * (x >> 5 & 0xf));
}

/* 17 bits. */
static uint32_t stage_16(uint32_t x)
{
	const uint32_t turned = (x << 7 | x >> 10) & 0x1ffff;
	const uint32_t n =
		(x >> 13 & 1) | (x >> 9 & 1) << 1 | (x >> 5 & 1) << 2 | (x >> 1 & 1) << 3;

	return turned ^ (0x13659 & ((x >> 4 & 1) << 16 | 0x1111 * n));
}

static uint32_t stage_32(uint32_t x)
{
	return (x << 17 | x >> 15) ^ (0xe519a4f1 & 0x11111111 * (x >> 2 & 0xf));
}

static uint32_t word_15(const uint32_t k[4], uint32_t addr)
{
	const uint32_t high = k[3] & SWAP_HIGH ? swap16(addr >> 16) : addr >> 16;
	const uint32_t low = k[3] & SWAP_LOW ? swap16(addr & 0xffff) : addr & 0xffff;

	return stage_15(high ^ low ^ k[1] >> 16) << 16;
}

static uint32_t word_16(const uint32_t k[4], uint32_t addr)
{
	const uint32_t mask = (k[1] >> 8 & 0xff) << 9 | (k[3] >> 4 & 1) << 8 | (k[1] & 0xff);

	return stage_16((addr >> (k[3] >> SELECT_16 & 3) & 0x1ffff) ^ mask) & 0xffff;
}

static uint32_t word_32(const uint32_t k[4], uint32_t addr)
{
	return stage_32(ror32(addr, 8 * (k[3] >> SELECT_32 & 3)) ^ k[0]);
}

static bool bypasses(const uint32_t k[4])
{
	return k[3] >> 24 == 0 || k[3] >> 24 == 0xff;
}

uint32_t scramble_word(const struct scramble_key *key, uint32_t addr)
{
	const uint32_t *k = key->k;
	uint32_t word = 0;

	if (bypasses(k))
		return 0;
	if (!(k[3] & OFF_15))
		word ^= word_15(k, addr);
	if (!(k[3] & OFF_16))
		word ^= word_16(k, addr);
	if (!(k[3] & OFF_32))
		word ^= word_32(k, addr);
	return k[3] & OFF_KEY ? word : word ^ k[2];
}

void scramble_apply(const struct scramble_key *key, uint32_t addr, uint8_t *bytes, size_t len)
{
	if (bypasses(key->k))
		return;
	for (size_t at = 0; at + 4 <= len; at += 4)
		put_le32(bytes + at, le32(bytes + at) ^ scramble_word(key, addr + (uint32_t)at));
}

/* ---- names */

/* Addresses at which two different streams differ: every bit alone, and some together. */
static bool same_stream(const struct scramble_key *a, const struct scramble_key *b)
{
	for (uint32_t bit = 2; bit < 32; bit++)
		if (scramble_word(a, 1u << bit) != scramble_word(b, 1u << bit) ||
		    scramble_word(a, 0x12345678u ^ 1u << bit) !=
			    scramble_word(b, 0x12345678u ^ 1u << bit))
			return false;
	return scramble_word(a, 0) == scramble_word(b, 0);
}

bool scramble_is_clear(const struct scramble_key *key)
{
	return same_stream(key, &(struct scramble_key){ { 0 } });
}

const char *scramble_name(const struct scramble_key *key)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (same_stream(key, &known[i].key))
			return known[i].name;
	return NULL;
}

/* ---- finding */

static bool is_table(const struct scramble_key *key, const struct scramble_sample *sample)
{
	for (uint32_t at = 4; at < 32; at += 4)
		if ((le32(sample->block + at) ^ scramble_word(key, sample->addr + at)) != LDR_PC)
			return false;
	return true;
}

bool scramble_fits(const struct scramble_key *key, const struct scramble_sample *sample, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_table(key, &sample[i]))
			return false;
	return n > 0;
}

bool scramble_find_known(const struct scramble_sample *sample, size_t n, struct scramble_key *key)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (scramble_fits(&known[i].key, sample, n)) {
			*key = known[i].key;
			return true;
		}
	return false;
}

/* The selectors of one stage: 0 to 3, or off. */
#define CHOICES 5

static uint32_t selectors(unsigned s15, unsigned s16, unsigned s32)
{
	uint32_t bits = NOT_BYPASS;

	bits |= s15 < 4 ? s15 << 5 : OFF_15;
	bits |= s16 < 4 ? s16 << SELECT_16 : OFF_16;
	return bits | (s32 < 4 ? s32 << SELECT_32 : OFF_32);
}

/* Under some selectors the stream stands still for a block: then any block of equal words is a table. */
static bool tells_nothing(const uint8_t *block)
{
	for (size_t at = 8; at < 32; at += 4)
		if (le32(block + at) != le32(block + 4))
			return false;
	return true;
}

/*
 * The stages are linear over XOR, so whatever the first two words of the true key are, they fold
 * into the third: with the right selectors, one word of one table tells it.
 */
bool scramble_find(const struct scramble_sample *sample, size_t n, struct scramble_key *key)
{
	if (n == 0)
		return false;
	if (scramble_find_known(sample, n, key))
		return true;
	if (n == 1 && tells_nothing(sample->block))
		return false;
	/* Not with all off: no chip is set so. */
	for (unsigned i = 0; i < CHOICES * CHOICES * CHOICES - 1; i++) {
		struct scramble_key try = { { 0 } };

		try.k[3] = selectors(i % CHOICES, i / CHOICES % CHOICES, i / CHOICES / CHOICES);
		try.k[2] = le32(sample->block + 4) ^ scramble_word(&try, sample->addr + 4) ^ LDR_PC;
		if (!scramble_fits(&try, sample, n))
			continue;
		*key = try;
		return true;
	}
	return false;
}
