#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "auto.h"
#include "db.h"
#include "meta_store.h"
#include "temp.h"

static struct err e;

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
