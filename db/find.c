#include "find.h"

#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "auto.h"
#include "content_map.h"

#define PIECE 64 /* sectors in a transaction */

/* What is known of a block; four bits. */
enum fact {
	FACT_KNOWN = 1,
	FACT_HAS = 2,   /* the needle is in it */
	FACT_OPENS = 4, /* its end is a beginning of the needle */
	FACT_CLOSES = 8 /* its beginning is an end of the needle */
};

struct finder {
	struct db db;
	struct needle needle;
	uint64_t reads;
	size_t bytes;   /* of facts */
	uint8_t *facts; /* two blocks a byte */
};

struct finder *finder_open(const char *path, const struct needle *needle, struct err *e)
{
	AUTO(auto_free) struct finder *f = calloc(1, sizeof *f);

	if (!f) {
		err_set(e, ERR_MEMORY, "out of memory for a search");
		return NULL;
	}
	f->needle = *needle;
	return db_open_to_read(&f->db, path, e) < 0 ? NULL : TAKE(f);
}

void finder_close(struct finder *f)
{
	if (!f)
		return;
	db_close(&f->db);
	free(f->facts);
	free(f);
}

bool finder_is_for(const struct finder *f, const struct needle *needle)
{
	return f->needle.len == needle->len && !memcmp(f->needle.bytes, needle->bytes, needle->len);
}

uint64_t finder_reads(const struct finder *f)
{
	return f->reads;
}

/* ---- facts */

static unsigned recall(const struct finder *f, uint32_t block)
{
	return block / 2 < f->bytes ? (unsigned)f->facts[block / 2] >> block % 2 * 4 & 15u : 0;
}

static int remember(struct finder *f, uint32_t block, unsigned facts, struct err *e)
{
	const size_t wanted = (size_t)block / 2 + 1;

	if (wanted > f->bytes) {
		const size_t bytes = wanted + wanted / 2 + 256;
		uint8_t *more = realloc(f->facts, bytes);

		if (!more)
			return err_set(e, ERR_MEMORY, "out of memory for a search");
		memset(more + f->bytes, 0, bytes - f->bytes);
		f->facts = more;
		f->bytes = bytes;
	}
	f->facts[block / 2] |= (uint8_t)(facts << block % 2 * 4);
	return 0;
}

/* Does some end of these bytes, shorter than the needle, begin it? */
static bool opens(const struct needle *n, const uint8_t *bytes, size_t len)
{
	for (size_t k = 1; k < n->len && k <= len; k++)
		if (!memcmp(bytes + len - k, n->bytes, k))
			return true;
	return false;
}

static bool closes(const struct needle *n, const uint8_t *bytes, size_t len)
{
	for (size_t k = 1; k < n->len && k <= len; k++)
		if (!memcmp(bytes, n->bytes + n->len - k, k))
			return true;
	return false;
}

static unsigned learn(const struct needle *n, const uint8_t *bytes, size_t len)
{
	unsigned facts = FACT_KNOWN;

	facts |= memmem(bytes, len, n->bytes, n->len) ? FACT_HAS : 0;
	facts |= opens(n, bytes, len) ? FACT_OPENS : 0;
	return facts | (closes(n, bytes, len) ? FACT_CLOSES : 0);
}

/* ---- one content */

/* A sector on the way, and the one before it. */
struct sight {
	uint64_t sector;
	unsigned facts;
	bool loaded, damaged;
	size_t len;
	uint8_t bytes[ARCHIVE_BLOCK];
};

struct look {
	struct finder *f;
	struct map_walk walk;
	uint64_t from;
	struct found *found;
	struct sight *before, *here;
};

static bool is_full(const struct look *l)
{
	return l->found->more;
}

static void note(struct look *l, uint64_t at)
{
	if (at < l->from || is_full(l))
		return;
	if (l->found->n == l->found->max)
		l->found->more = true;
	else
		l->found->at[l->found->n++] = at;
}

/* -1 only for want of memory: what is damaged has nothing, and is counted. */
static int load(struct look *l, struct sight *s, struct err *e)
{
	if (s->loaded || s->damaged)
		return 0;
	s->len = map_walk_size(&l->walk, s->sector);
	if (map_walk_read(&l->walk, s->sector, s->bytes, e) < 0) {
		if (e->code == ERR_MEMORY)
			return -1;
		s->damaged = true;
		s->facts = 0;
		l->found->unreadable++;
		return 0;
	}
	l->f->reads += l->walk.block != BLOCK_ERASED;
	s->loaded = true;
	return 0;
}

/* An erased block at the end of a content may be shorter than others: nothing is remembered of it. */
static int see(struct look *l, struct sight *s, struct err *e)
{
	uint32_t block = 0;

	s->loaded = s->damaged = false;
	s->facts = 0;
	if (map_walk_block(&l->walk, s->sector, &block, e) == 0)
		s->facts = recall(l->f, block);
	if (s->facts)
		return 0;
	if (load(l, s, e) < 0)
		return -1;
	if (s->damaged)
		return 0;
	s->facts = learn(&l->f->needle, s->bytes, s->len);
	return block == BLOCK_ERASED && s->len < ARCHIVE_BLOCK ? 0
							       : remember(l->f, block, s->facts, e);
}

static void list(struct look *l, const uint8_t *bytes, size_t len, uint64_t at)
{
	const struct needle *n = &l->f->needle;

	for (const uint8_t *p = bytes; !is_full(l); p++) {
		p = memmem(p, len - (size_t)(p - bytes), n->bytes, n->len);
		if (!p)
			return;
		note(l, at + (uint64_t)(p - bytes));
	}
}

/* The last bytes of the one before and the first of this one: one less than the needle of each. */
static int list_across(struct look *l, struct err *e)
{
	const size_t n = l->f->needle.len - 1;
	uint8_t both[2 * FIND_MOST];
	size_t tail, head;

	if (load(l, l->before, e) < 0 || load(l, l->here, e) < 0)
		return -1;
	if (!l->before->loaded || !l->here->loaded)
		return 0;
	tail = l->before->len < n ? l->before->len : n;
	head = l->here->len < n ? l->here->len : n;
	memcpy(both, l->before->bytes + l->before->len - tail, tail);
	memcpy(both + tail, l->here->bytes, head);
	list(l, both, tail + head, l->here->sector * ARCHIVE_BLOCK - tail);
	return 0;
}

static int look_at(struct look *l, bool has_before, struct err *e)
{
	if (see(l, l->here, e) < 0)
		return -1;
	if (has_before && l->before->facts & FACT_OPENS && l->here->facts & FACT_CLOSES &&
	    list_across(l, e) < 0)
		return -1;
	if (!(l->here->facts & FACT_HAS) || is_full(l))
		return 0;
	if (load(l, l->here, e) < 0)
		return -1;
	if (l->here->loaded)
		list(l, l->here->bytes, l->here->len, l->here->sector * ARCHIVE_BLOCK);
	return 0;
}

/* The sectors from *at on; the one before was seen, if it is not the first. *more is false at the end. */
static int look_at_piece(struct look *l, int64_t id, uint64_t *at, bool *more, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&l->f->db);
	const uint64_t first = *at, start = l->from / ARCHIVE_BLOCK;
	struct content content;
	int result = 0;

	*more = false;
	if (content_get(&tx, id, &content, e) < 0)
		return e->code == ERR_MEMORY ? -1 : 0;
	const uint64_t end = (content.size + ARCHIVE_BLOCK - 1) / ARCHIVE_BLOCK;

	l->walk = map_walk_open(&tx, id, content.size);
	for (; result == 0 && *at < end && *at < first + PIECE && !is_full(l); ++*at) {
		struct sight *const spare = l->before;

		l->before = l->here;
		l->here = spare;
		l->here->sector = *at;
		result = look_at(l, *at > start, e);
	}
	map_walk_close(&l->walk);
	*more = *at < end && !is_full(l);
	return result;
}

int finder_look(struct finder *f, int64_t content, uint64_t from, struct found *found,
		struct err *e)
{
	AUTO(auto_free) struct sight *two = calloc(2, sizeof *two);
	struct look l = {
		.f = f, .from = from, .found = found, .before = two, .here = two ? two + 1 : NULL
	};
	uint64_t at = from / ARCHIVE_BLOCK;

	found->n = 0;
	found->more = false;
	found->unreadable = 0;
	if (!two)
		return err_set(e, ERR_MEMORY, "out of memory for a search");
	for (bool more = true; more;)
		if (look_at_piece(&l, content, &at, &more, e) < 0)
			return -1;
	return 0;
}
