#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "auto.h"
#include "conn.h"
#include "db.h"
#include "migrate.h"

/*
 * Most of the file are sectors that do not compress: 4096 bytes and about 40 around them, which
 * SQLite cuts into whole overflow pages and a rest that shares a page with others. What two dumps
 * of 2 MiB of one product take (297 different sectors, 1,048,391 bytes packed), and how long
 * ingest of 4 MiB of noise takes on a PC, by page size:
 *
 *	  512   1,124,352   26.8 %   75 ms
 *	 1024   1,142,784   27.2 %   47 ms
 *	 2048   1,210,368   28.9 %   38 ms
 *	 4096   1,347,584   32.1 %   36 ms
 *	 8192   2,342,912   55.9 %   47 ms   one sector a page, the rest of it lost
 *	16384   1,884,160   44.9 %   24 ms   three sectors a page
 *
 * A chip of 4 MiB takes seconds to read: size decides.
 */
#define PAGE_SIZE "1024"

/* Set before the first table, or never. */
static const char fresh_pragmas[] = "PRAGMA page_size = " PAGE_SIZE ";"
				    "PRAGMA auto_vacuum = INCREMENTAL;";

/*
 * The WAL is not copied back before there is a reserve: see conn_take_reserve(). When it was, and
 * had grown beyond 2 MiB behind a slow reader, it is cut back to that. Caches of 1 MiB: nothing is
 * read twice. Some builds of SQLite write zeros over all that is removed: on a full disk, where the
 * sweep of a broken ingest needs room in the WAL, that would be the end.
 */
static const char common_pragmas[] = "PRAGMA cache_size = -1024;"
				     "PRAGMA mmap_size = 0;"
				     "PRAGMA cell_size_check = ON;"
				     "PRAGMA trusted_schema = OFF;"
				     "PRAGMA temp_store = MEMORY;";
static const char writer_pragmas[] = "PRAGMA synchronous = FULL;"
				     "PRAGMA foreign_keys = ON;"
				     "PRAGMA secure_delete = FAST;"
				     "PRAGMA wal_autocheckpoint = 0;"
				     "PRAGMA journal_size_limit = 2097152;";
static const char reader_pragmas[] = "PRAGMA query_only = ON;";

#define HEADER 512 /* the smallest page: SQLite takes a shorter file for an empty one */

#define BUSY_MS 5000 /* another process, such as a command line on the same archive */

static int make_folders(const char *path, struct err *e)
{
	AUTO(auto_free) char *folder = strdup(path);

	if (!folder)
		return err_set(e, ERR_MEMORY, "archive %s: out of memory", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0750) < 0 && errno != EEXIST)
			return err_set(e, ERR_IO, "archive %s: making the folder %s: %s", path,
				       folder, strerrordesc_np(errno));
		*slash = '/';
	}
	return 0;
}

static int cannot_open(const char *path, int error, struct err *e)
{
	const bool full = error == ENOSPC || error == EDQUOT;

	err_set(e, full ? ERR_ARCHIVE_FULL : ERR_IO, "archive %s: cannot be opened for writing: %s",
		path, strerrordesc_np(error));
	if (error == EACCES || error == EPERM)
		err_hint(e, "the user that runs the daemon must own the file and its folder");
	return -1;
}

/* Creates it for owner and group alone: dumps hold passwords. Leaves one that is there. */
static int touch(const char *path, struct err *e)
{
	AUTO(auto_close) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	return fd < 0 && errno != EEXIST ? cannot_open(path, errno, e) : 0;
}

/*
 * Says what SQLite would say worse. The file is not opened here when it exists: closing it again
 * would drop the locks that this process may have on it.
 */
static int check_file(const char *path, struct err *e)
{
	struct stat st;

	if (make_folders(path, e) < 0 || touch(path, e) < 0)
		return -1;
	if (stat(path, &st) < 0)
		return cannot_open(path, errno, e);
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_IO, "archive %s: is a directory", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_IO, "archive %s: is not a regular file", path);
	if (st.st_size > 0 && st.st_size < HEADER) {
		err_set(e, ERR_ARCHIVE_DAMAGED, "archive %s: is not a database", path);
		return err_hint(e, "the archive's path is that of another file");
	}
	if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) < 0)
		return cannot_open(path, errno, e);
	return 0;
}

static int open_conn(struct db_conn *conn, const char *path, int flags, struct err *e)
{
	int rc = sqlite3_open_v2(path, &conn->raw, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_extended_result_codes(conn->raw, 1);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(conn->raw, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = conn_exec(conn, common_pragmas);
	return rc == SQLITE_OK ? 0 : conn_fail(conn, rc, "opening", e);
}

/* One number, asked outside of a transaction: some pragmas want none. */
static int ask(struct db_conn *conn, const char *sql, int64_t *value, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(conn->raw, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return rc == SQLITE_ROW ? 0 : conn_fail(conn, rc, sql, e);
}

/* Looks before anything is written: what is no archive of ours stays as it is. */
static int recognise(struct db_conn *conn, const char *path, struct err *e)
{
	int64_t things, app;

	if (ask(conn, "SELECT count(*) FROM sqlite_schema", &things, e) < 0 ||
	    ask(conn, "PRAGMA application_id", &app, e) < 0)
		return -1;
	if (!things && conn_exec(conn, fresh_pragmas) != SQLITE_OK)
		return conn_fail(conn, sqlite3_extended_errcode(conn->raw), "preparing", e);
	if (things && app != MIGRATE_APPLICATION) {
		err_set(e, ERR_ARCHIVE_DAMAGED, "archive %s: is a database of another program",
			path);
		return err_hint(e, "the archive's path is that of another file");
	}
	return 0;
}

/* Answers with the mode that is on: where shared memory does not work it is another one. */
static int use_wal(struct db_conn *conn, const char *path, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(conn->raw, "PRAGMA journal_mode = WAL", -1, &s, NULL);
	bool on = false;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		on = !strcmp((const char *)sqlite3_column_text(s, 0), "wal");
	sqlite3_finalize(s);
	if (rc != SQLITE_ROW)
		return conn_fail(conn, rc, "switching to WAL", e);
	if (on)
		return 0;
	err_set(e, ERR_IO, "archive %s: its file system cannot do WAL", path);
	return err_hint(e, "put the archive on a local disk");
}

static int open_writer(struct db *db, const char *path, struct err *e)
{
	struct db_conn *conn = &db->writer;

	if (open_conn(conn, path, SQLITE_OPEN_READWRITE, e) < 0 || recognise(conn, path, e) < 0)
		return -1;
	if (conn_exec(conn, writer_pragmas) != SQLITE_OK)
		return conn_fail(conn, sqlite3_extended_errcode(conn->raw), "preparing", e);
	conn->durable = true;
	if (migrate(db, migrate_newest(), e) < 0)
		return -1;
	return use_wal(conn, path, e);
}

static int open_reader(struct db *db, const char *path, struct err *e)
{
	struct db_conn *conn = &db->reader;

	if (open_conn(conn, path, SQLITE_OPEN_READWRITE, e) < 0)
		return -1;
	if (conn_exec(conn, reader_pragmas) != SQLITE_OK)
		return conn_fail(conn, sqlite3_extended_errcode(conn->raw), "preparing", e);
	return 0;
}

/* The reader first: the last one to go copies the WAL back, which a reader may not. */
static void close_both(struct db *db)
{
	sqlite3_close(TAKE(db->reader.raw));
	sqlite3_close(TAKE(db->writer.raw));
}

static int open_both(struct db *db, const char *path, struct err *e)
{
	if (open_writer(db, path, e) == 0 && open_reader(db, path, e) == 0)
		return 0;
	close_both(db);
	return -1;
}

/* Even reading needs a few pages of disk beside a WAL. When there are none the first try has given
 * up the reserve of the last run, and the second may find room. */
static int open_or_make_room(struct db *db, const char *path, struct err *e)
{
	const bool held = db->reserve.held;

	if (open_both(db, path, e) == 0)
		return 0;
	return held && !db->reserve.held ? open_both(db, path, e) : -1;
}

int db_open(struct db *db, const char *path, struct err *e)
{
	struct err full;

	*db = (struct db){ 0 };
	conn_init(&db->writer);
	conn_init(&db->reader);
	db->writer.reserve = &db->reserve;
	if (check_file(path, e) < 0 || reserve_init(&db->reserve, path, e) < 0)
		return -1;
	if (open_or_make_room(db, path, e) < 0) {
		reserve_done(&db->reserve);
		return -1;
	}
	(void)!conn_take_reserve(&db->writer, &full); /* the next ingest asks again, and tells */
	return 0;
}

/* Reads before anything else: a file that cannot be, or is not ours, says so here. */
static int check_ours(struct db_conn *conn, const char *path, struct err *e)
{
	int64_t app = 0, version = 0;

	if (ask(conn, "PRAGMA application_id", &app, e) < 0 ||
	    ask(conn, "PRAGMA user_version", &version, e) < 0)
		return -1;
	if (app != MIGRATE_APPLICATION)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "archive %s: is no archive", path);
	if (version > migrate_newest())
		return err_set(e, ERR_IO, "archive %s: was made by a newer version", path);
	return 0;
}

static int open_only_reader(struct db_conn *conn, const char *path, struct err *e)
{
	if (access(path, R_OK) < 0)
		return err_set(e, ERR_IO, "archive %s: %s", path, strerrordesc_np(errno));
	if (open_conn(conn, path, SQLITE_OPEN_READONLY, e) == 0 && check_ours(conn, path, e) == 0)
		return 0;
	sqlite3_close(TAKE(conn->raw));
	return -1;
}

int db_open_to_read(struct db *db, const char *path, struct err *e)
{
	*db = (struct db){ 0 };
	conn_init(&db->writer);
	conn_init(&db->reader);
	return open_only_reader(&db->reader, path, e);
}

const char *db_path(const struct db *db)
{
	const char *path = db->reader.raw ? sqlite3_db_filename(db->reader.raw, "main") : NULL;

	return path ? path : "";
}

void db_close(struct db *db)
{
	assert(!db->writer.in_tx && !db->reader.in_tx && !db->ingests);
	close_both(db);
	reserve_done(&db->reserve);
	pthread_mutex_destroy(&db->writer.lock);
	pthread_mutex_destroy(&db->reader.lock);
}
