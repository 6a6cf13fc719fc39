#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "conn.h"
#include "db.h"

struct stmt stmt_new(struct tx *tx, const char *sql)
{
	struct stmt s = { .conn = tx->conn, .rc = tx->conn->lost };

	/* Outside of a transaction every statement would commit itself. */
	assert(tx->conn->in_tx || s.rc != SQLITE_OK);
	if (s.rc == SQLITE_OK)
		s.rc = sqlite3_prepare_v2(s.conn->raw, sql, -1, &s.raw, NULL);
	return s;
}

void stmt_int(struct stmt *s, int64_t value)
{
	if (s->rc == SQLITE_OK)
		s->rc = sqlite3_bind_int64(s->raw, ++s->bound, value);
}

void stmt_int_or_null(struct stmt *s, int64_t value)
{
	if (s->rc == SQLITE_OK)
		s->rc = value < 0 ? sqlite3_bind_null(s->raw, ++s->bound)
				  : sqlite3_bind_int64(s->raw, ++s->bound, value);
}

void stmt_text(struct stmt *s, const char *value)
{
	if (s->rc == SQLITE_OK)
		s->rc = sqlite3_bind_text(s->raw, ++s->bound, value, -1, SQLITE_TRANSIENT);
}

/* SQLite would take a blob without an address for NULL. */
void stmt_blob(struct stmt *s, const void *bytes, size_t len)
{
	if (s->rc == SQLITE_OK)
		s->rc = len ? sqlite3_bind_blob64(s->raw, ++s->bound, bytes, len, SQLITE_STATIC)
			    : sqlite3_bind_zeroblob(s->raw, ++s->bound, 0);
}

/* SQLite ends the whole transaction after some errors; without a note of it the next statement
 * would run, and commit, on its own. */
static void note_loss(struct stmt *s)
{
	if (s->rc != SQLITE_ROW && s->rc != SQLITE_DONE && sqlite3_get_autocommit(s->conn->raw))
		s->conn->lost = s->rc;
}

bool stmt_row(struct stmt *s)
{
	if (s->rc != SQLITE_OK && s->rc != SQLITE_ROW)
		return false;
	if (s->conn->lost != SQLITE_OK) {
		s->rc = s->conn->lost;
		return false;
	}
	assert(s->bound == sqlite3_bind_parameter_count(s->raw));
	s->rc = sqlite3_step(s->raw);
	note_loss(s);
	return s->rc == SQLITE_ROW;
}

static int column(struct stmt *s, const char *name)
{
	const int n = sqlite3_column_count(s->raw);
	int i = 0;

	while (i < n && strcmp(sqlite3_column_name(s->raw, i), name) != 0)
		i++;
	assert(i < n); /* a typo in this program */
	return i;
}

int64_t stmt_col_int(struct stmt *s, const char *name)
{
	return sqlite3_column_int64(s->raw, column(s, name));
}

int64_t stmt_col_int_or_null(struct stmt *s, const char *name)
{
	const int i = column(s, name);

	return sqlite3_column_type(s->raw, i) == SQLITE_NULL ? -1 : sqlite3_column_int64(s->raw, i);
}

const char *stmt_col_text(struct stmt *s, const char *name)
{
	const char *text = (const char *)sqlite3_column_text(s->raw, column(s, name));

	return text ? text : "";
}

const void *stmt_col_blob(struct stmt *s, const char *name, size_t *len)
{
	const int i = column(s, name);
	const void *bytes = sqlite3_column_blob(s->raw, i);

	*len = bytes ? (size_t)sqlite3_column_bytes(s->raw, i) : 0;
	return bytes ? bytes : "";
}

void stmt_copy_text(struct stmt *s, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s", stmt_col_text(s, name));
}

static bool is_well(int rc)
{
	return rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE;
}

void stmt_reset(struct stmt *s)
{
	if (!is_well(s->rc))
		return;
	sqlite3_reset(s->raw);
	s->rc = SQLITE_OK;
	s->bound = 0;
}

int stmt_end(struct stmt *s, struct err *e)
{
	if (s->rc == SQLITE_OK)
		(void)stmt_row(s);
	if (!is_well(s->rc))
		return conn_fail(s->conn, s->rc, s->raw ? sqlite3_sql(s->raw) : "preparing", e);
	sqlite3_reset(s->raw);
	s->rc = SQLITE_DONE;
	return 0;
}

void stmt_free(struct stmt *s)
{
	sqlite3_finalize(s->raw);
	s->raw = NULL;
}
