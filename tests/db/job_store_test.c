#include "check.h"

#include "auto.h"
#include "clock.h"
#include "db.h"
#include "job_store.h"
#include "temp.h"

#define PAGE 50

static struct err e;

static const uint8_t print_a[32] = { 1 }, print_b[32] = { 2 };

static struct job backup_of(const char *slot)
{
	struct job job = {
		.request = { .type = JOB_BACKUP, .offset = JOB_NONE, .length = JOB_NONE },
		.batch = JOB_NONE
	};

	snprintf(job.request.slot, sizeof job.request.slot, "%s", slot);
	job_result_clear(&job.result);
	return job;
}

static int add(struct db *db, struct job *job)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	bool existed;

	return job_add(&tx, job, NULL, NULL, &existed, &e) == 0 ? tx_commit(&tx, &e) : -1;
}

static int move(struct db *db, struct job *job, enum job_state to)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return job_move(&tx, job, to, &e) == 0 ? tx_commit(&tx, &e) : -1;
}

static int get(struct db *db, int64_t id, struct job *job)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return job_get(&tx, id, job, &e);
}

/* ---- names and states */

static void names_come_back_as_what_they_name(void)
{
	enum job_type type;
	enum job_state state;

	for (int i = JOB_IDENTIFY; i <= JOB_BACKUP; i++)
		CHECK(job_type_parse(job_type_name((enum job_type)i), &type) == 0 &&
		      type == (enum job_type)i);
	for (int i = JOB_QUEUED; i <= JOB_INTERRUPTED; i++)
		CHECK(job_state_parse(job_state_name((enum job_state)i), &state) == 0 &&
		      state == (enum job_state)i);
	CHECK(job_type_parse("Backup", &type) == -1);
	CHECK(job_state_parse("", &state) == -1);
}

static void states_move_as_the_table_says(void)
{
	static const bool may[6][6] = {
		[JOB_QUEUED] = { [JOB_RUNNING] = true, [JOB_CANCELLED] = true },
		[JOB_RUNNING] = { [JOB_DONE] = true,
				  [JOB_FAILED] = true,
				  [JOB_CANCELLED] = true,
				  [JOB_INTERRUPTED] = true },
	};

	for (int from = 0; from < 6; from++)
		for (int to = 0; to < 6; to++)
			CHECK(job_state_may((enum job_state)from, (enum job_state)to) ==
			      may[from][to]);
	CHECK(!job_state_ended(JOB_QUEUED) && !job_state_ended(JOB_RUNNING));
	CHECK(job_state_ended(JOB_DONE) && job_state_ended(JOB_INTERRUPTED));
}

/* ---- one job */

static void new_job_is_queued_and_comes_back(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), found;
	const int64_t before = clock_wall_ms();

	CHECK_OK(db_open(&db, temp.path, &e), e);
	job.batch = 7;
	job.request.offset = 0;
	job.request.length = 4096;
	snprintf(job.request.label, sizeof job.request.label, "the \"first\" one, größer");
	CHECK_OK(add(&db, &job), e);
	CHECK(job.id == 1 && job.state == JOB_QUEUED && job.created_ms >= before);
	CHECK_OK(get(&db, job.id, &found), e);
	CHECK(!memcmp(&found.request, &job.request, sizeof found.request));
	CHECK(found.request.offset == 0 && found.request.length == 4096 && found.batch == 7);
	CHECK(found.started_ms == JOB_NONE && found.finished_ms == JOB_NONE && !found.has_error);
	CHECK(found.result.dump == JOB_NONE && found.result.verified == JOB_NONE);
	CHECK(found.progress_total == JOB_NONE);
}

static void unknown_job_is_not_found(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = { .id = 5 };

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(get(&db, 5, &job) == -1 && e.code == ERR_NOT_FOUND && strstr(e.text, "5"));
	CHECK(move(&db, &job, JOB_RUNNING) == -1 && e.code == ERR_NOT_FOUND);
}

/* A value of its own for each field. */
static void fill_result(struct job_result *result)
{
	size_t n;
	const struct job_field *f = job_fields(&n);

	for (size_t i = 0; i < n; i++) {
		char *at = (char *)result + f[i].at;
		const int64_t number = f[i].kind == JOB_FIELD_BOOL ? 1 : 0xfffffff0 + (int64_t)i;

		if (f[i].kind == JOB_FIELD_TEXT)
			snprintf(at, f[i].size, "t%zu", i);
		else
			memcpy(at, &number, sizeof number);
	}
}

static void every_field_of_a_result_is_kept(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), found;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(add(&db, &job), e);
	CHECK_OK(move(&db, &job, JOB_RUNNING), e);
	fill_result(&job.result);
	CHECK_OK(move(&db, &job, JOB_DONE), e);
	CHECK_OK(get(&db, job.id, &found), e);
	CHECK(!memcmp(&found.result, &job.result, sizeof found.result));
	CHECK(found.state == JOB_DONE);
	CHECK(found.started_ms >= found.created_ms && found.finished_ms >= found.started_ms);
}

/* Whoever adds a member and forgets the table would find zeros in the place of JOB_NONE. */
static void fields_cover_the_whole_result(void)
{
	struct job_result none, full = { 0 };
	const unsigned char *bytes = (const unsigned char *)&none;
	size_t n, numbers = 0, texts = 0;
	const struct job_field *f = job_fields(&n);

	job_result_clear(&none);
	for (size_t i = 0; i < n; i++) {
		if (f[i].kind == JOB_FIELD_TEXT)
			texts += f[i].size;
		else
			numbers += sizeof(int64_t);
		for (size_t k = 0; k < i; k++)
			CHECK(f[k].at != f[i].at && strcmp(f[k].path, f[i].path) != 0);
		if (f[i].kind != JOB_FIELD_TEXT)
			CHECK(bytes[f[i].at] == 0xff);
	}
	/* What is left are the gaps that the compiler puts behind texts: 7 bytes at most each. */
	CHECK(numbers + texts <= sizeof full);
	CHECK(sizeof full - numbers - texts < 8 * 4);
	CHECK((sizeof full - numbers - texts) / 8 < 3);
}

static void error_is_kept_with_its_place(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), found;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(add(&db, &job), e);
	CHECK_OK(move(&db, &job, JOB_RUNNING), e);
	err_set(&job.error, ERR_VERIFY_FAILED, "verify: at 0x%x", 0);
	err_hint(&job.error, "clean the pads");
	err_at(&job.error, 0, 12);
	job.has_error = true;
	CHECK_OK(move(&db, &job, JOB_FAILED), e);
	CHECK_OK(get(&db, job.id, &found), e);
	CHECK(found.has_error && found.error.code == ERR_VERIFY_FAILED);
	CHECK(!strcmp(found.error.text, "verify: at 0x0"));
	CHECK(!strcmp(found.error.hint, "clean the pads"));
	CHECK(found.error.offset == 0 && found.error.differing_sectors == 12);
}

static void move_that_is_none_changes_nothing(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), found;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(add(&db, &job), e);
	CHECK(move(&db, &job, JOB_DONE) == -1 && e.code == ERR_CONFLICT);
	CHECK(strstr(e.text, "queued") && strstr(e.text, "done"));
	CHECK(job.state == JOB_QUEUED && job.finished_ms == JOB_NONE);
	CHECK_OK(get(&db, job.id, &found), e);
	CHECK(found.state == JOB_QUEUED);
}

/* Two threads hold copies of a job: the second to move it finds what the first did. */
static void stored_state_decides_not_the_copy(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), copy;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(add(&db, &job), e);
	copy = job;
	CHECK_OK(move(&db, &copy, JOB_CANCELLED), e);
	CHECK(copy.started_ms == JOB_NONE && copy.finished_ms != JOB_NONE);
	CHECK(move(&db, &job, JOB_RUNNING) == -1 && e.code == ERR_CONFLICT);
}

static void running_jobs_are_interrupted_and_others_left(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job jobs[3], found;
	size_t n = 0;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	for (size_t i = 0; i < 3; i++) {
		jobs[i] = backup_of("left");
		CHECK_OK(add(&db, &jobs[i]), e);
	}
	CHECK_OK(move(&db, &jobs[0], JOB_RUNNING), e);
	CHECK_OK(move(&db, &jobs[1], JOB_RUNNING), e);
	CHECK_OK(move(&db, &jobs[1], JOB_DONE), e);
	{
		AUTO(tx_end) struct tx tx = tx_begin(&db);

		CHECK_OK(job_interrupt_running(&tx, &n, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK(n == 1);
	CHECK_OK(get(&db, jobs[0].id, &found), e);
	CHECK(found.state == JOB_INTERRUPTED && found.error.code == ERR_INTERRUPTED);
	CHECK(found.error.offset == ERR_NO_OFFSET && *found.error.hint);
	CHECK(found.finished_ms >= found.started_ms);
	CHECK_OK(get(&db, jobs[1].id, &found), e);
	CHECK(found.state == JOB_DONE);
	CHECK_OK(get(&db, jobs[2].id, &found), e);
	CHECK(found.state == JOB_QUEUED);
}

/* ---- keys */

static void same_key_brings_the_first_job_back(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job first = backup_of("left"), again = backup_of("left");
	bool existed = true;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&db);

	CHECK_OK(job_add(&tx, &first, "k1", print_a, &existed, &e), e);
	CHECK(!existed);
	CHECK_OK(job_move(&tx, &first, JOB_RUNNING, &e), e);
	CHECK_OK(job_add(&tx, &again, "k1", print_a, &existed, &e), e);
	CHECK(existed && again.id == first.id && again.state == JOB_RUNNING);
}

static void same_key_with_another_body_is_a_conflict(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job first = backup_of("left"), other = backup_of("right");
	bool existed;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&db);

	CHECK_OK(job_add(&tx, &first, "k1", print_a, &existed, &e), e);
	CHECK(job_add(&tx, &other, "k1", print_b, &existed, &e) == -1);
	CHECK(e.code == ERR_CONFLICT && other.id == 0);
	CHECK_OK(job_add(&tx, &other, "k2", print_b, &existed, &e), e);
	CHECK(!existed && other.id == 2);
}

/* ---- lists */

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

		CHECK_OK(job_list(&tx, &filter, jobs, PAGE, &n, &filter.before, &e), e);
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

	CHECK_OK(job_list(&tx, &any, jobs, PAGE, &n, &next, &e), e);
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

		CHECK_OK(job_list(&tx, &filter, jobs, 6000, &n, &next, &e), e);
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

			CHECK_OK(job_list(&tx, &filter, jobs, PAGE, &n, &next, &e), e);
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
		CHECK_OK(add(&db, &jobs[i]), e);
	}
	CHECK_OK(move(&db, &jobs[1], JOB_RUNNING), e);

	AUTO(tx_end) struct tx tx = tx_begin_read(&db);

	CHECK_OK(job_list_queued(&tx, 0, found, 2, &n, &e), e);
	CHECK(n == 2 && found[0].id == jobs[0].id && found[1].id == jobs[2].id);
	CHECK_OK(job_list_queued(&tx, found[1].id, found, 2, &n, &e), e);
	CHECK(n == 1 && found[0].id == jobs[3].id);
}

/* ---- logs */

static int log_add(struct db *db, int64_t job, const char *text, size_t max)
{
	AUTO(tx_end) struct tx tx = tx_begin_lazy(db);

	return job_log_add(&tx, job, text, max, &e) == 0 ? tx_commit(&tx, &e) : -1;
}

static char *log_get(struct db *db, int64_t job)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	char *text;

	return job_log_get(&tx, job, &text, &e) == 0 ? text : NULL;
}

static void log_keeps_the_order(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), other = backup_of("right");

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(add(&db, &job), e);
	CHECK_OK(add(&db, &other), e);
	CHECK_OK(log_add(&db, job.id, "one\n", 1000), e);
	CHECK_OK(log_add(&db, other.id, "not mine\n", 1000), e);
	CHECK_OK(log_add(&db, job.id, "", 1000), e);
	CHECK_OK(log_add(&db, job.id, "two\nthree\n", 1000), e);

	AUTO(auto_free) char *text = log_get(&db, job.id);

	CHECK(text && !strcmp(text, "one\ntwo\nthree\n"));
}

static void log_is_cut_once_at_a_line(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left");

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(add(&db, &job), e);
	CHECK_OK(log_add(&db, job.id, "0123456\n", 20), e);
	CHECK_OK(log_add(&db, job.id, "abcdefg\nüber alles hinaus\n", 20), e);
	for (int i = 0; i < 3; i++)
		CHECK_OK(log_add(&db, job.id, "x\n", 20), e);

	AUTO(auto_free) char *text = log_get(&db, job.id);

	CHECK(text);
	CHECK(!strncmp(text, "0123456\nabcdefg\n[the log was cut here", 37));
	CHECK(strchr(text + 16, '\n') == text + strlen(text) - 1);
}

static void job_without_a_log_has_an_empty_one(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);

	AUTO(auto_free) char *text = log_get(&db, 5);

	CHECK(text && !*text);
}

static void log_of_no_job_is_refused(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(log_add(&db, 5, "x\n", 100) == -1 && strstr(e.text, "FOREIGN KEY"));
}

static const struct check all[] = {
	{ "names come back as what they name", names_come_back_as_what_they_name },
	{ "states move as the table says", states_move_as_the_table_says },
	{ "a new job is queued and comes back", new_job_is_queued_and_comes_back },
	{ "an unknown job is not found", unknown_job_is_not_found },
	{ "every field of a result is kept", every_field_of_a_result_is_kept },
	{ "fields cover the whole result", fields_cover_the_whole_result },
	{ "an error is kept with its place", error_is_kept_with_its_place },
	{ "a move that is none changes nothing", move_that_is_none_changes_nothing },
	{ "the stored state decides, not the copy", stored_state_decides_not_the_copy },
	{ "running jobs are interrupted and others left",
	  running_jobs_are_interrupted_and_others_left },
	{ "the same key brings the first job back", same_key_brings_the_first_job_back },
	{ "the same key with another body is a conflict",
	  same_key_with_another_body_is_a_conflict },
	{ "pages follow each other without gap", pages_follow_each_other_without_gap },
	{ "a full last page has no next", full_last_page_has_no_next },
	{ "filters let through what matches", filters_let_through_what_matches },
	{ "a hundred thousand jobs are listed by index",
	  hundred_thousand_jobs_are_listed_by_index },
	{ "queued jobs come oldest first", queued_jobs_come_oldest_first },
	{ "a log keeps the order", log_keeps_the_order },
	{ "a log is cut once, at a line", log_is_cut_once_at_a_line },
	{ "a job without a log has an empty one", job_without_a_log_has_an_empty_one },
	{ "a log of no job is refused", log_of_no_job_is_refused },
};
CHECK_MAIN(all)
