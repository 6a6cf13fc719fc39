#include "check.h"

#include "auto.h"
#include "db.h"
#include "job_store.h"
#include "jobs.h"
#include "temp.h"

static struct err e;

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
	CHECK_OK(job_put(&db, &job, &e), e);
	CHECK_OK(job_put(&db, &other, &e), e);
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
	CHECK_OK(job_put(&db, &job, &e), e);
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
	{ "a log keeps the order", log_keeps_the_order },
	{ "a log is cut once, at a line", log_is_cut_once_at_a_line },
	{ "a job without a log has an empty one", job_without_a_log_has_an_empty_one },
	{ "a log of no job is refused", log_of_no_job_is_refused },
};
CHECK_MAIN(all)
