#include "check.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"
#include "db.h"
#include "migrate.h"
#include "temp.h"

static struct err e;

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
};
CHECK_MAIN(all)
