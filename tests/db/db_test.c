#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auto.h"
#include "db.h"
#include "meta_store.h"
#include "migrate.h"
#include "temp.h"

static struct err e;

static int64_t pragma(struct db_conn *conn, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(conn->raw, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

static int write_file(const char *path, const void *bytes, size_t len)
{
	AUTO(auto_fclose) FILE *f = fopen(path, "w");

	return f && fwrite(bytes, 1, len, f) == len ? 0 : -1;
}

static bool file_is(const char *path, const void *bytes, size_t len)
{
	AUTO(auto_free) char *found = malloc(len + 1);
	AUTO(auto_fclose) FILE *f = fopen(path, "r");

	return f && found && fread(found, 1, len + 1, f) == len && !memcmp(found, bytes, len);
}

/* A database that no archive made. */
static int make_foreign(const char *path, const char *sql)
{
	sqlite3 *raw = NULL;
	int rc = sqlite3_open(path, &raw);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(raw, sql, NULL, NULL, NULL);
	sqlite3_close(raw);
	return rc == SQLITE_OK ? 0 : -1;
}

/* ---- opening */

static void fresh_file_gets_its_folder_and_the_newest_schema(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	char path[300];
	struct stat st;
	int version;

	snprintf(path, sizeof path, "%s/var/lib/archive.db", temp.dir);
	CHECK_OK(db_open(&db, path, &e), e);
	CHECK_OK(migrate_version(&db, &version, &e), e);
	CHECK(version == migrate_newest());
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0137) == 0);
	snprintf(path, sizeof path, "%s/var/lib", temp.dir);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0027) == 0);
}

static void connections_are_set_up_as_promised(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(pragma(&db.writer, "SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1);
	CHECK(pragma(&db.writer, "PRAGMA foreign_keys") == 1);
	CHECK(pragma(&db.writer, "PRAGMA auto_vacuum") == 2);
	CHECK(pragma(&db.writer, "PRAGMA page_size") == 1024);
	CHECK(pragma(&db.reader, "PRAGMA query_only") == 1);
	CHECK(pragma(&db.writer, "PRAGMA cache_size") == -1024);
	CHECK(pragma(&db.reader, "PRAGMA cache_size") == -1024);
}

static void file_that_is_no_database_is_refused_and_untouched(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(auto_free) uint8_t *noise = noise_new(1, 10000);
	static const size_t sizes[] = { 1, 15, 511, 512, 600, 10000 };
	char beside[300];
	struct db db;

	snprintf(beside, sizeof beside, "%s-wal", temp.path);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CHECK(write_file(temp.path, noise, sizes[i]) == 0);
		CHECK(db_open(&db, temp.path, &e) == -1);
		CHECK(e.code == ERR_ARCHIVE_DAMAGED);
		CHECK(strstr(e.text, temp.path) && *e.hint);
		CHECK(file_is(temp.path, noise, sizes[i]));
		CHECK(access(beside, F_OK) < 0);
	}
}

static void database_of_another_program_is_refused_and_untouched(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	sqlite3 *raw = NULL;
	struct db db;

	CHECK(make_foreign(temp.path, "CREATE TABLE song (id INTEGER)") == 0);
	CHECK(db_open(&db, temp.path, &e) == -1);
	CHECK(e.code == ERR_ARCHIVE_DAMAGED && strstr(e.text, "another program"));
	CHECK(sqlite3_open(temp.path, &raw) == SQLITE_OK);

	struct db_conn conn = { .raw = raw };
	const int64_t tables = pragma(&conn, "SELECT count(*) FROM sqlite_schema");
	const int64_t wal = pragma(&conn, "SELECT journal_mode = 'wal' FROM pragma_journal_mode");

	sqlite3_close(raw);
	CHECK(tables == 1);
	CHECK(wal == 0);
}

static void newer_file_is_refused_and_untouched(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(auto_free) char *before = NULL;
	struct db db;

	CHECK(make_foreign(temp.path, "CREATE TABLE x (y); PRAGMA user_version = 99;"
				      "PRAGMA application_id = 0x466c5267") == 0);

	const size_t len = file_size(temp.path);
	AUTO(auto_fclose) FILE *f = fopen(temp.path, "r");

	before = malloc(len);
	CHECK(f && before && fread(before, 1, len, f) == len);
	CHECK(db_open(&db, temp.path, &e) == -1);
	CHECK(e.code == ERR_IO && strstr(e.text, "schema 99") && strstr(e.text, temp.path));
	CHECK(*e.hint);
	CHECK(file_is(temp.path, before, len));
}

static void truncated_file_is_damaged(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	db_close(&db);
	CHECK(truncate(temp.path, (off_t)file_size(temp.path) / 2) == 0);
	CHECK(db_open(&db, temp.path, &e) == -1);
	CHECK(e.code == ERR_ARCHIVE_DAMAGED && strstr(e.hint, "backup"));
}

static void directory_is_refused_by_name(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct db db;

	CHECK(db_open(&db, temp.dir, &e) == -1);
	CHECK(e.code == ERR_IO && strstr(e.text, "is a directory") && strstr(e.text, temp.dir));
}

static void file_in_the_place_of_a_folder_is_named(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	char path[300];
	struct db db;

	CHECK(write_file(temp.path, "x", 1) == 0);
	snprintf(path, sizeof path, "%s/archive.db", temp.path);
	CHECK(db_open(&db, path, &e) == -1);
	CHECK(e.code == ERR_IO && strstr(e.text, "Not a directory"));
}

/* In a child, because it gives up its rights: 0 when the answer is the right one. */
static int open_as_nobody(const char *path)
{
	struct db db;

	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		return 2;
	if (db_open(&db, path, &e) == 0)
		return 1;
	return e.code == ERR_IO && strstr(e.text, "Permission denied") && *e.hint ? 0 : 1;
}

static int in_child(int (*fn)(const char *path), const char *path)
{
	int status;
	const pid_t pid = fork();

	if (pid == 0)
		_exit(fn(path));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void missing_permission_is_told(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	db_close(&db);
	CHECK(chmod(temp.dir, 0755) == 0);
	CHECK(chmod(temp.path, 0444) == 0);
	CHECK(in_child(open_as_nobody, temp.path) == 0);
	CHECK(chmod(temp.dir, 0555) == 0);
	CHECK(unlink(temp.path) == 0 || errno == EACCES);
	CHECK(in_child(open_as_nobody, temp.path) == 0);
	CHECK(chmod(temp.dir, 0755) == 0);
}

static void closing_after_a_failed_open_is_harmless(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct db db;

	CHECK(db_open(&db, temp.dir, &e) == -1);
	db_close(&db);
}

/* ---- transactions */

static void unfinished_work_is_rolled_back(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	{
		AUTO(tx_end) struct tx tx = tx_begin(&db);
		AUTO(stmt_free)
		struct stmt s = stmt_new(&tx, "INSERT INTO meta VALUES ('a', 1)");

		CHECK_OK(stmt_end(&s, &e), e);
	}
	CHECK(ask(&db, "SELECT count(*) FROM meta WHERE name = 'a'") == 0);
}

static void finished_work_survives_closing(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct db db;

	for (int64_t i = 1; i <= 3; i++) {
		int64_t starts = 0;

		CHECK_OK(db_open(&db, temp.path, &e), e);
		{
			AUTO(tx_end) struct tx tx = tx_begin(&db);

			CHECK_OK(meta_count_start(&tx, &starts, &e), e);
			CHECK_OK(tx_commit(&tx, &e), e);
		}
		db_close(&db);
		CHECK(starts == i);
	}
}

static void bad_sql_shows_once_at_the_end(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, "SELECT x FROM nowhere WHERE id = ?");

	stmt_int(&s, 1);
	CHECK(!stmt_row(&s));
	stmt_reset(&s);
	stmt_text(&s, "x");
	CHECK(stmt_end(&s, &e) == -1);
	CHECK(e.code == ERR_IO && strstr(e.text, "no such table: nowhere"));
}

static void failing_statement_names_itself(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, "INSERT INTO meta VALUES ('a', 'text')");

	CHECK(stmt_end(&s, &e) == -1);
	CHECK(strstr(e.text, "INSERT INTO meta") && strstr(e.text, "cannot store TEXT"));
}

static void values_come_back_as_they_went(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	char cut[4];
	size_t len;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin_read(&db);
	AUTO(stmt_free)
	struct stmt s = stmt_new(&tx, "SELECT ? AS i, ? AS none, ? AS t, ? AS nt, ? AS b,"
				      " typeof(?) AS empty");

	stmt_int(&s, INT64_MIN);
	stmt_int_or_null(&s, -5);
	stmt_text(&s, "text");
	stmt_text(&s, NULL);
	stmt_blob(&s, "\0b", 2);
	stmt_blob(&s, NULL, 0);
	CHECK(stmt_row(&s));
	CHECK(stmt_col_int(&s, "i") == INT64_MIN);
	CHECK(stmt_col_int(&s, "none") == 0 && stmt_col_int_or_null(&s, "none") == -1);
	stmt_copy_text(&s, "t", cut, sizeof cut);
	CHECK(!strcmp(cut, "tex") && !strcmp(stmt_col_text(&s, "nt"), ""));
	CHECK(!memcmp(stmt_col_blob(&s, "b", &len), "\0b", 2) && len == 2);
	CHECK(!strcmp(stmt_col_text(&s, "empty"), "blob"));
	CHECK(!stmt_row(&s));
	CHECK_OK(stmt_end(&s, &e), e);
}

static void statement_runs_again_after_a_reset(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&db);
	AUTO(stmt_free)
	struct stmt s = stmt_new(&tx, "INSERT INTO meta VALUES (?, 7) RETURNING value");

	for (int i = 0; i < 3; i++) {
		char name[8];

		snprintf(name, sizeof name, "n%d", i);
		stmt_reset(&s);
		stmt_text(&s, name);
		CHECK(stmt_row(&s) && stmt_col_int(&s, "value") == 7);
		CHECK_OK(stmt_end(&s, &e), e);
	}
	stmt_reset(&s);
	stmt_text(&s, "n0");
	CHECK(stmt_end(&s, &e) == -1 && strstr(e.text, "UNIQUE"));
}

static void reader_cannot_write(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin_read(&db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, "INSERT INTO meta VALUES ('a', 1)");

	CHECK(stmt_end(&s, &e) == -1);
}

static void only_lazy_work_may_be_late(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	for (int i = 0; i < 2; i++) {
		{
			AUTO(tx_end) struct tx tx = tx_begin_lazy(&db);

			CHECK(pragma(tx.conn, "PRAGMA synchronous") == 1);
		}
		{
			AUTO(tx_end) struct tx tx = tx_begin(&db);

			CHECK(pragma(tx.conn, "PRAGMA synchronous") == 2);
		}
	}
}

static void transaction_that_sqlite_ended_stays_ended(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(pragma(&db.writer, "PRAGMA max_page_count = 200") == 200);
	{
		AUTO(tx_end) struct tx tx = tx_begin(&db);
		AUTO(stmt_free)
		struct stmt big = stmt_new(&tx, "INSERT INTO block (sha256, codec, size, bytes)"
						" VALUES (x'00', 0, 0, zeroblob(1000000))");
		AUTO(stmt_free)
		struct stmt early = stmt_new(&tx, "INSERT INTO meta VALUES ('early', 1)");

		CHECK(stmt_end(&big, &e) == -1 && e.code == ERR_ARCHIVE_FULL && *e.hint);
		sqlite3_exec(db.writer.raw, "ROLLBACK", NULL, NULL, NULL); /* as after IOERR */
		db.writer.lost = SQLITE_FULL;

		AUTO(stmt_free)
		struct stmt late = stmt_new(&tx, "INSERT INTO meta VALUES ('late', 1)");

		CHECK(stmt_end(&early, &e) == -1 && e.code == ERR_ARCHIVE_FULL);
		CHECK(stmt_end(&late, &e) == -1 && e.code == ERR_ARCHIVE_FULL);
		CHECK(tx_commit(&tx, &e) == -1 && e.code == ERR_ARCHIVE_FULL);
	}
	CHECK(ask(&db, "SELECT count(*) FROM meta WHERE name IN ('early', 'late')") == 0);
	CHECK(run(&db, "INSERT INTO meta VALUES ('next', 1)") == 0);
}

static int begin_twice(const char *path)
{
	struct db db;

	if (db_open(&db, path, &e) < 0)
		return 1;
	if (freopen("/dev/null", "w", stderr) == NULL)
		return 1;

	AUTO(tx_end) struct tx first = tx_begin(&db);
	AUTO(tx_end) struct tx second = tx_begin(&db);

	return first.conn == second.conn;
}

static void second_transaction_in_a_thread_aborts(void)
{
	AUTO(temp_close) struct temp temp = temp_open();

	CHECK(in_child(begin_twice, temp.path) == 128 + SIGABRT);
}

static void check_wal(const char *path)
{
	AUTO(db_close) struct db db;
	char wal[300];

	snprintf(wal, sizeof wal, "%s-wal", path);
	CHECK_OK(db_open(&db, path, &e), e);
	for (int i = 0; i < 40; i++)
		CHECK(run(&db, "INSERT OR REPLACE INTO block (id, sha256, codec, size, bytes)"
			       " VALUES (1, x'00', 0, 0, randomblob(1000000))") == 0);
	CHECK(file_size(wal) > 0 && file_size(wal) < 4u << 20);
}

static void wal_does_not_grow_for_ever(void)
{
	AUTO(temp_close) struct temp temp = temp_open();

	check_wal(temp.path);
	check_wal(temp.path);
}

/* ---- two threads */

struct pair {
	struct db db;
	atomic_bool stop;
	atomic_int torn, seen, failed;
};

/* Writes rows two at a time. */
static void *write_pairs(void *ctx)
{
	struct pair *pair = ctx;

	for (int i = 0; i < 200; i++) {
		AUTO(tx_end)
		struct tx tx = i % 2 ? tx_begin(&pair->db) : tx_begin_lazy(&pair->db);
		struct err why;

		for (int k = 0; k < 2; k++) {
			AUTO(stmt_free)
			struct stmt s = stmt_new(&tx, "INSERT INTO device (jedec_id,"
						      " first_seen_ms, last_seen_ms)"
						      " VALUES ('0B4016', 1, 1)");

			if (stmt_end(&s, &why) < 0)
				pair->failed++;
		}
		if (tx_commit(&tx, &why) < 0)
			pair->failed++;
	}
	pair->stop = true;
	return NULL;
}

static void *read_pairs(void *ctx)
{
	struct pair *pair = ctx;

	while (!pair->stop) {
		AUTO(tx_end) struct tx tx = tx_begin_read(&pair->db);
		AUTO(stmt_free) struct stmt s = stmt_new(&tx, "SELECT count(*) AS n FROM device");

		if (!stmt_row(&s))
			pair->failed++;
		else if (stmt_col_int(&s, "n") % 2)
			pair->torn++;
		pair->seen++;
	}
	return NULL;
}

static void reader_sees_whole_transactions_only(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct pair pair = { 0 };
	pthread_t writer, reader;

	CHECK_OK(db_open(&pair.db, temp.path, &e), e);
	CHECK(pthread_create(&writer, NULL, write_pairs, &pair) == 0);
	CHECK(pthread_create(&reader, NULL, read_pairs, &pair) == 0);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);

	const int64_t n = ask(&pair.db, "SELECT count(*) FROM device");

	db_close(&pair.db);
	CHECK(pair.failed == 0);
	CHECK(pair.torn == 0);
	CHECK(pair.seen > 0);
	CHECK(n == 400);
}

static void reader_does_not_wait_for_a_writer(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(tx_end) struct tx writing = tx_begin(&db);
	AUTO(stmt_free) struct stmt put = stmt_new(&writing, "INSERT INTO meta VALUES ('a', 1)");

	CHECK_OK(stmt_end(&put, &e), e);

	AUTO(tx_end) struct tx reading = tx_begin_read(&db);
	AUTO(stmt_free) struct stmt get = stmt_new(&reading, "SELECT count(*) AS n FROM meta");

	CHECK(stmt_row(&get));
	CHECK(stmt_col_int(&get, "n") == 0);
}

static const struct check all[] = {
	{ "a fresh file gets its folder and the newest schema",
	  fresh_file_gets_its_folder_and_the_newest_schema },
	{ "connections are set up as promised", connections_are_set_up_as_promised },
	{ "a file that is no database is refused and untouched",
	  file_that_is_no_database_is_refused_and_untouched },
	{ "a database of another program is refused and untouched",
	  database_of_another_program_is_refused_and_untouched },
	{ "a newer file is refused and untouched", newer_file_is_refused_and_untouched },
	{ "a truncated file is damaged", truncated_file_is_damaged },
	{ "a directory is refused by name", directory_is_refused_by_name },
	{ "a file in the place of a folder is named", file_in_the_place_of_a_folder_is_named },
	{ "missing permission is told", missing_permission_is_told },
	{ "closing after a failed open is harmless", closing_after_a_failed_open_is_harmless },
	{ "unfinished work is rolled back", unfinished_work_is_rolled_back },
	{ "finished work survives closing", finished_work_survives_closing },
	{ "bad sql shows once, at the end", bad_sql_shows_once_at_the_end },
	{ "a failing statement names itself", failing_statement_names_itself },
	{ "values come back as they went", values_come_back_as_they_went },
	{ "a statement runs again after a reset", statement_runs_again_after_a_reset },
	{ "the reader cannot write", reader_cannot_write },
	{ "only lazy work may be late", only_lazy_work_may_be_late },
	{ "a transaction that sqlite ended stays ended",
	  transaction_that_sqlite_ended_stays_ended },
	{ "a second transaction in a thread aborts", second_transaction_in_a_thread_aborts },
	{ "the wal does not grow for ever", wal_does_not_grow_for_ever },
	{ "a reader sees whole transactions only", reader_sees_whole_transactions_only },
	{ "a reader does not wait for a writer", reader_does_not_wait_for_a_writer },
};
CHECK_MAIN(all)
