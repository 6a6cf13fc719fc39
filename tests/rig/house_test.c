#include "check.h"

#include <stdio.h>

#include "audit_store.h"
#include "auto.h"
#include "stage.h"

static struct job job;
static struct err e;

static struct stage_slot bare(const char *image)
{
	return (struct stage_slot){ .name = "bare",
				    .target = "nor",
				    .sim = { .part = stage_part("1C7015"),
					     .bare = true,
					     .image = image,
					     .max_hz = 8000000,
					     .faults = { .seed = 3 } } };
}

static bool start(struct stage *s)
{
	return stage_open(s) &&
	       stage_start(s, (struct stage_slot[]){ bare(stage_image(s, "a", 2 << 20, 2)) }, 1);
}

static void check_runs_beside_the_slots(void)
{
	AUTO(stage_done) struct stage s;
	struct slot_info info;

	CHECK(start(&s));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_CHECK, ""), &job));
	CHECK(job.state == JOB_DONE && !job.has_error && !*job.request.slot);
	CHECK(job.result.checked == 1 && job.result.damages == 0);
	CHECK(job.result.wire_bytes == JOB_NONE && job.result.device == JOB_NONE);
	CHECK(rig_slot_count(s.rig) == 1);
	CHECK(rig_slot_get(s.rig, "", &info, &e) == -1 && e.code == ERR_NOT_FOUND);
	CHECK(rig_slot_reset(s.rig, "", &e) == -1 && e.code == ERR_NOT_FOUND);
}

static void damage_ends_in_the_archive_with_the_job(void)
{
	AUTO(stage_done) struct stage s;
	struct audit_damage damage[2];
	struct audit_last last;
	struct page page = { .max = 2 };

	CHECK(start(&s));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));

	const int64_t dump = job.result.dump;
	{
		AUTO(tx_end) struct tx tx = tx_begin(&s.db);
		AUTO(stmt_free) struct stmt del = stmt_new(&tx, "DELETE FROM block WHERE id = 9");

		CHECK_OK(stmt_end(&del, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK(stage_wait(&s, stage_submit(&s, JOB_CHECK, ""), &job));
	CHECK(job.state == JOB_DONE && job.result.damages == 1);

	AUTO(tx_end) struct tx tx = tx_begin_read(&s.db);

	CHECK_OK(audit_list(&tx, job.id, damage, &page, &e), e);
	CHECK(page.n == 1 && damage[0].dump == dump && damage[0].offset == 8 * 4096);
	CHECK_OK(audit_last(&tx, &last, &e), e);
	CHECK(last.checked == 1 && last.damages == 1);
}

static void checks_and_slots_do_not_mix(void)
{
	AUTO(stage_done) struct stage s;
	struct job_request q = job_request(JOB_CHECK);
	bool existed;

	CHECK(start(&s));
	snprintf(q.slot, sizeof q.slot, "bare");
	CHECK(rig_submit(s.rig, &q, NULL, &job, &existed, &e) == -1);
	CHECK(e.code == ERR_UNPROCESSABLE);
	q = job_request(JOB_IDENTIFY);
	CHECK(rig_submit(s.rig, &q, NULL, &job, &existed, &e) == -1);
	CHECK(e.code == ERR_UNPROCESSABLE);
}

/* A check that waited when the daemon stopped runs after its next start. */
static void waiting_check_survives_a_restart(void)
{
	AUTO(stage_done) struct stage s;
	struct job queued = { .request = job_request(JOB_CHECK), .batch = JOB_NONE };
	bool existed;

	CHECK(stage_open(&s));
	{
		AUTO(tx_end) struct tx tx = tx_begin(&s.db);

		CHECK_OK(job_add(&tx, &queued, NULL, &existed, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK(stage_start(&s, (struct stage_slot[]){ bare(stage_image(&s, "a", 2 << 20, 2)) }, 1));
	CHECK(stage_wait(&s, queued.id, &job));
	CHECK(job.state == JOB_DONE && job.result.checked == 0);
}

static const struct check all[] = {
	{ "a check runs beside the slots", check_runs_beside_the_slots },
	{ "damage ends in the archive with the job", damage_ends_in_the_archive_with_the_job },
	{ "checks and slots do not mix", checks_and_slots_do_not_mix },
	{ "a waiting check survives a restart", waiting_check_survives_a_restart },
};
CHECK_MAIN(all)
