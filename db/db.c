#include "db.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "conn.h"

#define SHOWN 90 /* characters of a statement in an error: enough to know which */

void conn_init(struct db_conn *conn)
{
	pthread_mutexattr_t attr;

	*conn = (struct db_conn){ 0 };
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&conn->lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

int conn_exec(struct db_conn *conn, const char *sql)
{
	return sqlite3_exec(conn->raw, sql, NULL, NULL, NULL);
}

/* SQLite itself knows ENOSPC only, and not everywhere. */
static bool is_full(int primary, int system)
{
	if (primary == SQLITE_FULL)
		return true;
	return (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) &&
	       (system == ENOSPC || system == EDQUOT || system == EFBIG);
}

static enum err_code code_of(int primary, int system)
{
	if (is_full(primary, system))
		return ERR_ARCHIVE_FULL;
	if (primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT)
		return ERR_ARCHIVE_DAMAGED;
	return primary == SQLITE_NOMEM ? ERR_MEMORY : ERR_IO;
}

static void hint(enum err_code code, int primary, struct err *e)
{
	if (code == ERR_ARCHIVE_FULL)
		err_hint(e, "free some space on the disk that holds the archive");
	else if (primary == SQLITE_CORRUPT)
		err_hint(e, "stop the daemon, keep a copy of the file, and bring back a backup of "
			    "it or save what can be read with: sqlite3 FILE .recover");
	else if (primary == SQLITE_NOTADB)
		err_hint(e, "the archive's path is that of another file");
	else if (primary == SQLITE_BUSY)
		err_hint(e, "another program holds the archive");
}

static void give_reserve(struct db_conn *conn)
{
	sqlite3_wal_autocheckpoint(conn->raw, 0);
	reserve_release(conn->reserve);
}

int conn_fail(struct db_conn *conn, int rc, const char *doing, struct err *e)
{
	const int primary = rc & 0xff, system = conn->raw ? sqlite3_system_errno(conn->raw) : 0;
	const bool is_io = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
	const enum err_code code = code_of(primary, system);
	const char *file = conn->raw ? sqlite3_db_filename(conn->raw, "main") : NULL;

	/* The connection's own message may be that of a later call: it is asked only when it is
	 * about this code. */
	err_set(e, code, "archive %s: %.*s: %s%s%s", file ? file : "", SHOWN, doing,
		conn->raw && sqlite3_extended_errcode(conn->raw) == rc ? sqlite3_errmsg(conn->raw)
								       : sqlite3_errstr(rc),
		is_io && system ? ": " : "", is_io && system ? strerrordesc_np(system) : "");
	hint(code, primary, e);
	if (code == ERR_ARCHIVE_FULL && conn->reserve)
		give_reserve(conn);
	return -1;
}

static void lock(struct db_conn *conn)
{
	const int locked = pthread_mutex_lock(&conn->lock);

	assert(locked == 0);
	(void)locked;
}

/* "PRAGMA synchronous" does nothing inside a transaction. */
static int set_durable(struct db_conn *conn, bool durable)
{
	int rc;

	if (conn->durable == durable)
		return SQLITE_OK;
	rc = conn_exec(conn, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
	if (rc == SQLITE_OK)
		conn->durable = durable;
	return rc;
}

/*
 * 1 MiB, which is what an ingest writes at a time: it then pays two syncs for that much, and the
 * WAL, which has to fit on the disk beside the file, stays small.
 */
#define CHECKPOINT_PAGES 1024

/* As far as readers allow; the rest comes with the next commits. */
static int copy_back(struct db_conn *conn, struct err *e)
{
	const int rc =
		sqlite3_wal_checkpoint_v2(conn->raw, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY
		       ? 0
		       : conn_fail(conn, rc, "copying the WAL back", e);
}

/* The number that a pragma gives; 0 when it does not. */
static int64_t ask(struct db_conn *conn, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t value = 0;

	if (sqlite3_prepare_v2(conn->raw, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

#define SHRINK_STEPS 4096 /* then the next call goes on */
#define SHRINK_ROUND 8    /* steps between tries to copy back */

/*
 * What a sweep freed is still part of the file, and on a full disk nobody else's: cuts some of it
 * off. In small steps: each needs a few pages of the WAL, and only when the file has become
 * shorter than what must be copied back does copying need no room, and gives the WAL's back.
 */
static bool shrink(struct db_conn *conn)
{
	if (ask(conn, "PRAGMA freelist_count") == 0)
		return false;
	for (int i = 0; i < SHRINK_ROUND; i++)
		if (conn_exec(conn, "PRAGMA incremental_vacuum(32)") != SQLITE_OK)
			return false;
	sqlite3_wal_checkpoint_v2(conn->raw, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return true;
}

/* What the WAL may grow to: a checkpoint's worth, and the stage of an ingest that comes on top. */
#define WAL_ROOM (2 * (int64_t)CHECKPOINT_PAGES * 1024)

/* Bytes on the disk once the WAL is copied back, which makes the file grow. Nobody can tell: enough. */
static int64_t room_beside(struct db_conn *conn)
{
	const char *path = sqlite3_db_filename(conn->raw, "main");
	const int64_t size = ask(conn, "PRAGMA page_count") * ask(conn, "PRAGMA page_size");
	struct statvfs fs;
	struct stat file;

	if (stat(path, &file) < 0 || statvfs(path, &fs) < 0)
		return RESERVE_BYTES + WAL_ROOM;
	return (int64_t)(fs.f_bavail * fs.f_frsize) -
	       (size > file.st_size ? size - file.st_size : 0);
}

static int64_t wal_size(struct db_conn *conn)
{
	struct stat wal;

	return stat(sqlite3_filename_wal(sqlite3_db_filename(conn->raw, "main")), &wal) == 0
		       ? wal.st_size
		       : 0;
}

/* For the reserve, and for a WAL that an ingest can use. */
static bool has_room(struct db_conn *conn)
{
	const int64_t reserve = conn->reserve->held ? 0 : RESERVE_BYTES, room = room_beside(conn);

	return room >= reserve && room + wal_size(conn) >= reserve + WAL_ROOM;
}

/*
 * What is free in the file gives way: without room for the WAL it would be of no use. Before the
 * reserve is taken, because cutting needs room too.
 */
static int take_reserve(struct db_conn *conn, struct err *e)
{
	for (int i = 0; i < SHRINK_STEPS && !has_room(conn) && shrink(conn); i += SHRINK_ROUND)
		;
	if (!conn->reserve->held && (reserve_take(conn->reserve, e) < 0 || copy_back(conn, e) < 0))
		return -1;
	sqlite3_wal_autocheckpoint(conn->raw, CHECKPOINT_PAGES);
	return 0;
}

int conn_take_reserve(struct db_conn *conn, struct err *e)
{
	int rc;

	lock(conn);
	rc = take_reserve(conn, e);
	pthread_mutex_unlock(&conn->lock);
	return rc;
}

bool db_has_room(struct db *db)
{
	bool held;

	lock(&db->writer);
	held = db->reserve.held;
	pthread_mutex_unlock(&db->writer.lock);
	return held;
}

/*
 * On a full disk the WAL may be the largest thing that can be had: copied back and cut off it
 * makes room. Only when all of it can be copied, else the rest of the room would go into a part.
 */
static void empty_wal(struct db_conn *conn)
{
	if (!conn->reserve->held && room_beside(conn) >= 0)
		sqlite3_wal_checkpoint_v2(conn->raw, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL,
					  NULL);
}

#define TRIM_STEP "256" /* pages: what the WAL needs for moving them is small */

/* A WAL that has no room to grow is copied back first, and written from its start again. */
static bool trim_step(struct db_conn *conn)
{
	for (int i = 0; i < 2; i++) {
		if (conn_exec(conn, "PRAGMA incremental_vacuum(" TRIM_STEP ")") == SQLITE_OK)
			return true;
		sqlite3_wal_checkpoint_v2(conn->raw, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	}
	return false;
}

void conn_trim(struct db_conn *conn, int steps)
{
	struct err full;

	lock(conn);
	empty_wal(conn);
	if (take_reserve(conn, &full) == 0)
		while (steps-- > 0 && ask(conn, "PRAGMA freelist_count") > 0 && trim_step(conn))
			;
	/* Only when that is copied back does the file become shorter. */
	if (conn->reserve->held)
		sqlite3_wal_checkpoint_v2(conn->raw, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	pthread_mutex_unlock(&conn->lock);
}

static struct tx begin_write(struct db_conn *conn, bool durable)
{
	lock(conn);
	conn->lost = set_durable(conn, durable);
	if (conn->lost == SQLITE_OK)
		conn->lost = conn_exec(conn, "BEGIN IMMEDIATE");
	conn->in_tx = conn->lost == SQLITE_OK;
	return (struct tx){ .conn = conn };
}

struct tx tx_begin(struct db *db)
{
	return begin_write(&db->writer, true);
}

struct tx tx_begin_lazy(struct db *db)
{
	return begin_write(&db->writer, false);
}

struct tx tx_begin_read(struct db *db)
{
	struct db_conn *conn = &db->reader;

	lock(conn);
	conn->lost = conn_exec(conn, "BEGIN");
	conn->in_tx = conn->lost == SQLITE_OK;
	return (struct tx){ .conn = conn };
}

int tx_commit(struct tx *tx, struct err *e)
{
	struct db_conn *conn = tx->conn;
	int rc;

	if (conn->lost != SQLITE_OK)
		return conn_fail(conn, conn->lost, "beginning or keeping a transaction", e);
	assert(conn->in_tx);
	rc = conn_exec(conn, "COMMIT");
	if (rc != SQLITE_OK)
		return conn_fail(conn, rc, "commit", e);
	conn->in_tx = false;
	return 0;
}

void tx_end(struct tx *tx)
{
	struct db_conn *conn = tx->conn;

	if (!sqlite3_get_autocommit(conn->raw))
		conn_exec(conn, "ROLLBACK");
	conn->in_tx = false;
	pthread_mutex_unlock(&conn->lock);
}

int64_t tx_last_id(const struct tx *tx)
{
	return sqlite3_last_insert_rowid(tx->conn->raw);
}
