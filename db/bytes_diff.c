#include "bytes_diff.h"

#include <assert.h>
#include <stdlib.h>

#include "archive.h"
#include "auto.h"

/* A window of one content; what is behind its end is not there. */
struct window {
	size_t len;
	uint8_t bytes[BYTES_WINDOW];
};

static int load(struct tx *tx, int64_t id, const struct diff_range *where, struct window *w,
		uint64_t *size, struct err *e)
{
	struct content content;

	if (content_get(tx, id, &content, e) < 0)
		return -1;
	*size = content.size;
	w->len = 0;
	if (where->offset >= content.size)
		return 0;
	w->len = (size_t)where->length;
	if (content.size - where->offset < where->length)
		w->len = (size_t)(content.size - where->offset);
	return content_read(tx, id, where->offset, w->bytes, w->len, e);
}

static bool differs(const struct window w[2], size_t i)
{
	if (i >= w[0].len || i >= w[1].len)
		return true;
	return w[0].bytes[i] != w[1].bytes[i];
}

static size_t list(const struct window w[2], uint64_t offset, struct diff_range *ranges)
{
	const size_t end = w[0].len > w[1].len ? w[0].len : w[1].len;
	size_t n = 0;

	for (size_t i = 0; i < end; i++) {
		if (!differs(w, i))
			continue;
		if (i > 0 && n > 0 && ranges[n - 1].offset + ranges[n - 1].length == offset + i)
			ranges[n - 1].length++;
		else
			ranges[n++] = (struct diff_range){ .offset = offset + i, .length = 1 };
	}
	return n;
}

int content_diff_bytes(struct tx *tx, const int64_t ids[2], const struct diff_range *window,
		       struct diff_range *ranges, size_t *n, struct err *e)
{
	AUTO(auto_free) struct window *w = calloc(2, sizeof *w);
	uint64_t size[2];

	assert(window->length > 0 && window->length <= BYTES_WINDOW);
	if (!w)
		return err_set(e, ERR_MEMORY, "out of memory for a comparison");
	for (int i = 0; i < 2; i++)
		if (load(tx, ids[i], window, &w[i], &size[i], e) < 0)
			return -1;
	if (window->offset >= size[0] && window->offset >= size[1])
		return err_set(e, ERR_BAD_RANGE, "the longer of the two has %llu bytes",
			       (unsigned long long)(size[0] > size[1] ? size[0] : size[1]));
	*n = list(w, window->offset, ranges);
	return 0;
}
