#include "check.h"

#include "auto.h"
#include "jobs.h"
#include "partial_store.h"
#include "temp.h"

#define KIB 1024u

static struct err e;

/* A device, and jobs 1 to 3. */
static int set(struct db *db, const struct temp *temp)
{
	struct job job;

	if (db_open(db, temp->path, &e) < 0)
		return -1;
	for (int i = 0; i < 3; i++) {
		job = backup_of("a");
		if (job_put(db, &job, &e) < 0)
			return -1;
	}
	return run(db, "INSERT INTO device (jedec_id, first_seen_ms, last_seen_ms)"
		       " VALUES ('EF4014', 1, 1)");
}

static int mark(struct tx *tx, int64_t job, uint64_t start, uint64_t length, int64_t backup)
{
	return partial_add(tx,
			   &(struct partial){ .device = 1,
					      .job = job,
					      .start = start,
					      .length = length,
					      .backup = backup,
					      .since_ms = 100 * job },
			   &e);
}

static void whole_device_has_no_mark(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct partial sum;

	CHECK(set(&db, &temp) == 0);

	AUTO(tx_end) struct tx tx = tx_begin(&db);

	CHECK_OK(partial_get(&tx, 1, &sum, &e), e);
	CHECK(sum.job == -1 && sum.backup == -1);
	CHECK_OK(mark(&tx, 1, 0, 4 * KIB, 7), e);
	CHECK_OK(partial_end(&tx, 1, &e), e);
	CHECK_OK(partial_get(&tx, 1, &sum, &e), e);
	CHECK(sum.job == -1);
}

static void newest_write_is_named_with_the_oldest_way_back(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct partial sum;
	int64_t device;

	CHECK(set(&db, &temp) == 0);

	AUTO(tx_end) struct tx tx = tx_begin(&db);

	CHECK_OK(mark(&tx, 1, 0, 64 * KIB, 7), e);
	CHECK_OK(mark(&tx, 2, 8 * KIB, 4 * KIB, 9), e);
	CHECK_OK(mark(&tx, 2, 32 * KIB, 4 * KIB, 9), e);
	CHECK_OK(partial_get(&tx, 1, &sum, &e), e);
	CHECK(sum.job == 2 && sum.start == 8 * KIB && sum.length == 28 * KIB);
	CHECK(sum.backup == 7 && sum.since_ms == 100 && sum.image <= 0);
	CHECK_OK(partial_of_job(&tx, 2, &sum, &e), e);
	CHECK(sum.job == 2 && sum.backup == 9 && sum.device == 1);
	CHECK_OK(partial_needs(&tx, 7, &device, &e), e);
	CHECK(device == 1);
	CHECK_OK(partial_needs(&tx, 8, &device, &e), e);
	CHECK(device == -1);
}

static void proof_of_a_part_leaves_the_rest_marked(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct partial sum;

	CHECK(set(&db, &temp) == 0);

	AUTO(tx_end) struct tx tx = tx_begin(&db);

	CHECK_OK(mark(&tx, 1, 0, 64 * KIB, 7), e);
	CHECK_OK(mark(&tx, 2, 8 * KIB, 4 * KIB, 9), e);
	CHECK_OK(partial_clear(&tx, 1, 8 * KIB, 4 * KIB, &e), e);
	CHECK_OK(partial_get(&tx, 1, &sum, &e), e);
	CHECK(sum.job == 1 && sum.length == 64 * KIB);
	CHECK_OK(partial_clear(&tx, 1, 0, 64 * KIB - 1, &e), e);
	CHECK_OK(partial_get(&tx, 1, &sum, &e), e);
	CHECK(sum.job == 1);
	CHECK_OK(partial_clear(&tx, 1, 0, 1024 * KIB, &e), e);
	CHECK_OK(partial_get(&tx, 1, &sum, &e), e);
	CHECK(sum.job == -1);
}

static const struct check all[] = {
	{ "whole device has no mark", whole_device_has_no_mark },
	{ "newest write is named with the oldest way back",
	  newest_write_is_named_with_the_oldest_way_back },
	{ "proof of a part leaves the rest marked", proof_of_a_part_leaves_the_rest_marked },
};

CHECK_MAIN(all)
