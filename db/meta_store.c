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
