#include "check.h"

#include "auto.h"
#include "conn.h"
#include "migrate.h"
#include "temp.h"

static struct err e;

/* A file without the newest schema, which db_open() would bring up at once. */
struct old {
	struct db db;
};

static int old_open(struct old *old)
{
	*old = (struct old){ 0 };
	conn_init(&old->db.writer);
	conn_init(&old->db.reader);
	return sqlite3_open(":memory:", &old->db.writer.raw) == SQLITE_OK ? 0 : -1;
}

static void old_close(struct old *old)
{
	db_close(&old->db);
}

static void every_old_schema_reaches_the_newest(void)
{
	for (int from = 0; from <= migrate_newest(); from++) {
		AUTO(old_close) struct old old;
		int version = -1;

		CHECK(old_open(&old) == 0);
		CHECK_OK(migrate(&old.db, from, &e), e);
		CHECK_OK(migrate_version(&old.db, &version, &e), e);
		CHECK(version == from);
		CHECK_OK(migrate(&old.db, migrate_newest(), &e), e);
		CHECK_OK(migrate_version(&old.db, &version, &e), e);
		CHECK(version == migrate_newest());
		CHECK(ask(&old.db, "SELECT count(*) FROM job") == 0);
	}
}

static void newer_file_is_refused(void)
{
	AUTO(old_close) struct old old;

	CHECK(old_open(&old) == 0);
	CHECK_OK(migrate(&old.db, migrate_newest(), &e), e);
	CHECK(run(&old.db, "PRAGMA user_version = 99") == 0);
	CHECK(migrate(&old.db, migrate_newest(), &e) == -1);
	CHECK(e.code == ERR_IO && strstr(e.text, "schema 99"));
}

static void failed_step_leaves_the_schema_that_was(void)
{
	AUTO(old_close) struct old old;
	int version = -1;

	CHECK(old_open(&old) == 0);
	CHECK(run(&old.db, "CREATE TABLE dump_unstable (x)") == 0);
	CHECK(migrate(&old.db, migrate_newest(), &e) == -1);
	CHECK_OK(migrate_version(&old.db, &version, &e), e);
	CHECK(version == 0);
	CHECK(ask(&old.db, "SELECT count(*) FROM sqlite_schema") == 1);
}

static void all_tables_are_strict(void)
{
	AUTO(old_close) struct old old;

	CHECK(old_open(&old) == 0);
	CHECK_OK(migrate(&old.db, migrate_newest(), &e), e);
	CHECK(ask(&old.db, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main'"
			   " AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'dump_words%'"
			   " AND NOT strict") == 0);
}

static const struct check all[] = {
	{ "every old schema reaches the newest", every_old_schema_reaches_the_newest },
	{ "a newer file is refused", newer_file_is_refused },
	{ "a failed step leaves the schema that was", failed_step_leaves_the_schema_that_was },
	{ "all tables are strict", all_tables_are_strict },
};
CHECK_MAIN(all)
