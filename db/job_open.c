#include "auto.h"
#include "job_store.h"

int job_find_open(struct tx *tx, enum job_type type, struct job *job, bool *found, struct err *e)
{
	static const enum job_state open[] = { JOB_RUNNING, JOB_QUEUED };
	struct page page = { .max = 1 };

	for (size_t i = 0; i < ARRAY_LEN(open) && !page.n; i++) {
		const struct job_filter filter = { .batch = JOB_NONE,
						   .has_state = true,
						   .state = open[i],
						   .has_type = true,
						   .type = type,
						   .before = JOB_NONE };

		if (job_list(tx, &filter, job, &page, e) < 0)
			return -1;
	}
	*found = page.n > 0;
	return 0;
}

static int find_open(struct tx *tx, const char *sql, int64_t of, int64_t *id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	stmt_int(&s, of);
	stmt_int(&s, of);
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : JOB_NONE;
	return stmt_end(&s, e);
}

/* Few jobs are open: they are found by their state. */
#define OPEN_WITH(column) \
	"SELECT id FROM job WHERE state = 'running' AND " column " = ?" \
	" UNION ALL SELECT id FROM job WHERE state = 'queued' AND " column " = ? LIMIT 1"

int job_find_resume(struct tx *tx, int64_t job, int64_t *id, struct err *e)
{
	return find_open(tx, OPEN_WITH("resumes"), job, id, e);
}

int job_find_image_user(struct tx *tx, int64_t image, int64_t *id, struct err *e)
{
	return find_open(tx, OPEN_WITH("req_image"), image, id, e);
}

int job_find_dump_user(struct tx *tx, int64_t dump, int64_t *id, struct err *e)
{
	return find_open(tx, OPEN_WITH("req_dump"), dump, id, e);
}

int job_last_device(struct tx *tx, const char *slot, int64_t before, int64_t *device, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT device FROM job WHERE slot = ? AND id < ?"
				     " AND device IS NOT NULL ORDER BY id DESC LIMIT 1");

	stmt_text(&s, slot);
	stmt_int(&s, before);
	*device = stmt_row(&s) ? stmt_col_int(&s, "device") : JOB_NONE;
	return stmt_end(&s, e);
}

int job_was_backup(struct tx *tx, int64_t dump, int64_t device, bool *was, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id FROM job WHERE backup = ? AND device = ? LIMIT 1");

	stmt_int(&s, dump);
	stmt_int(&s, device);
	*was = stmt_row(&s);
	return stmt_end(&s, e);
}
