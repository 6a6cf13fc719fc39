#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "job_store.h"

/* Where a log ends, and where it must. */
struct log {
	int64_t job;
	int64_t seq, total; /* of its last row */
	size_t max;
};

#define CUT INT64_MAX /* as total: nothing more is taken */

static int find_end(struct tx *tx, struct log *log, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT seq, total FROM job_log WHERE job = ?"
				     " ORDER BY seq DESC LIMIT 1");

	stmt_int(&s, log->job);
	if (stmt_row(&s)) {
		log->seq = stmt_col_int(&s, "seq");
		log->total = stmt_col_int(&s, "total");
	}
	return stmt_end(&s, e);
}

static int add_row(struct tx *tx, const struct log *log, int64_t total, const char *text,
		   struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO job_log (job, seq, total, text)"
				     " VALUES (?, ?, ?, ?)");

	stmt_int(&s, log->job);
	stmt_int(&s, log->seq + 1);
	stmt_int(&s, total);
	stmt_text(&s, text);
	return stmt_end(&s, e);
}

/* Whole lines only, so that no character is cut in two. */
static int lines_within(const char *text, size_t room)
{
	const char *end = memrchr(text, '\n', room);

	return end ? (int)(end + 1 - text) : 0;
}

/* The last row of a log that is full: what still fits, and a line that says so. */
static int add_cut(struct tx *tx, const struct log *log, const char *text, struct err *e)
{
	const size_t used = (size_t)log->total;
	const int len = used < log->max ? lines_within(text, log->max - used) : 0;
	char *row;
	int rc;

	if (asprintf(&row, "%.*s[the log was cut here: it holds no more than %zu bytes]\n", len,
		     text, log->max) < 0)
		return err_set(e, ERR_MEMORY, "job %lld: out of memory for its log",
			       (long long)log->job);
	rc = add_row(tx, log, CUT, row, e);
	free(row);
	return rc;
}

int job_log_add(struct tx *tx, int64_t job, const char *text, size_t max, struct err *e)
{
	struct log log = { .job = job, .max = max };
	const size_t len = strlen(text);

	if (find_end(tx, &log, e) < 0)
		return -1;
	if (log.total == CUT || !len)
		return 0;
	if ((size_t)log.total + len > max)
		return add_cut(tx, &log, text, e);
	return add_row(tx, &log, log.total + (int64_t)len, text, e);
}

int job_log_get(struct tx *tx, int64_t job, char **text, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT text FROM job_log WHERE job = ? ORDER BY seq");
	AUTO(auto_free) char *all = NULL;
	size_t size;
	FILE *f = open_memstream(&all, &size);
	int failed;

	if (!f)
		return err_set(e, ERR_MEMORY, "job %lld: out of memory for its log",
			       (long long)job);
	stmt_int(&s, job);
	while (stmt_row(&s))
		fputs(stmt_col_text(&s, "text"), f);
	failed = ferror(f);
	if (fclose(f) != 0 || failed)
		return err_set(e, ERR_MEMORY, "job %lld: out of memory for its log",
			       (long long)job);
	if (stmt_end(&s, e) < 0)
		return -1;
	*text = TAKE(all);
	return 0;
}
