#include "meta_store.h"

#include "auto.h"
#include "conn.h"

/* *value is the number after this count. */
static int count(struct tx *tx, const char *name, int64_t *value, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO meta (name, value) VALUES (?, 1)"
				     " ON CONFLICT (name) DO UPDATE SET value = value + 1"
				     " RETURNING value");
	int64_t counted = 0;

	stmt_text(&s, name);
	if (stmt_row(&s))
		counted = stmt_col_int(&s, "value");
	if (stmt_end(&s, e) < 0)
		return -1;
	*value = counted;
	return 0;
}

int meta_count_start(struct tx *tx, int64_t *starts, struct err *e)
{
	return count(tx, "starts", starts, e);
}

int meta_get(struct tx *tx, const char *name, int64_t otherwise, int64_t *value, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT value FROM meta WHERE name = ?");
	int64_t found = otherwise;

	stmt_text(&s, name);
	if (stmt_row(&s))
		found = stmt_col_int(&s, "value");
	if (stmt_end(&s, e) < 0)
		return -1;
	*value = found;
	return 0;
}

int meta_set(struct tx *tx, const char *name, int64_t value, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO meta (name, value) VALUES (?, ?)"
				     " ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	stmt_text(&s, name);
	stmt_int(&s, value);
	return stmt_end(&s, e);
}

static int keep_id(struct tx *tx, const char *sql, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	return stmt_end(&s, e);
}

#define KEEP_ID(name, table) \
	"INSERT INTO meta (name, value) SELECT '" name "', coalesce(max(id), 0) FROM " table \
	" WHERE true ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)"

int meta_keep_ids(struct tx *tx, struct err *e)
{
	return keep_id(tx, KEEP_ID("last_block", "block"), e) < 0
		       ? -1
		       : keep_id(tx, KEEP_ID("last_content", "content"), e);
}

/* Committed, because only that reaches the disk; but not synced: this is asked often. */
static int write_row(struct db *db, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_lazy(db);
	int64_t tries;

	return count(&tx, "tries", &tries, e) == 0 ? tx_commit(&tx, e) : -1;
}

int meta_try_write(struct db *db, struct err *e)
{
	return conn_take_reserve(&db->writer, e) == 0 ? write_row(db, e) : -1;
}
