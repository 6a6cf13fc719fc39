#include "supersede.h"

#include <string.h>

#include "auto.h"
#include "content_map.h"

static bool same_map(struct tx *tx, int64_t a, int64_t b)
{
	struct map_row row_a = { 0 }, row_b = { 0 };
	struct err e;

	for (uint64_t seq = 0; seq == 0 || row_a.n == MAP_ROW; seq++) {
		if (map_load(tx, a, seq, &row_a, &e) < 0 || map_load(tx, b, seq, &row_b, &e) < 0)
			return false;
		if (row_a.n != row_b.n || memcmp(row_a.block, row_b.block, 4 * row_a.n) != 0)
			return false;
	}
	return true;
}

bool content_is_same(struct tx *tx, int64_t id, const struct content *good)
{
	struct content found;
	struct err e;

	return content_get(tx, id, &found, &e) == 0 && found.size == good->size &&
	       found.crc32 == good->crc32 &&
	       !memcmp(found.sha256, good->sha256, sizeof good->sha256) &&
	       same_map(tx, id, good->id);
}

static int run(struct tx *tx, const char *sql, const int64_t *values, size_t n, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	for (size_t i = 0; i < n; i++)
		stmt_int(&s, values[i]);
	return stmt_end(&s, e);
}

int content_supersede(struct tx *tx, int64_t damaged, int64_t good, struct err *e)
{
	const int64_t ids[] = { good, damaged };

	/* 2 is neither complete nor coming in: nobody reads it, and no sweep looks for it. */
	if (run(tx, "UPDATE content SET complete = 2 WHERE id = ?", &damaged, 1, e) < 0 ||
	    run(tx, "UPDATE dump SET content = ? WHERE content = ?", ids, 2, e) < 0)
		return -1;
	return run(tx, "UPDATE image SET content = ? WHERE content = ?", ids, 2, e);
}
