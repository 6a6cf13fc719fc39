#include "lookup.h"

#include "auto.h"

static int find(struct tx *tx, const char *sql, const struct lookup *lookup, struct page *page,
		int64_t *ids, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	if (lookup->has_sha256) {
		stmt_blob(&s, lookup->sha256, sizeof lookup->sha256);
	} else {
		stmt_int(&s, lookup->crc32);
		stmt_int(&s, (int64_t)lookup->size);
	}
	stmt_int(&s, (int64_t)page->max);
	for (page->n = 0; page->n < page->max && stmt_row(&s);)
		ids[page->n++] = stmt_col_int(&s, "id");
	return stmt_end(&s, e);
}

#define FIND(table, what) \
	"SELECT " table ".id AS id FROM content JOIN " table " ON " table ".content = content.id" \
	" WHERE content.complete = 1 AND " what " ORDER BY " table ".id DESC LIMIT ?"
#define BY_SHA256 "content.sha256 = ?"
#define BY_CRC32  "content.crc32 = ? AND content.size = ?"

int lookup_dumps(struct tx *tx, const struct lookup *lookup, int64_t *ids, size_t max, size_t *n,
		 struct err *e)
{
	struct page page = { .max = max };

	if (find(tx, lookup->has_sha256 ? FIND("dump", BY_SHA256) : FIND("dump", BY_CRC32), lookup,
		 &page, ids, e) < 0)
		return -1;
	*n = page.n;
	return 0;
}

int lookup_images(struct tx *tx, const struct lookup *lookup, int64_t *ids, size_t max, size_t *n,
		  struct err *e)
{
	struct page page = { .max = max };

	if (find(tx, lookup->has_sha256 ? FIND("image", BY_SHA256) : FIND("image", BY_CRC32),
		 lookup, &page, ids, e) < 0)
		return -1;
	*n = page.n;
	return 0;
}
