#include "wanted.h"

#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "auto.h"

static int read_content(struct wanted *w, int64_t content, uint32_t at, uint8_t *buf, size_t len,
			struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(w->db);

	return content_read(&tx, content, at, buf, len, e);
}

/* What was asked for. */
static int read_asked(struct wanted *w, uint32_t addr, uint8_t *buf, size_t len, struct err *e)
{
	const uint32_t at = addr - w->start;
	size_t stored = 0;

	if (w->content >= 0 && at < w->content_len)
		stored = w->content_len - at < len ? w->content_len - at : len;
	if (stored > 0 && read_content(w, w->content, at, buf, stored, e) < 0)
		return -1;
	memset(buf + stored, w->fill, len - stored);
	return 0;
}

/* How much of what begins at addr is one or the other. */
static size_t same_kind(const struct wanted *w, uint32_t addr, size_t len, bool *asked)
{
	for (size_t i = 0; i < w->n_asked; i++) {
		const uint32_t from = w->asked[i].addr, to = from + w->asked[i].len;

		*asked = addr >= from && addr < to;
		if (*asked)
			return to - addr < len ? to - addr : len;
		if (addr < from)
			return from - addr < len ? from - addr : len;
	}
	*asked = false;
	return len;
}

static int read_mixed(struct wanted *w, uint32_t addr, uint8_t *buf, size_t len, struct err *e)
{
	for (size_t done = 0, n; done < len; done += n) {
		const uint32_t at = addr + (uint32_t)done;
		bool asked;

		n = same_kind(w, at, len - done, &asked);
		if (asked ? read_asked(w, at, buf + done, n, e) < 0
			  : read_content(w, w->around, at, buf + done, n, e) < 0)
			return -1;
	}
	return 0;
}

int wanted_read(struct nor_source *source, uint32_t addr, uint8_t *buf, size_t len, struct err *e)
{
	struct wanted *w = (struct wanted *)source;

	if (w->around < 0 ? read_asked(w, addr, buf, len, e) < 0
			  : read_mixed(w, addr, buf, len, e) < 0)
		return err_prefix(e, "reading what shall be at 0x%x: ", addr);
	return 0;
}

static void merge(struct wanted *w, size_t i)
{
	struct wanted_span *a = &w->span[i], *b = &w->span[i + 1];
	const uint32_t end = b->addr + b->len;

	if (end > a->addr + a->len)
		a->len = end - a->addr;
	w->spans--;
	memmove(b, b + 1, (w->spans - i - 1) * sizeof *b);
}

void wanted_widen(struct wanted *w, size_t i, struct wanted_span span, int64_t around)
{
	w->around = around;
	w->span[i] = span;
	while (i + 1 < w->spans && w->span[i + 1].addr <= w->span[i].addr + w->span[i].len)
		merge(w, i);
	while (i > 0 && w->span[i].addr <= w->span[i - 1].addr + w->span[i - 1].len)
		merge(w, --i);
}

/* Takes [from, to) out of the spans. */
static int cut(struct wanted *w, uint64_t from, uint64_t to, struct err *e)
{
	struct wanted_span kept[WANTED_SPANS + 1];
	size_t n = 0;

	for (size_t i = 0; i < w->spans; i++) {
		const uint64_t a = w->span[i].addr, b = a + w->span[i].len;
		const uint64_t left = from < b ? from : b, right = to > a ? to : a;

		if (n + 2 > WANTED_SPANS + 1)
			return err_set(e, ERR_UNPROCESSABLE, "preserve: too many ranges");
		if (left > a)
			kept[n++] = (struct wanted_span){ (uint32_t)a, (uint32_t)(left - a) };
		if (right < b)
			kept[n++] = (struct wanted_span){ (uint32_t)right, (uint32_t)(b - right) };
	}
	if (n > WANTED_SPANS)
		return err_set(e, ERR_UNPROCESSABLE, "preserve: too many ranges");
	memcpy(w->span, kept, n * sizeof *kept);
	w->spans = n;
	return 0;
}

/* The next "offset+length" of the text, which is our own writing (the store's), not a client's. */
static bool next_range(const char **text, uint64_t *offset, uint64_t *length)
{
	char *end;

	*offset = strtoull(*text, &end, 10);
	if (*end != '+')
		return false;
	*length = strtoull(end + 1, &end, 10);
	*text = end;
	return true;
}

int wanted_set_spans(struct wanted *w, const char *preserve, struct err *e)
{
	uint64_t offset, length;

	w->span[0] = (struct wanted_span){ w->start, w->len };
	w->spans = 1;
	while (next_range(&preserve, &offset, &length))
		if (cut(w, offset, offset + length, e) < 0)
			return -1;
	if (w->spans == 0)
		return err_set(e, ERR_UNPROCESSABLE, "preserve: nothing is left to write");
	memcpy(w->asked, w->span, sizeof w->asked);
	w->n_asked = w->spans;
	w->around = -1;
	return 0;
}

bool wanted_outside(const struct wanted *w, uint32_t chip, size_t i, struct wanted_span *out)
{
	uint32_t from = 0;

	for (size_t k = 0; k <= w->spans; k++) {
		const uint32_t to = k < w->spans ? w->span[k].addr : chip;

		if (to > from && i-- == 0) {
			*out = (struct wanted_span){ from, to - from };
			return true;
		}
		if (k < w->spans)
			from = to + w->span[k].len;
	}
	return false;
}
