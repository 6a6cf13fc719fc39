#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auto.h"
#include "conn.h"

#define PAGES 4096 /* between two looks at progress */

static int failed(const char *file, int error, struct err *e)
{
	return err_set(e, error == ENOSPC || error == EDQUOT ? ERR_ARCHIVE_FULL : ERR_IO, "%s: %s",
		       file, strerrordesc_np(error));
}

/* Nobody else may read it, and nobody's file may be lost. */
static int make(const char *file, struct err *e)
{
	AUTO(auto_close) int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd < 0 && errno == EEXIST)
		return err_set(e, ERR_CONFLICT, "%s: is there already", file);
	return fd < 0 ? failed(file, errno, e) : 0;
}

static int sync_path(const char *path, int flags, struct err *e)
{
	AUTO(auto_close) int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? failed(path, errno, e) : 0;
}

/* The file, and its name in the folder. */
static int sync_file(const char *file, struct err *e)
{
	const char *slash = strrchr(file, '/');
	AUTO(auto_free) char *folder = strndup(file, slash ? (size_t)(slash - file) + 1 : 0);

	if (!folder)
		return err_set(e, ERR_MEMORY, "out of memory for a path");
	if (sync_path(file, O_RDONLY, e) < 0)
		return -1;
	return sync_path(*folder ? folder : ".", O_RDONLY | O_DIRECTORY, e);
}

static int run(sqlite3_backup *backup, struct db_conn *to, struct progress *progress, struct err *e)
{
	int rc;

	do {
		rc = sqlite3_backup_step(backup, PAGES);
		const int total = sqlite3_backup_pagecount(backup);

		if (progress_report(progress, (uint64_t)(total - sqlite3_backup_remaining(backup)),
				    (uint64_t)total, e) < 0)
			return -1;
	} while (rc == SQLITE_OK);
	return rc == SQLITE_DONE ? 0 : conn_fail(to, rc, "copying", e);
}

/* A transaction begins with the first thing that is read in it. */
static int hold_moment(struct tx *tx, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT count(*) FROM sqlite_schema");

	return stmt_end(&s, e);
}

/* Within one reading transaction: else each write of others would make it begin anew. */
static int copy_pages(struct db *db, struct db_conn *to, struct progress *progress, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	sqlite3_backup *backup;
	int result;

	if (hold_moment(&tx, e) < 0)
		return -1;
	backup = sqlite3_backup_init(to->raw, "main", tx.conn->raw, "main");
	if (!backup)
		return conn_fail(to, sqlite3_extended_errcode(to->raw), "beginning to copy", e);
	result = run(backup, to, progress, e);
	sqlite3_backup_finish(backup);
	return result;
}

static int copy_into(struct db *db, const char *file, struct progress *progress, struct err *e)
{
	AUTO(db_close) struct db copy = { 0 };
	struct db_conn *to = &copy.writer;
	int rc;

	conn_init(&copy.writer);
	conn_init(&copy.reader);
	rc = sqlite3_open_v2(file, &to->raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return conn_fail(to, rc, "opening", e);
	if (copy_pages(db, to, progress, e) < 0)
		return -1;
	/* One file, that can be copied on: no WAL beside it. The daemon turns it on again. */
	return conn_exec(to, "PRAGMA journal_mode = DELETE") == SQLITE_OK
		       ? 0
		       : conn_fail(to, sqlite3_extended_errcode(to->raw), "finishing the copy", e);
}

/* Under another name until it is whole: what a crash leaves is taken for no copy. */
static int make_whole(const char *part, const char *file, struct err *e)
{
	if (renameat2(AT_FDCWD, part, AT_FDCWD, file, RENAME_NOREPLACE) < 0)
		return failed(file, errno, e);
	return sync_file(file, e);
}

int db_copy(struct db *db, const char *file, struct progress *progress, struct err *e)
{
	AUTO(auto_free) char *part = NULL;

	if (asprintf(&part, "%s.%d.part", file, (int)getpid()) < 0) {
		part = NULL;
		return err_set(e, ERR_MEMORY, "out of memory for a path");
	}
	if (access(file, F_OK) == 0)
		return err_set(e, ERR_CONFLICT, "%s: is there already", file);
	if (make(part, e) < 0)
		return -1;
	if (copy_into(db, part, progress, e) == 0 && sync_path(part, O_RDONLY, e) == 0 &&
	    make_whole(part, file, e) == 0)
		return 0;
	unlink(part);
	return -1;
}
