#include "sfdp_space.h"

const uint32_t space_w25q32[16] = { 0xfff120e5, 0x01ffffff, 0x6b08eb44, 0xbb423b08, 0xfffffffe,
				    0x0000ffff, 0x0000ffff, 0x520f200c, 0x0000d810 };

static void put32(struct sfdp_space *s, size_t at, uint32_t word)
{
	for (size_t i = 0; i < 4; i++)
		s->bytes[at + i] = (uint8_t)(word >> 8 * i);
	s->len = at + 4 > s->len ? at + 4 : s->len;
}

void space_header(struct sfdp_space *s, size_t number, uint16_t id, uint32_t dwords, uint32_t at)
{
	put32(s, 8 * number, (id & 0xffu) | 5u << 8 | 1u << 16 | dwords << 24);
	put32(s, 8 * number + 4, at | (uint32_t)(id >> 8) << 24);
}

void space_words(struct sfdp_space *s, size_t at, const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put32(s, at + 4 * i, words[i]);
}

struct sfdp_space sfdp_space(const uint32_t *bfpt, uint32_t dwords, uint32_t headers)
{
	struct sfdp_space s = { .len = 0 };

	put32(&s, 0, 0x50444653);
	put32(&s, 4, 0xff000105 | (headers - 1) << 16);
	space_header(&s, 1, 0xff00, dwords, SPACE_BFPT);
	space_words(&s, SPACE_BFPT, bfpt, dwords);
	return s;
}
