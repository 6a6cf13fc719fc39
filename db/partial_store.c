#include "partial_store.h"

#include "auto.h"
#include "device_merge.h"

#define NONE (-1)

#define SELECT_PARTIAL \
	"SELECT partial.*, req_image, req_dump FROM partial JOIN job ON job.id = partial.job"

/* Rows of one write, oldest write first; what the sum says of them stands in the header. */
static int read_sum(struct stmt *s, struct partial *sum, struct err *e)
{
	struct partial all = { .device = NONE,
			       .job = NONE,
			       .backup = NONE,
			       .since_ms = NONE,
			       .image = NONE,
			       .dump = NONE };

	while (stmt_row(s)) {
		const int64_t job = stmt_col_int(s, "job"),
			      backup = stmt_col_int_or_null(s, "backup");
		const uint64_t start = (uint64_t)stmt_col_int(s, "start");
		const uint64_t end = start + (uint64_t)stmt_col_int(s, "length");

		if (all.job == NONE)
			all.since_ms = stmt_col_int(s, "since_ms");
		if (all.backup == NONE)
			all.backup = backup;
		if (all.job != job)
			all.start = start;
		all.job = job;
		all.image = stmt_col_int_or_null(s, "req_image");
		all.dump = stmt_col_int_or_null(s, "req_dump");
		all.device = stmt_col_int(s, "device");
		all.length = end - all.start;
	}
	if (stmt_end(s, e) < 0)
		return -1;
	*sum = all;
	return 0;
}

int partial_get(struct tx *tx, int64_t device, struct partial *sum, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, SELECT_PARTIAL " WHERE partial.device = ?"
						    " ORDER BY partial.job, start");

	stmt_int(&s, device);
	return read_sum(&s, sum, e);
}

int partial_list(struct tx *tx, int64_t device, struct partial marks[PARTIAL_MARKS], size_t *n,
		 struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, SELECT_PARTIAL " WHERE partial.device = ?"
						    " ORDER BY partial.job, start LIMIT ?");
	size_t found = 0;

	stmt_int(&s, device);
	stmt_int(&s, PARTIAL_MARKS);
	for (; found < PARTIAL_MARKS && stmt_row(&s); found++)
		marks[found] = (struct partial){ .device = device,
						 .job = stmt_col_int(&s, "job"),
						 .start = (uint64_t)stmt_col_int(&s, "start"),
						 .length = (uint64_t)stmt_col_int(&s, "length"),
						 .backup = stmt_col_int_or_null(&s, "backup"),
						 .since_ms = stmt_col_int(&s, "since_ms"),
						 .image = stmt_col_int_or_null(&s, "req_image"),
						 .dump = stmt_col_int_or_null(&s, "req_dump") };
	if (stmt_end(&s, e) < 0)
		return -1;
	*n = found;
	return 0;
}

int partial_of_job(struct tx *tx, int64_t job, struct partial *sum, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, SELECT_PARTIAL " WHERE partial.job = ? ORDER BY start");

	stmt_int(&s, job);
	return read_sum(&s, sum, e);
}

int partial_add(struct tx *tx, const struct partial *range, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT OR REPLACE INTO partial"
				     " (job, start, length, device, backup, since_ms)"
				     " VALUES (?, ?, ?, " DEVICE_NOW ", ?, ?)");

	stmt_int(&s, range->job);
	stmt_int(&s, (int64_t)range->start);
	stmt_int(&s, (int64_t)range->length);
	stmt_int(&s, range->device);
	stmt_int_or_null(&s, range->backup);
	stmt_int(&s, range->since_ms);
	return stmt_end(&s, e);
}

int partial_end(struct tx *tx, int64_t job, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM partial WHERE job = ?");

	stmt_int(&s, job);
	return stmt_end(&s, e);
}

int partial_clear(struct tx *tx, int64_t device, uint64_t start, uint64_t length, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s =
		stmt_new(tx, "DELETE FROM partial WHERE device = " DEVICE_NOW " AND start >= ?"
			     " AND start + length <= ?");

	stmt_int(&s, device);
	stmt_int(&s, (int64_t)start);
	stmt_int(&s, (int64_t)(start + length));
	return stmt_end(&s, e);
}

int partial_needs(struct tx *tx, int64_t dump, int64_t *device, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT device FROM partial WHERE backup = ? LIMIT 1");

	stmt_int(&s, dump);
	*device = stmt_row(&s) ? stmt_col_int(&s, "device") : NONE;
	return stmt_end(&s, e);
}
