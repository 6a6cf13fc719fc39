#include "sweep.h"

#include "archive.h"
#include "auto.h"
#include "bitmap.h"
#include "conn.h"
#include "content_map.h"

#define BATCH 256 /* blocks in a transaction: what the WAL needs for them fits into the reserve */

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

/* What was broken off: it is in no list, and goes last, so that its number is not given away before. */
#define LEFT "id > ? AND complete = 0 AND id NOT IN (SELECT content FROM released)"

static int remove_contents(struct tx *tx, const struct sweep_floor *floor, size_t *n, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM content WHERE " LEFT);

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
	struct stmt s = stmt_new(tx, "SELECT blocks FROM content_map WHERE content > ?"
				     " AND content NOT IN (SELECT id FROM content WHERE " LEFT ")");

	stmt_int(&s, floor->content);
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

/* A sweep as it goes on from transaction to transaction. */
struct sweep {
	struct sweep_floor floor;
	int64_t at;     /* blocks up to here are done */
	size_t removed; /* contents, with the last blocks */
	bool done;
};

/* By number, not by a SELECT that the DELETE would disturb. *at is the last that was looked at. */
static int remove_blocks(struct tx *tx, const struct sweep *sweep, const struct bitmap *used,
			 int64_t last, int64_t *at, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM block WHERE id = ?");

	for (int n = 0; *at < last && n < BATCH; ++*at) {
		if (bitmap_has(used, (uint64_t)(*at + 1 - sweep->floor.block)))
			continue;
		n++;
		stmt_reset(&s);
		stmt_int(&s, *at + 1);
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

/* What is new may have been named since the last transaction: the marks are made in each. */
static int sweep_blocks(struct sweep *sweep, struct tx *tx, struct err *e)
{
	AUTO(bitmap_done) struct bitmap used = { 0 };
	int64_t last;

	if (sweep->at < sweep->floor.block)
		sweep->at = sweep->floor.block;
	if (mark(tx, &sweep->floor, &used, e) < 0 || last_block(tx, &last, e) < 0 ||
	    remove_blocks(tx, sweep, &used, last, &sweep->at, e) < 0)
		return -1;
	sweep->done = sweep->at >= last;
	if (!sweep->done)
		return 0;
	return remove_contents(tx, &sweep->floor, &sweep->removed, e) < 0 ? -1 : forget(tx, e);
}

static int sweep_what_is_left(struct sweep *sweep, struct tx *tx, struct err *e)
{
	bool any;

	if (find_floor(tx, &sweep->floor, &any, e) < 0)
		return -1;
	sweep->done = !any;
	return any ? sweep_blocks(sweep, tx, e) : 0;
}

/* One transaction. It may get lost in a power cut: then the next start does it again. */
static int sweep_some(struct db *db, struct sweep *sweep, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_lazy(db);
	struct sweep next = *sweep;

	next.done = db->ingests > 0;
	if ((!next.done && sweep_what_is_left(&next, &tx, e) < 0) || tx_commit(&tx, e) < 0)
		return -1;
	*sweep = next;
	return 0;
}

/* Between two transactions: what is left of the room is for the end of a job, unless there is more. */
static int make_room(struct db *db, struct err *e)
{
	conn_trim(&db->writer, 0);
	if (db_has_room(db))
		return 0;
	err_set(e, ERR_ARCHIVE_FULL, "archive %s: no room to remove what an ingest left",
		db_path(db));
	return err_hint(e, "free some space on the disk that holds the archive");
}

/* A full disk refuses the first try, which gives up the reserve: the second has that room. */
static int sweep_next(struct db *db, struct sweep *sweep, struct err *e)
{
	if (sweep_some(db, sweep, e) == 0)
		return 0;
	return e->code == ERR_ARCHIVE_FULL ? sweep_some(db, sweep, e) : -1;
}

int sweep_run(struct db *db, size_t *n, struct err *e)
{
	struct sweep sweep = { 0 };

	while (!sweep.done)
		if (sweep_next(db, &sweep, e) < 0 || (!sweep.done && make_room(db, e) < 0))
			return -1;
	*n = sweep.removed;
	return 0;
}

int archive_sweep(struct db *db, size_t *n, struct err *e)
{
	size_t removed;

	if (sweep_run(db, &removed, e) < 0 || archive_collect(db, NULL, e) < 0)
		return -1;
	*n = removed;
	return 0;
}
