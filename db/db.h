/*
 * SQLite behind one writing and one reading connection, each with its lock. Statements are
 * sticky: the first thing that goes wrong is kept, everything after it does nothing, stmt_end()
 * tells. Errors: ERR_ARCHIVE_FULL (disk full, quota, file size limit), ERR_ARCHIVE_DAMAGED (not a
 * database, malformed), ERR_IO (everything else); the text names what was being done.
 */
#pragma once

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "reserve.h"

struct db_conn {
	sqlite3 *raw;
	pthread_mutex_t lock; /* held from tx_begin*() to tx_end() */
	bool in_tx;           /* guarded by lock */
	bool durable;         /* guarded by lock: what "PRAGMA synchronous" was last set to */
	int lost; /* guarded by lock: the SQLite code that ended the transaction, or kept it from beginning */
	struct reserve *reserve; /* given up when the disk is full; NULL for the reader */
};

struct db {
	struct db_conn writer;
	struct db_conn reader;
	struct reserve reserve; /* guarded by writer.lock */
	int ingests;            /* open ones; guarded by writer.lock */
};

/*
 * Opens or creates the file and its folder, and brings it to the newest schema. WAL mode. A file
 * that is newer than this program, no database, or not writable is an error, and is left as it is.
 * A full disk is none: what is stored can still be read. After a failure db_close() is allowed,
 * not needed. An open struct db stays where it is: parts of it point to each other.
 */
int db_open(struct db *db, const char *path, struct err *e) MUST_CHECK;
void db_close(struct db *db);

/*
 * Opens a file for reading only, with a cache of its own: beside another struct db in this process
 * or a daemon in another. Makes nothing, changes nothing; only tx_begin_read() may be used. A file
 * that is not there, no archive, or newer than this program is an error. db_close() as above.
 */
int db_open_to_read(struct db *db, const char *path, struct err *e) MUST_CHECK;

/* The path that it was opened with, made absolute; "" after a failure. Borrowed. */
const char *db_path(const struct db *db);

/*
 * When a write finds the disk full it fails with ERR_ARCHIVE_FULL and gives up the reserve
 * (reserve.h), so that the next small one, the end of a job, finds room. ingest_open() and
 * meta_try_write() take the reserve again, and say ERR_ARCHIVE_FULL as long as there is no room
 * for it. A transaction that SQLite has ended by itself stays ended: its other statements fail.
 */

/*
 * False while the reserve is given up: there is little room, and it is for the ends of jobs. What
 * can wait asks first.
 */
bool db_has_room(struct db *db);

/*
 * A unit of work. A struct tx that goes out of scope without tx_commit() is rolled back. Blocks
 * while another thread has one of the same kind. A second one in the same thread is a mistake of
 * ours and aborts.
 */
struct tx {
	struct db_conn *conn;
};

/* For writing; what it commits, and everything committed before, is on the disk when tx_commit() returns. */
struct tx tx_begin(struct db *db);

/*
 * For writing what may be lost in a power cut together with what follows it: pieces of a dump
 * that is not listed yet, log lines. Never torn, only late.
 */
struct tx tx_begin_lazy(struct db *db);

/* For reading a consistent state; does not wait for writers. Ends with tx_end(), nothing to commit. */
struct tx tx_begin_read(struct db *db);

int tx_commit(struct tx *tx, struct err *e) MUST_CHECK;
void tx_end(struct tx *tx);

struct stmt {
	struct db_conn *conn;
	sqlite3_stmt *raw;
	int bound; /* parameters so far */
	int rc;    /* sticky */
};

/* Binds in the order of the question marks. */
struct stmt stmt_new(struct tx *tx, const char *sql);
void stmt_int(struct stmt *s, int64_t value);
void stmt_int_or_null(struct stmt *s, int64_t value);          /* negative becomes NULL */
void stmt_text(struct stmt *s, const char *value);             /* NULL becomes NULL; copied */
void stmt_blob(struct stmt *s, const void *bytes, size_t len); /* borrowed until stmt_free */

/* Steps to the next row. False at the end, and on error. */
bool stmt_row(struct stmt *s);

/* Columns by name; NULL reads as 0, -1 (or_null) and "". Text and blobs live until the next step. */
int64_t stmt_col_int(struct stmt *s, const char *column);
int64_t stmt_col_int_or_null(struct stmt *s, const char *column);
const char *stmt_col_text(struct stmt *s, const char *column);
const void *stmt_col_blob(struct stmt *s, const char *column, size_t *len);

/* Copies a text column, cut to size. */
void stmt_copy_text(struct stmt *s, const char *column, char *buf, size_t size);

/* Makes it ready to bind and run again; what went wrong stays wrong. */
void stmt_reset(struct stmt *s);

/* Finishes the statement; the one place where its errors show. Runs it if no row was asked for. */
int stmt_end(struct stmt *s, struct err *e) MUST_CHECK;
void stmt_free(struct stmt *s);

/* How much of a list: `max` goes in (at least 1), the rest comes out. */
struct page {
	size_t max;
	size_t n;     /* how many there are */
	int64_t next; /* what to ask for next, as `before`; -1 at the end */
};

/*
 * A page of "... WHERE id < ? ... ORDER BY id DESC LIMIT ?". Binds the first mark (negative: from
 * the newest) and the last; then page_row() steps, counts in page->n and is false where the page
 * is full or the rows end.
 */
void page_bind_before(struct stmt *s, int64_t before);
void page_bind_limit(struct page *page, struct stmt *s);
bool page_row(struct page *page, struct stmt *s);

/* The rowid of the last INSERT in this transaction. */
int64_t tx_last_id(const struct tx *tx);
