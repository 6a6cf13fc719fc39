#include "job_store.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "clock.h"
#include "hash.h"

/* ---- rows */

void job_result_clear(struct job_result *result)
{
	const int64_t none = JOB_NONE;
	size_t n;
	const struct job_field *fields = job_fields(&n);

	*result = (struct job_result){ 0 };
	for (size_t i = 0; i < n; i++)
		if (fields[i].kind != JOB_FIELD_TEXT)
			memcpy((char *)result + fields[i].at, &none, sizeof none);
}

/* into: a struct whose members the table describes. */
static void read_fields(struct stmt *s, const struct job_field *f, size_t n, void *into)
{
	for (size_t i = 0; i < n; i++) {
		char *at = (char *)into + f[i].at;

		if (f[i].kind == JOB_FIELD_TEXT)
			stmt_copy_text(s, f[i].column, at, f[i].size);
		else
			memcpy(at, &(int64_t){ stmt_col_int_or_null(s, f[i].column) },
			       sizeof(int64_t));
	}
}

static void text_or_null(struct stmt *s, const char *text)
{
	stmt_text(s, *text ? text : NULL);
}

static void bind_fields(struct stmt *s, const struct job_field *f, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = (const char *)from + f[i].at;
		int64_t number;

		if (f[i].kind == JOB_FIELD_TEXT) {
			text_or_null(s, at);
			continue;
		}
		memcpy(&number, at, sizeof number);
		stmt_int_or_null(s, number);
	}
}

static void read_result(struct stmt *s, struct job_result *result)
{
	size_t n;
	const struct job_field *fields = job_fields(&n);

	*result = (struct job_result){ 0 };
	read_fields(s, fields, n, result);
}

static void bind_result(struct stmt *s, const struct job_result *result)
{
	size_t n;
	const struct job_field *fields = job_fields(&n);

	bind_fields(s, fields, n, result);
}

static void read_error(struct stmt *s, struct job *job)
{
	const char *code = stmt_col_text(s, "error_code");

	job->has_error = *code;
	if (!job->has_error)
		return;
	job->error.code = err_from_name(code);
	stmt_copy_text(s, "error_text", job->error.text, sizeof job->error.text);
	stmt_copy_text(s, "error_hint", job->error.hint, sizeof job->error.hint);
	job->error.offset = stmt_col_int_or_null(s, "error_offset");
	job->error.differing_sectors = stmt_col_int_or_null(s, "error_differing");
}

static void bind_error(struct stmt *s, const struct job *job)
{
	static const struct err none = { .offset = ERR_NO_OFFSET,
					 .differing_sectors = ERR_NO_OFFSET };
	const struct err *error = job->has_error ? &job->error : &none;

	stmt_text(s, job->has_error ? err_name(error->code) : NULL);
	text_or_null(s, error->text);
	text_or_null(s, error->hint);
	stmt_int_or_null(s, error->offset);
	stmt_int_or_null(s, error->differing_sectors);
}

static void read_request(struct stmt *s, struct job_request *request)
{
	size_t n;
	const struct job_field *fields = job_asks(&n);

	stmt_copy_text(s, "slot", request->slot, sizeof request->slot);
	read_fields(s, fields, n, request);
}

static int read_job(struct stmt *s, struct job *job, struct err *e)
{
	*job = (struct job){ .id = stmt_col_int(s, "id"), .progress_total = JOB_NONE };
	if (job_type_parse(stmt_col_text(s, "type"), &job->request.type) < 0 ||
	    job_state_parse(stmt_col_text(s, "state"), &job->state) < 0)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "job %lld: has the type '%s' and state '%s'",
			       (long long)job->id, stmt_col_text(s, "type"),
			       stmt_col_text(s, "state"));
	read_request(s, &job->request);
	job->batch = stmt_col_int_or_null(s, "batch");
	job->resumes = stmt_col_int_or_null(s, "resumes");
	job->created_ms = stmt_col_int(s, "created_ms");
	job->started_ms = stmt_col_int_or_null(s, "started_ms");
	job->finished_ms = stmt_col_int_or_null(s, "finished_ms");
	read_error(s, job);
	read_result(s, &job->result);
	return 0;
}

int job_get(struct tx *tx, int64_t id, struct job *job, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT * FROM job WHERE id = ?");
	struct job found;

	stmt_int(&s, id);
	if (!stmt_row(&s))
		return stmt_end(&s, e) < 0
			       ? -1
			       : err_set(e, ERR_NOT_FOUND, "there is no job %lld", (long long)id);
	if (read_job(&s, &found, e) < 0)
		return -1;
	*job = found;
	return 0;
}

/* ---- adding */

static bool is_same_print(struct stmt *s, const uint8_t *fingerprint)
{
	size_t len;
	const void *known = stmt_col_blob(s, "idem_print", &len);

	return len == HASH_SHA256_LEN && !memcmp(known, fingerprint, len);
}

/* *id is the job that came with this key, or JOB_NONE. */
static int find_key(struct tx *tx, const struct job_key *key, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id, idem_print FROM job WHERE idem_key = ?");

	*id = JOB_NONE;
	stmt_text(&s, key->text);
	if (stmt_row(&s)) {
		*id = stmt_col_int(&s, "id");
		if (!is_same_print(&s, key->fingerprint))
			return err_set(e, ERR_CONFLICT,
				       "this Idempotency-Key came with another request before, "
				       "which made job %lld",
				       (long long)*id);
	}
	return stmt_end(&s, e);
}

/* The order of insert(). */
static void write_insert_sql(char *sql, size_t size)
{
	size_t n;
	const struct job_field *fields = job_asks(&n);
	size_t len = (size_t)snprintf(sql, size,
				      "INSERT INTO job (type, slot, batch, resumes, created_ms,"
				      " idem_key, idem_print, state");

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(sql + len, size - len, ", %s", fields[i].column);
	len += (size_t)snprintf(sql + len, size - len, ") VALUES (?, ?, ?, ?, ?, ?, ?, 'queued'");
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(sql + len, size - len, ", ?");
	snprintf(sql + len, size - len, ")");
}

static int insert(struct tx *tx, const struct job *job, const struct job_key *key, struct err *e)
{
	const struct job_request *request = &job->request;
	size_t n;
	const struct job_field *fields = job_asks(&n);
	char sql[1024];

	write_insert_sql(sql, sizeof sql);

	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	stmt_text(&s, job_type_name(request->type));
	stmt_text(&s, request->slot);
	stmt_int_or_null(&s, job->batch);
	stmt_int_or_null(&s, job->resumes > 0 ? job->resumes : JOB_NONE);
	stmt_int(&s, clock_wall_ms());
	stmt_text(&s, key ? key->text : NULL);
	if (key)
		stmt_blob(&s, key->fingerprint, sizeof key->fingerprint);
	else
		stmt_text(&s, NULL);
	bind_fields(&s, fields, n, request);
	return stmt_end(&s, e);
}

int job_add(struct tx *tx, struct job *job, const struct job_key *key, bool *existed, struct err *e)
{
	int64_t id = JOB_NONE;

	if (key && find_key(tx, key, &id, e) < 0)
		return -1;
	if (id == JOB_NONE && insert(tx, job, key, e) < 0)
		return -1;
	if (job_get(tx, id == JOB_NONE ? tx_last_id(tx) : id, job, e) < 0)
		return -1;
	*existed = id != JOB_NONE;
	return 0;
}

/* ---- moving */

/* The order of bind_move(). */
static void write_move_sql(char *sql, size_t size)
{
	size_t n;
	const struct job_field *fields = job_fields(&n);
	size_t len = (size_t)snprintf(sql, size,
				      "UPDATE job SET state = ?, started_ms = ?, finished_ms = ?,"
				      " error_code = ?, error_text = ?, error_hint = ?,"
				      " error_offset = ?, error_differing = ?");

	for (size_t i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(sql + len, size - len, ", %s = ?", fields[i].column);
	if (len < size)
		len += (size_t)snprintf(sql + len, size - len, " WHERE id = ?");
	assert(len < size);
}

static int write_move(struct tx *tx, const struct job *job, struct err *e)
{
	char sql[1024];

	write_move_sql(sql, sizeof sql);

	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	stmt_text(&s, job_state_name(job->state));
	stmt_int_or_null(&s, job->started_ms);
	stmt_int_or_null(&s, job->finished_ms);
	bind_error(&s, job);
	bind_result(&s, &job->result);
	stmt_int(&s, job->id);
	return stmt_end(&s, e);
}

int job_save(struct tx *tx, const struct job *job, struct err *e)
{
	return write_move(tx, job, e);
}

int job_move(struct tx *tx, struct job *job, enum job_state to, struct err *e)
{
	struct job stored = { 0 }, moved = *job;

	if (job_get(tx, job->id, &stored, e) < 0)
		return -1;
	if (!job_state_may(stored.state, to))
		return err_set(e, ERR_CONFLICT, "job %lld is %s, and cannot become %s",
			       (long long)job->id, job_state_name(stored.state),
			       job_state_name(to));
	moved.state = to;
	moved.started_ms = to == JOB_RUNNING ? clock_wall_ms() : stored.started_ms;
	moved.finished_ms = job_state_ended(to) ? clock_wall_ms() : JOB_NONE;
	if (write_move(tx, &moved, e) < 0)
		return -1;
	*job = moved;
	return 0;
}

int job_interrupt_running(struct tx *tx, size_t *n, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE job SET state = 'interrupted', finished_ms = ?,"
				     " error_code = ?, error_text = ?, error_hint = ?"
				     " WHERE state = 'running'");

	stmt_int(&s, clock_wall_ms());
	stmt_text(&s, err_name(ERR_INTERRUPTED));
	stmt_text(&s, "the daemon stopped while the job ran");
	stmt_text(&s, "look at the board, and start the job again");
	if (stmt_end(&s, e) < 0)
		return -1;
	*n = (size_t)sqlite3_changes64(tx->conn->raw);
	return 0;
}

/* ---- lists */

/* The statement has a LIMIT. */
static int read_rows(struct stmt *s, struct job *jobs, size_t *n, struct err *e)
{
	size_t found = 0;

	for (; stmt_row(s); found++)
		if (read_job(s, &jobs[found], e) < 0)
			return -1;
	if (stmt_end(s, e) < 0)
		return -1;
	*n = found;
	return 0;
}

/* Every part that is named narrows; each choice of them has an index that gives the order too. */
static void write_list_sql(const struct job_filter *f, char *sql, size_t size)
{
	snprintf(sql, size, "SELECT * FROM job WHERE id < ?%s%s%s%s ORDER BY id DESC LIMIT ?",
		 f->slot ? " AND slot = ?" : "", f->batch >= 0 ? " AND batch = ?" : "",
		 f->has_state ? " AND state = ?" : "", f->has_type ? " AND type = ?" : "");
}

int job_list(struct tx *tx, const struct job_filter *filter, struct job *jobs, struct page *page,
	     struct err *e)
{
	char sql[160];

	write_list_sql(filter, sql, sizeof sql);

	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	page_bind_before(&s, filter->before);
	if (filter->slot)
		stmt_text(&s, filter->slot);
	if (filter->batch >= 0)
		stmt_int(&s, filter->batch);
	if (filter->has_state)
		stmt_text(&s, job_state_name(filter->state));
	if (filter->has_type)
		stmt_text(&s, job_type_name(filter->type));
	page_bind_limit(page, &s);
	while (page_row(page, &s))
		if (read_job(&s, &jobs[page->n - 1], e) < 0)
			return -1;
	return stmt_end(&s, e);
}

int job_list_queued(struct tx *tx, int64_t after, struct job *jobs, size_t max, size_t *n,
		    struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT * FROM job WHERE state = 'queued' AND id > ?"
				     " ORDER BY id LIMIT ?");

	stmt_int(&s, after);
	stmt_int(&s, (int64_t)max);
	return read_rows(&s, jobs, n, e);
}

int job_list_of_batch(struct tx *tx, int64_t batch, struct job *jobs, struct page *page,
		      struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT * FROM job WHERE batch = ? AND id > ?"
				     " ORDER BY id LIMIT ?");

	stmt_int(&s, batch);
	stmt_int(&s, page->next);
	stmt_int(&s, (int64_t)page->max);
	if (read_rows(&s, jobs, &page->n, e) < 0)
		return -1;
	if (page->n > 0)
		page->next = jobs[page->n - 1].id;
	return 0;
}
