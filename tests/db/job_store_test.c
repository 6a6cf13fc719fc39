#include "check.h"

#include "auto.h"
#include "clock.h"
#include "db.h"
#include "job_store.h"
#include "jobs.h"
#include "temp.h"

static struct err e;

static const struct job_key k1 = { "k1", { 1 } }, k1_other = { "k1", { 2 } }, k2 = { "k2", { 2 } };

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
	CHECK_OK(job_put(&db, &job, &e), e);
	CHECK(job.id == 1 && job.state == JOB_QUEUED && job.created_ms >= before);
	CHECK_OK(job_read(&db, job.id, &found, &e), e);
	CHECK(found.request.type == JOB_BACKUP && !strcmp(found.request.slot, "left"));
	CHECK(!strcmp(found.request.label, job.request.label));
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
	CHECK(job_read(&db, 5, &job, &e) == -1 && e.code == ERR_NOT_FOUND && strstr(e.text, "5"));
	CHECK(job_go(&db, &job, JOB_RUNNING, &e) == -1 && e.code == ERR_NOT_FOUND);
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

static bool results_agree(const struct job_result *a, const struct job_result *b)
{
	size_t n;
	const struct job_field *f = job_fields(&n);

	for (size_t i = 0; i < n; i++) {
		const char *at_a = (const char *)a + f[i].at, *at_b = (const char *)b + f[i].at;

		if (f[i].kind == JOB_FIELD_TEXT ? strcmp(at_a, at_b) != 0
						: memcmp(at_a, at_b, sizeof(int64_t)) != 0)
			return false;
	}
	return true;
}

static void every_field_of_a_result_is_kept(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), found;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(job_put(&db, &job, &e), e);
	CHECK_OK(job_go(&db, &job, JOB_RUNNING, &e), e);
	fill_result(&job.result);
	CHECK_OK(job_go(&db, &job, JOB_DONE, &e), e);
	CHECK_OK(job_read(&db, job.id, &found, &e), e);
	CHECK(results_agree(&found.result, &job.result));
	CHECK(found.state == JOB_DONE);
	CHECK(found.started_ms >= found.created_ms && found.finished_ms >= found.started_ms);
}

/* Whoever adds a member and forgets the table leaves more than the compiler's gaps behind texts. */
static void fields_cover_the_whole_result(void)
{
	struct job_result none;
	size_t n, covered = 0, texts = 0;
	const struct job_field *f = job_fields(&n);

	job_result_clear(&none);
	for (size_t i = 0; i < n; i++) {
		const bool is_text = f[i].kind == JOB_FIELD_TEXT;

		covered += is_text ? f[i].size : sizeof(int64_t);
		texts += is_text;
		CHECK(is_text || ((const unsigned char *)&none)[f[i].at] == 0xff);
		for (size_t k = 0; k < i; k++)
			CHECK(f[k].at != f[i].at && strcmp(f[k].path, f[i].path) != 0);
	}
	CHECK(covered <= sizeof none);
	CHECK(sizeof none - covered < 4 * texts);
}

static void error_is_kept_with_its_place(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), found;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(job_put(&db, &job, &e), e);
	CHECK_OK(job_go(&db, &job, JOB_RUNNING, &e), e);
	err_set(&job.error, ERR_VERIFY_FAILED, "verify: at 0x%x", 0);
	err_hint(&job.error, "clean the pads");
	err_at(&job.error, 0, 12);
	job.has_error = true;
	CHECK_OK(job_go(&db, &job, JOB_FAILED, &e), e);
	CHECK_OK(job_read(&db, job.id, &found, &e), e);
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
	CHECK_OK(job_put(&db, &job, &e), e);
	CHECK(job_go(&db, &job, JOB_DONE, &e) == -1 && e.code == ERR_CONFLICT);
	CHECK(strstr(e.text, "queued") && strstr(e.text, "done"));
	CHECK(job.state == JOB_QUEUED && job.finished_ms == JOB_NONE);
	CHECK_OK(job_read(&db, job.id, &found, &e), e);
	CHECK(found.state == JOB_QUEUED);
}

/* Two threads hold copies of a job: the second to move it finds what the first did. */
static void stored_state_decides_not_the_copy(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job job = backup_of("left"), copy;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(job_put(&db, &job, &e), e);
	copy = job;
	CHECK_OK(job_go(&db, &copy, JOB_CANCELLED, &e), e);
	CHECK(copy.started_ms == JOB_NONE && copy.finished_ms != JOB_NONE);
	CHECK(job_go(&db, &job, JOB_RUNNING, &e) == -1 && e.code == ERR_CONFLICT);
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
		CHECK_OK(job_put(&db, &jobs[i], &e), e);
	}
	CHECK_OK(job_go(&db, &jobs[0], JOB_RUNNING, &e), e);
	CHECK_OK(job_go(&db, &jobs[1], JOB_RUNNING, &e), e);
	CHECK_OK(job_go(&db, &jobs[1], JOB_DONE, &e), e);
	{
		AUTO(tx_end) struct tx tx = tx_begin(&db);

		CHECK_OK(job_interrupt_running(&tx, &n, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK(n == 1);
	CHECK_OK(job_read(&db, jobs[0].id, &found, &e), e);
	CHECK(found.state == JOB_INTERRUPTED && found.error.code == ERR_INTERRUPTED);
	CHECK(found.error.offset == ERR_NO_OFFSET && *found.error.hint);
	CHECK(found.finished_ms >= found.started_ms);
	CHECK_OK(job_read(&db, jobs[1].id, &found, &e), e);
	CHECK(found.state == JOB_DONE);
	CHECK_OK(job_read(&db, jobs[2].id, &found, &e), e);
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

	CHECK_OK(job_add(&tx, &first, &k1, &existed, &e), e);
	CHECK(!existed);
	CHECK_OK(job_move(&tx, &first, JOB_RUNNING, &e), e);
	CHECK_OK(job_add(&tx, &again, &k1, &existed, &e), e);
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

	CHECK_OK(job_add(&tx, &first, &k1, &existed, &e), e);
	CHECK(job_add(&tx, &other, &k1_other, &existed, &e) == -1);
	CHECK(e.code == ERR_CONFLICT && other.id == 0);
	CHECK_OK(job_add(&tx, &other, &k2, &existed, &e), e);
	CHECK(!existed && other.id == 2);
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
};
CHECK_MAIN(all)
