/*
 * What comes with an import: a tar in pieces of any size, and the sidecars in it. Whatever it is,
 * it is files one after the other or an error.
 */
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "sidecar.h"
#include "tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counter {
	struct tar_reader tar; /* first */
	bool in_file;
	uint64_t left;
	size_t len;
	char text[4096];
};

static int begin(struct tar_reader *tar, const char *name, uint64_t size, struct err *e)
{
	struct counter *c = (struct counter *)tar;

	(void)e;
	if (c->in_file || strlen(name) >= TAR_NAME)
		abort();
	c->in_file = true;
	c->left = size;
	c->len = 0;
	return 0;
}

static int data_came(struct tar_reader *tar, const uint8_t *bytes, size_t len, struct err *e)
{
	struct counter *c = (struct counter *)tar;
	const size_t room = sizeof c->text - 1 - c->len, n = len < room ? len : room;

	(void)e;
	if (!c->in_file || len == 0 || len > c->left)
		abort();
	memcpy(c->text + c->len, bytes, n);
	c->len += n;
	c->left -= len;
	return 0;
}

static int end(struct tar_reader *tar, struct err *e)
{
	struct counter *c = (struct counter *)tar;
	AUTO(auto_free) struct sidecar *s = calloc(1, sizeof *s);
	struct err why;

	(void)e;
	if (!c->in_file || c->left != 0)
		abort();
	c->in_file = false;
	c->text[c->len] = '\0';
	if (s && sidecar_read(c->text, c->len, s, &why) == 0 &&
	    (s->dump.tags > DUMP_TAGS || s->dump.unstables > DUMP_UNSTABLE || s->dump.id != 0))
		abort();
	return 0;
}

static int other(struct tar_reader *tar, const char *name, struct err *e)
{
	(void)name, (void)e;
	if (((struct counter *)tar)->in_file)
		abort();
	return 0;
}

static const struct tar_ops ops = { begin, data_came, end, other };

/* The sums of heads are made right for one half of the inputs: else few would get behind them. */
static void mend(uint8_t *head)
{
	unsigned sum = 8 * ' ';
	char text[8];

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? 0 : head[i];
	for (int i = 5; i >= 0; i--, sum >>= 3)
		text[i] = (char)('0' + (sum & 7));
	memcpy(head + 148, text, 6);
	head[154] = '\0';
	head[155] = ' ';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(auto_free) struct counter *c = calloc(1, sizeof *c);
	AUTO(auto_free) uint8_t *copy = malloc(size + 1);
	const size_t piece = size ? 1 + (size_t)data[0] * 7 : 1;
	struct err e;

	if (!c || !copy)
		return 0;
	memcpy(copy, data, size);
	for (size_t at = 1; size && data[0] & 1 && at + TAR_BLOCK <= size; at += TAR_BLOCK)
		if (copy[at] && copy[at] != '{')
			mend(copy + at);
	c->tar.ops = &ops;
	for (size_t at = 1, n; at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		if (tar_feed(&c->tar, copy + at, n, &e) < 0)
			return 0;
	}
	(void)!tar_finish(&c->tar, &e);
	return 0;
}
