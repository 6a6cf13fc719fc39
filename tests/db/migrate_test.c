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

static int fill_first(struct db *db)
{
	return run(db, "INSERT INTO device (jedec_id, first_seen_ms, last_seen_ms, label)"
		       " VALUES ('0B4016', 1, 2, 'front door')") < 0 ||
			       run(db, "INSERT INTO content (complete, size, crc32, sha256, stored)"
				       " VALUES (1, 3, 7, zeroblob(32), 3)") < 0 ||
			       run(db, "INSERT INTO job (type, slot, state, created_ms, backup)"
				       " VALUES ('write', 'left', 'failed', 5, 1)") < 0 ||
			       run(db, "INSERT INTO dump (device, slot, job, jedec_id, chip,"
				       " chip_offset, content, complete, verified, source,"
				       " created_ms, label, notes) VALUES (1, 'left', 1, '0B4016',"
				       " 'XT25F32B', 0, 1, 1, 1, 'spi', 9, 'factory', 'n')") < 0 ||
			       run(db, "INSERT INTO dump_tag VALUES (1, 'good')") < 0
		       ? -1
		       : 0;
}

static void rows_of_every_old_schema_are_there_in_the_newest(void)
{
	for (int from = 1; from <= migrate_newest(); from++) {
		AUTO(old_close) struct old old;

		CHECK(old_open(&old) == 0);
		CHECK_OK(migrate(&old.db, from, &e), e);
		CHECK(fill_first(&old.db) == 0);
		if (from < 6)
			CHECK(run(&old.db, "UPDATE device SET partial_job = 1") == 0);
		if (from >= 2)
			CHECK(run(&old.db, "INSERT INTO image (name, kind, content, created_ms)"
					   " VALUES ('i', 'bin', 1, 3)") == 0);
		CHECK_OK(migrate(&old.db, migrate_newest(), &e), e);
		CHECK(ask(&old.db, "SELECT count(*) FROM dump JOIN content ON content.id = content"
				   " JOIN device ON device.id = device WHERE dump.notes = 'n'"
				   " OR dump.label = 'factory'") == 1);
		CHECK(ask(&old.db, "SELECT count(*) FROM dump_tag") == 1);
		CHECK(ask(&old.db, "SELECT count(*) FROM image") == (from >= 2));
		CHECK(ask(&old.db, "SELECT backup FROM partial") == (from < 6 ? 1 : -1));
		if (from < 9)
			CHECK(ask(&old.db, "SELECT rowid FROM dump_words WHERE dump_words MATCH"
					   " '\"front door\" good fact xt25'") == 1);
		CHECK(ask(&old.db, "SELECT count(*) FROM pragma_foreign_key_check") == 0);
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
	{ "rows of every old schema are there in the newest",
	  rows_of_every_old_schema_are_there_in_the_newest },
	{ "a newer file is refused", newer_file_is_refused },
	{ "a failed step leaves the schema that was", failed_step_leaves_the_schema_that_was },
	{ "all tables are strict", all_tables_are_strict },
};
CHECK_MAIN(all)
