#include "check.h"

#include "auto.h"
#include "db.h"
#include "job_store.h"
#include "jobs.h"
#include "temp.h"

#define PAGE 50

static struct err e;

/* Where a page's bounds go. */
struct cut {
	size_t max;
	size_t *n;
	int64_t *next;
};

static int list(struct tx *tx, const struct job_filter *filter, struct job *jobs,
		const struct cut *cut)
{
	struct page page = { .max = cut->max };

	if (job_list(tx, filter, jobs, &page, &e) < 0)
		return -1;
	*cut->n = page.n;
	*cut->next = page.next;
	return 0;
}

static const struct job_filter any = { .batch = JOB_NONE, .before = JOB_NONE };

/* Slots a, b; types and states by turns; every tenth in a batch. */
static int add_many(struct db *db, int n)
{
	char sql[900];

	snprintf(sql, sizeof sql,
		 "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		 " INSERT INTO job (type, slot, batch, state, created_ms, chip, sha256)"
		 " SELECT iif(i %% 3, 'backup', 'identify'), iif(i %% 2, 'a', 'b'),"
		 "  iif(i %% 10, NULL, i / 1000), iif(i %% 1000, 'done', 'failed'), i,"
		 "  'GigaDevice GD25Q32', hex(zeroblob(32)) FROM n",
		 n);
	return run(db, sql);
}

static void pages_follow_each_other_without_gap(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job_filter filter = any;
	struct job jobs[PAGE];
	int64_t expected = 120;
	int pages = 0;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(add_many(&db, 120) == 0);
	do {
		AUTO(tx_end) struct tx tx = tx_begin_read(&db);
		size_t n;

		CHECK_OK(list(&tx, &filter, jobs, &(struct cut){ PAGE, &n, &filter.before }), e);
		for (size_t i = 0; i < n; i++)
			CHECK(jobs[i].id == expected--);
		pages++;
	} while (filter.before != JOB_NONE);
	CHECK(expected == 0);
	CHECK(pages == 3);
}

static void full_last_page_has_no_next(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job jobs[PAGE];
	int64_t next = 0;
	size_t n = 0;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(add_many(&db, PAGE) == 0);

	AUTO(tx_end) struct tx tx = tx_begin_read(&db);

	CHECK_OK(list(&tx, &any, jobs, &(struct cut){ PAGE, &n, &next }), e);
	CHECK(n == PAGE && next == JOB_NONE);
}

/* The choice of filters behind the bits of i. */
static struct job_filter filter_of(unsigned i)
{
	return (struct job_filter){ .slot = i & 1 ? "a" : NULL,
				    .batch = i & 2 ? 3 : JOB_NONE,
				    .has_state = i & 4,
				    .state = JOB_FAILED,
				    .has_type = i & 8,
				    .type = JOB_IDENTIFY,
				    .before = i & 16 ? 90000 : JOB_NONE };
}

static bool matches(const struct job_filter *f, const struct job *job)
{
	return (!f->slot || !strcmp(f->slot, job->request.slot)) &&
	       (f->batch < 0 || f->batch == job->batch) &&
	       (!f->has_state || f->state == job->state) &&
	       (!f->has_type || f->type == job->request.type) &&
	       (f->before < 0 || job->id < f->before);
}

/* How many of the rows of add_many() a filter lets through, by arithmetic. */
static size_t count_matching(const struct job_filter *f, int n)
{
	size_t found = 0;

	for (int i = 1; i <= n; i++) {
		struct job job = backup_of(i % 2 ? "a" : "b");

		job.id = i;
		job.request.type = i % 3 ? JOB_BACKUP : JOB_IDENTIFY;
		job.state = i % 1000 ? JOB_DONE : JOB_FAILED;
		job.batch = i % 10 ? JOB_NONE : i / 1000;
		found += matches(f, &job);
	}
	return found;
}

static void filters_let_through_what_matches(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	static struct job jobs[6000];

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(add_many(&db, 6000) == 0);
	for (unsigned i = 0; i < 16; i++) {
		AUTO(tx_end) struct tx tx = tx_begin_read(&db);
		const struct job_filter filter = filter_of(i);
		int64_t next;
		size_t n;

		CHECK_OK(list(&tx, &filter, jobs, &(struct cut){ 6000, &n, &next }), e);
		for (size_t k = 0; k < n; k++)
			CHECK(matches(&filter, &jobs[k]));
		CHECK(n == count_matching(&filter, 6000));
	}
}

/* What SQLite did for the last SELECT of a connection. */
struct work {
	char sql[400];
	int full_scan, sorts, steps;
};

static int note_work(unsigned what, void *ctx, void *p, void *x)
{
	struct work *work = ctx;
	sqlite3_stmt *s = p;

	(void)what;
	(void)x;
	if (strncmp(sqlite3_sql(s), "SELECT", 6) != 0)
		return 0;
	snprintf(work->sql, sizeof work->sql, "%s", sqlite3_sql(s));
	work->full_scan = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
	work->sorts = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_SORT, 0);
	work->steps = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0);
	return 0;
}

/* Every line of the plan is a search: no scan, no sorting. */
static bool plan_is_good(struct db *db, const char *sql)
{
	char explain[500];
	bool good = true;

	snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql);

	AUTO(tx_end) struct tx tx = tx_begin(db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, explain);

	s.bound = sqlite3_bind_parameter_count(s.raw); /* unbound is NULL: a plan needs none */
	while (stmt_row(&s))
		good &= !strncmp(stmt_col_text(&s, "detail"), "SEARCH", 6);
	return good && s.rc == SQLITE_DONE;
}

/* Counts SQLite's steps, which the clock of a busy machine does not change: a page of 50 rows
 * costs a few thousand, a walk over 100,000 rows costs a million. */
static void hundred_thousand_jobs_are_listed_by_index(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct work work = { .sql = "" };
	static struct job jobs[PAGE];

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(add_many(&db, 100000) == 0);
	sqlite3_trace_v2(db.reader.raw, SQLITE_TRACE_PROFILE, note_work, &work);
	for (unsigned i = 0; i < 32; i++) {
		const struct job_filter filter = filter_of(i);
		int64_t next;
		size_t n;
		{
			AUTO(tx_end) struct tx tx = tx_begin_read(&db);

			CHECK_OK(list(&tx, &filter, jobs, &(struct cut){ PAGE, &n, &next }), e);
		}
		CHECK(plan_is_good(&db, work.sql));
		CHECK(work.full_scan == 0 && work.sorts == 0);
		CHECK(work.steps > 0 && work.steps < 5000);
	}
}

static void queued_jobs_come_oldest_first(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job jobs[4], found[2];
	size_t n = 0;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	for (size_t i = 0; i < 4; i++) {
		jobs[i] = backup_of("left");
		CHECK_OK(job_put(&db, &jobs[i], &e), e);
	}
	CHECK_OK(job_go(&db, &jobs[1], JOB_RUNNING, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin_read(&db);

	CHECK_OK(job_list_queued(&tx, 0, found, 2, &n, &e), e);
	CHECK(n == 2 && found[0].id == jobs[0].id && found[1].id == jobs[2].id);
	CHECK_OK(job_list_queued(&tx, found[1].id, found, 2, &n, &e), e);
	CHECK(n == 1 && found[0].id == jobs[3].id);
}

static const struct check all[] = {
	{ "pages follow each other without gap", pages_follow_each_other_without_gap },
	{ "a full last page has no next", full_last_page_has_no_next },
	{ "filters let through what matches", filters_let_through_what_matches },
	{ "a hundred thousand jobs are listed by index",
	  hundred_thousand_jobs_are_listed_by_index },
	{ "queued jobs come oldest first", queued_jobs_come_oldest_first },
};
CHECK_MAIN(all)
