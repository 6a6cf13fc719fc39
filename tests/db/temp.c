#include "temp.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auto.h"

struct temp temp_open(void)
{
	const char *base = secure_getenv("TMPDIR");
	struct temp temp;

	snprintf(temp.dir, sizeof temp.dir, "%s/archive-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(temp.dir))
		abort();
	snprintf(temp.path, sizeof temp.path, "%s/archive.db", temp.dir);
	return temp;
}

void temp_close(struct temp *temp)
{
	char *roots[] = { temp->dir, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	for (FTSENT *at = tree ? fts_read(tree) : NULL; at; at = fts_read(tree))
		if (at->fts_info != FTS_D)
			remove(at->fts_accpath);
	if (tree)
		fts_close(tree);
}

size_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

/* splitmix64 */
uint64_t noise_next(struct noise *noise)
{
	uint64_t z = noise->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void noise_fill(uint64_t seed, uint8_t *bytes, size_t len)
{
	struct noise noise = { seed };

	for (size_t at = 0; at < len; at += 8) {
		const uint64_t word = noise_next(&noise);

		memcpy(bytes + at, &word, len - at < 8 ? len - at : 8);
	}
}

uint8_t *noise_new(uint64_t seed, size_t len)
{
	uint8_t *bytes = malloc(len + 1);

	if (!bytes)
		abort();
	noise_fill(seed, bytes, len);
	return bytes;
}

int take_in(struct db *db, const uint8_t *bytes, size_t len, struct content *content, struct err *e)
{
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(db, e);

	if (!in || ingest_append(in, bytes, len, e) < 0 || ingest_seal(in, content, e) < 0)
		return -1;

	AUTO(tx_end) struct tx tx = tx_begin(db);

	if (ingest_commit(in, &tx, content, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int64_t ask(struct db *db, const char *sql)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, sql);

	if (stmt_row(&s))
		return sqlite3_column_int64(s.raw, 0);
	fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db->writer.raw));
	return -1;
}

int run(struct db *db, const char *sql)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	struct err e;

	if (sqlite3_exec(db->writer.raw, sql, NULL, NULL, NULL) == SQLITE_OK)
		return tx_commit(&tx, &e);
	fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db->writer.raw));
	return -1;
}

bool is_clean(struct db *db)
{
	const int64_t unfinished = ask(db, "SELECT count(*) FROM content WHERE complete = 0");
	const int64_t noted = ask(db, "SELECT count(*) FROM ingest");
	const int64_t orphans =
		ask(db, "WITH RECURSIVE at (i) AS (VALUES (1) UNION ALL SELECT i + 4 FROM at WHERE"
			"  i < 1024), used (hex) AS (SELECT DISTINCT hex(substr(blocks, i, 4))"
			"  FROM content_map JOIN at ON i < length(blocks))"
			" SELECT count(*) FROM block WHERE printf('%02X%02X%02X00', id & 255,"
			"  id >> 8 & 255, id >> 16 & 255) NOT IN (SELECT hex FROM used)");

	return unfinished == 0 && noted == 0 && orphans == 0 &&
	       ask(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1;
}

int64_t pragma(struct db_conn *conn, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(conn->raw, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

int in_child(int (*fn)(const char *path), const char *path)
{
	int status;
	const pid_t pid = fork();

	if (pid == 0)
		_exit(fn(path));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
