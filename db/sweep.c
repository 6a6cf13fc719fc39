#include "sweep.h"

#include <assert.h>

#include "archive.h"
#include "auto.h"
#include "bitmap.h"
#include "content_map.h"

/* The mark of those that run, or, when none does, the end of everything. */
int sweep_enter(struct tx *tx, int64_t content, struct sweep_floor *floor, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(
		tx, "INSERT INTO ingest (content, floor_block, floor_content) SELECT ?,"
		    " coalesce(min(floor_block), (SELECT max(id) FROM block), 0),"
		    " coalesce(min(floor_content), (SELECT max(id) FROM content WHERE id < ?), 0)"
		    " FROM ingest RETURNING floor_block, floor_content");
	struct sweep_floor found = { 0 };

	stmt_int(&s, content);
	stmt_int(&s, content);
	if (stmt_row(&s))
		found = (struct sweep_floor){ .block = stmt_col_int(&s, "floor_block"),
					      .content = stmt_col_int(&s, "floor_content") };
	if (stmt_end(&s, e) < 0)
		return -1;
	*floor = found;
	return 0;
}

int sweep_leave(struct tx *tx, int64_t content, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM ingest WHERE content = ?");

	stmt_int(&s, content);
	return stmt_end(&s, e);
}

/* False in *any: nobody left anything. */
static int find_floor(struct tx *tx, struct sweep_floor *floor, bool *any, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT count(*) AS n, min(floor_block) AS block,"
				     " min(floor_content) AS content FROM ingest");

	*any = stmt_row(&s) && stmt_col_int(&s, "n") > 0;
	if (*any)
		*floor = (struct sweep_floor){ .block = stmt_col_int(&s, "block"),
					       .content = stmt_col_int(&s, "content") };
	return stmt_end(&s, e);
}

static int remove_contents(struct tx *tx, const struct sweep_floor *floor, size_t *n, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "DELETE FROM content WHERE id > ? AND complete = 0"
				     " AND id NOT IN (SELECT content FROM released)");

	stmt_int(&s, floor->content);
	if (stmt_end(&s, e) < 0)
		return -1;
	*n = (size_t)sqlite3_changes64(tx->conn->raw);
	return 0;
}

static int mark_row(struct bitmap *used, const uint8_t *ids, size_t len, int64_t floor,
		    struct err *e)
{
	for (size_t i = 0; i + 4 <= len; i += 4) {
		const int64_t id = map_id(ids + i);

		if (id > floor && bitmap_set(used, (uint64_t)(id - floor), e) < 0)
			return -1;
	}
	return 0;
}

static int mark(struct tx *tx, const struct sweep_floor *floor, struct bitmap *used, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT blocks FROM content_map WHERE content > ?");

	stmt_int(&s, floor->content);
	while (stmt_row(&s)) {
		size_t len;
		const uint8_t *ids = stmt_col_blob(&s, "blocks", &len);

		if (mark_row(used, ids, len, floor->block, e) < 0)
			return -1;
	}
	return stmt_end(&s, e);
}

static int last_block(struct tx *tx, int64_t *id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT max(id) AS id FROM block");

	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : 0;
	return stmt_end(&s, e);
}

/* By number, not by a SELECT that the DELETE would disturb. */
static int remove_blocks(struct tx *tx, int64_t floor, const struct bitmap *used, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM block WHERE id = ?");
	int64_t last;

	if (last_block(tx, &last, e) < 0)
		return -1;
	for (int64_t id = floor + 1; id <= last; id++) {
		if (bitmap_has(used, (uint64_t)(id - floor)))
			continue;
		stmt_reset(&s);
		stmt_int(&s, id);
		if (stmt_end(&s, e) < 0)
			return -1;
	}
	return 0;
}

static int forget(struct tx *tx, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM ingest");

	return stmt_end(&s, e);
}

int sweep_run(struct db *db, struct tx *tx, size_t *n, struct err *e)
{
	AUTO(bitmap_done) struct bitmap used = { 0 };
	struct sweep_floor floor;
	size_t removed;
	bool any;

	assert(!db->ingests);
	*n = 0;
	if (find_floor(tx, &floor, &any, e) < 0)
		return -1;
	if (!any)
		return 0;
	if (remove_contents(tx, &floor, &removed, e) < 0 || mark(tx, &floor, &used, e) < 0 ||
	    remove_blocks(tx, floor.block, &used, e) < 0 || forget(tx, e) < 0)
		return -1;
	*n = removed;
	return 0;
}

static int sweep_now(struct db *db, size_t *n, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return sweep_run(db, &tx, n, e) < 0 ? -1 : tx_commit(&tx, e);
}

int archive_sweep(struct db *db, size_t *n, struct err *e)
{
	size_t removed;

	if (sweep_now(db, &removed, e) < 0 || archive_collect(db, NULL, e) < 0)
		return -1;
	*n = removed;
	return 0;
}
