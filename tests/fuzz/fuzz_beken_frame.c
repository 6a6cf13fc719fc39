/*
 * Any bytes at all from a loader: in pieces of any size, with any number of times at which the
 * reader gives up waiting. Frames never reach outside of what came in, and it always ends.
 */
#include <assert.h>
#include <string.h>

#include "beken_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frame(const struct beken_parser *p, const struct beken_frame *f)
{
	assert(f->payload >= p->buf && f->payload + f->len <= p->buf + p->len);
	assert(f->len <= BEKEN_FRAME_DATA);
	assert(f->is_long || f->len <= 251);
}

static void take_all(struct beken_parser *p)
{
	struct beken_frame f;

	while (beken_parser_next(p, &f))
		check_frame(p, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct beken_parser parser;
	struct beken_parser *p = &parser;
	size_t at = 0;

	memset(p, 0, sizeof *p);
	while (at < size) {
		const size_t piece = data[at] % 64u + 1, left = size - at - 1;
		const bool give_up = data[at] >= 0xf0;

		at++;
		for (size_t n = piece < left ? piece : left, fed; n > 0; n -= fed, at += fed) {
			fed = beken_parser_feed(p, data + at, n);
			assert(fed > 0); /* whole frames were taken: there is always room */
			take_all(p);
		}
		while (give_up && beken_parser_give_up(p))
			take_all(p);
	}
	while (beken_parser_give_up(p))
		take_all(p);
	assert(p->len == 0);
	return 0;
}
