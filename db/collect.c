/*
 * Removes the blocks of released contents. One content at a time: its blocks are marked, the marks
 * of those that other contents name too are taken away again, the rest is deleted. Contents are
 * immutable, so the old ones are looked at in small reading transactions; those that are new, or
 * still coming in and about to name any block they find, are looked at again in each of the
 * transactions that delete.
 */
#include <stdbool.h>

#include "archive.h"
#include "auto.h"
#include "bitmap.h"
#include "conn.h"
#include "content_map.h"
#include "meta_store.h"

#define LOOK  1024 /* rows of maps in a reading transaction: up to 1 MiB */
#define BATCH 256  /* blocks in a deleting one: what the WAL needs for them fits into the reserve */
#define TRIM  8    /* steps of giving back after it: more than it frees */

struct collect {
	struct db *db;
	int64_t content;    /* the released one */
	int64_t fresh;      /* contents from here on may be new, or incomplete */
	struct bitmap dead; /* blocks */
	uint64_t at;        /* what is below is done */
	uint64_t freed;     /* bytes of the blocks that went */
	bool done;
};

/* ---- marks */

static int mark(struct bitmap *dead, uint32_t id, struct err *e)
{
	return id != BLOCK_ERASED ? bitmap_set(dead, id, e) : 0;
}

static int mark_own(struct collect *c, struct tx *tx, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT blocks FROM content_map WHERE content = ?");

	stmt_int(&s, c->content);
	while (stmt_row(&s)) {
		size_t len;
		const uint8_t *ids = stmt_col_blob(&s, "blocks", &len);

		for (size_t i = 0; i + 4 <= len; i += 4)
			if (mark(&c->dead, map_id(ids + i), e) < 0)
				return -1;
	}
	return stmt_end(&s, e);
}

static void spare_row(struct collect *c, struct stmt *s)
{
	size_t len;
	const uint8_t *ids = stmt_col_blob(s, "blocks", &len);

	for (size_t i = 0; i + 4 <= len; i += 4)
		bitmap_clear(&c->dead, map_id(ids + i));
}

/* Which row of the maps was seen last. */
struct place {
	int64_t content, seq;
};

#define NOT_RELEASED " AND content NOT IN (SELECT content FROM released)"

/* The next rows of what was there before; *more is false at the end. */
static int spare_some(struct collect *c, struct place *place, bool *more, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(c->db);
	AUTO(stmt_free)
	struct stmt s =
		stmt_new(&tx, "SELECT content, seq, blocks FROM content_map"
			      " WHERE (content, seq) > (?, ?) AND content < ?"
			      " AND content <> ?" NOT_RELEASED " ORDER BY content, seq LIMIT ?");
	int n = 0;

	stmt_int(&s, place->content);
	stmt_int(&s, place->seq);
	stmt_int(&s, c->fresh);
	stmt_int(&s, c->content);
	stmt_int(&s, LOOK);
	for (; stmt_row(&s); n++) {
		spare_row(c, &s);
		*place = (struct place){ stmt_col_int(&s, "content"), stmt_col_int(&s, "seq") };
	}
	*more = n == LOOK;
	return stmt_end(&s, e);
}

static int spare_old(struct collect *c, struct err *e)
{
	struct place place = { 0, -1 };

	for (bool more = true; more && !bitmap_is_empty(&c->dead);)
		if (spare_some(c, &place, &more, e) < 0)
			return -1;
	return 0;
}

static int spare_fresh(struct collect *c, struct tx *tx, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT blocks FROM content_map"
				     " WHERE content >= ?" NOT_RELEASED);

	stmt_int(&s, c->fresh);
	while (stmt_row(&s))
		spare_row(c, &s);
	return stmt_end(&s, e);
}

/* ---- deleting */

/* *bytes grows by those of a block, wherever a row tells of one. */
static int sum_row(struct stmt *s, int64_t id, uint64_t *bytes, struct err *e)
{
	stmt_reset(s);
	stmt_int(s, id);
	while (stmt_row(s))
		*bytes += (uint64_t)stmt_col_int(s, "len");
	return stmt_end(s, e);
}

static int delete_by_id(struct stmt *s, int64_t id, struct err *e)
{
	stmt_reset(s);
	stmt_int(s, id);
	return stmt_end(s, e);
}

/* *at is the first that is not looked at yet. */
static int delete_blocks(struct collect *c, struct tx *tx, uint64_t *at, uint64_t *bytes,
			 struct err *e)
{
	AUTO(stmt_free)
	struct stmt s =
		stmt_new(tx, "DELETE FROM block WHERE id = ? RETURNING length(bytes) AS len");
	const uint64_t end = (uint64_t)c->dead.size * 8;
	int n = 0;

	for (*at = c->at; *at < end && n < BATCH; ++*at) {
		if (!bitmap_has(&c->dead, *at))
			continue;
		n++;
		if (sum_row(&s, (int64_t)*at, bytes, e) < 0)
			return -1;
	}
	return 0;
}

static int delete_content(struct collect *c, struct tx *tx, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM content WHERE id = ?");

	return delete_by_id(&s, c->content, e);
}

/* May get lost in a power cut: the released one is then still there, and the next call does it again. */
static int delete_some(struct collect *c, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_lazy(c->db);
	uint64_t at, bytes = 0;

	if (spare_fresh(c, &tx, e) < 0 || meta_keep_ids(&tx, e) < 0 ||
	    delete_blocks(c, &tx, &at, &bytes, e) < 0)
		return -1;
	const bool done = at >= (uint64_t)c->dead.size * 8;

	if ((done && delete_content(c, &tx, e) < 0) || tx_commit(&tx, e) < 0)
		return -1;
	c->at = at;
	c->freed += bytes;
	c->done = done;
	return 0;
}

/* A full disk refuses the first try, which gives up the reserve: the second has that room. */
static int delete_all(struct collect *c, struct err *e)
{
	conn_trim(&c->db->writer, 0);
	for (bool again = true; !c->done;) {
		if (delete_some(c, e) == 0)
			again = true;
		else if (e->code == ERR_ARCHIVE_FULL && again)
			again = false;
		else
			return -1;
		if (again)
			conn_trim(&c->db->writer, TRIM);
	}
	return 0;
}

/* ---- one after the other */

/* The first released content and where the fresh ones begin; *any is false when there is none. */
static int find(struct collect *c, struct tx *tx, bool *any, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(
		tx, "SELECT content, coalesce((SELECT min(id) FROM content WHERE complete = 0"
		    " AND id NOT IN (SELECT content FROM released)),"
		    " (SELECT max(id) + 1 FROM content)) AS fresh"
		    " FROM released ORDER BY content LIMIT 1");

	*any = stmt_row(&s);
	if (*any) {
		c->content = stmt_col_int(&s, "content");
		c->fresh = stmt_col_int(&s, "fresh");
	}
	return stmt_end(&s, e);
}

static int begin(struct collect *c, bool *any, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(c->db);

	if (find(c, &tx, any, e) < 0)
		return -1;
	return *any ? mark_own(c, &tx, e) : 0;
}

static int collect_one(struct db *db, bool *any, uint64_t *freed, struct err *e)
{
	struct collect c = { .db = db };
	int rc = begin(&c, any, e);

	if (rc == 0 && *any)
		rc = spare_old(&c, e) < 0 ? -1 : delete_all(&c, e);
	bitmap_done(&c.dead);
	*freed += c.freed;
	return rc;
}

int archive_collect(struct db *db, uint64_t *freed, struct err *e)
{
	uint64_t bytes = 0;

	for (bool any = true; any;)
		if (collect_one(db, &any, &bytes, e) < 0)
			return -1;
	if (freed)
		*freed = bytes;
	return 0;
}

/* ---- looking ahead */

static int begin_look(struct collect *c, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(c->db);

	return mark_own(c, &tx, e);
}

/* A part of the marked blocks: one that is gone meanwhile counts nothing. */
static int weigh_some(struct collect *c, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(c->db);
	AUTO(stmt_free)
	struct stmt s = stmt_new(&tx, "SELECT length(bytes) AS len FROM block WHERE id = ?");
	const uint64_t end = (uint64_t)c->dead.size * 8;

	for (int n = 0; c->at < end && n < LOOK; c->at++) {
		if (!bitmap_has(&c->dead, c->at))
			continue;
		n++;
		if (sum_row(&s, (int64_t)c->at, &c->freed, e) < 0)
			return -1;
	}
	c->done = c->at >= end;
	return 0;
}

int archive_would_free(struct db *db, int64_t content, uint64_t *bytes, struct err *e)
{
	struct collect c = { .db = db, .content = content, .fresh = INT64_MAX };
	int rc = begin_look(&c, e) < 0 ? -1 : spare_old(&c, e);

	while (rc == 0 && !c.done)
		rc = weigh_some(&c, e);
	bitmap_done(&c.dead);
	if (rc == 0)
		*bytes = c.freed;
	return rc;
}

/* ---- releasing */

static int take_out(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE content SET complete = 0 WHERE id = ? AND complete = 1"
				     " AND NOT EXISTS (SELECT 1 FROM dump WHERE content = ?)"
				     " AND NOT EXISTS (SELECT 1 FROM image WHERE content = ?)");

	for (int i = 0; i < 3; i++)
		stmt_int(&s, id);
	return stmt_end(&s, e);
}

static int note(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "INSERT INTO released (content) VALUES (?)");

	stmt_int(&s, id);
	return stmt_end(&s, e);
}

int content_release(struct tx *tx, int64_t id, struct err *e)
{
	if (take_out(tx, id, e) < 0)
		return -1;
	return sqlite3_changes(tx->conn->raw) ? note(tx, id, e) : 0;
}
