#include "check.h"

#include <stdio.h>

#include "audit_store.h"
#include "auto.h"
#include "job_store.h"
#include "meta_store.h"
#include "room.h"

static struct err e;

static const struct audit_damage damage = {
	.dump = 3, .content = 2, .offset = 4096, .length = 8192, .reason = "block 3 is lost"
};

static int add_job(struct tx *tx, int64_t *id)
{
	struct job job = { .request = job_request(JOB_CHECK), .batch = JOB_NONE };
	bool existed;

	if (job_add(tx, &job, NULL, &existed, &e) < 0)
		return -1;
	*id = job.id;
	return 0;
}

static void first_audit_begins_at_the_beginning(void)
{
	AUTO(room_close) struct room room;
	struct audit_point at = { .content = 9 };
	struct audit_last last;
	int64_t job;

	CHECK_OK(room_open(&room, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&room.db);

	CHECK_OK(add_job(&tx, &job), e);
	CHECK_OK(audit_take_up(&tx, job, &at, &e), e);
	CHECK(at.content == 0 && at.bytes == 0 && at.checked == 0 && at.damages == 0);
	CHECK_OK(audit_last(&tx, &last, &e), e);
	CHECK(last.ended_ms == -1);
}

static void next_job_goes_on_and_gets_what_was_found(void)
{
	AUTO(room_close) struct room room;
	const struct audit_point saved = {
		.content = 2, .bytes = 1 << 20, .checked = 5, .damages = 1
	};
	struct audit_damage behind = damage, got[4];
	struct audit_point at;
	int64_t first, second;
	struct page page = { .max = 4 };

	CHECK_OK(room_open(&room, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&room.db);

	CHECK_OK(add_job(&tx, &first), e);
	CHECK_OK(add_job(&tx, &second), e);
	CHECK_OK(audit_take_up(&tx, first, &at, &e), e);
	CHECK_OK(audit_keep(&tx, first, 1, &damage, &e), e);
	CHECK_OK(audit_save(&tx, &saved, &e), e);
	behind.content = 3; /* found, but its content was not done: it will be found again */
	CHECK_OK(audit_keep(&tx, first, 2, &behind, &e), e);
	CHECK_OK(audit_take_up(&tx, second, &at, &e), e);
	CHECK(at.content == 2 && at.bytes == 1 << 20 && at.checked == 5 && at.damages == 1);
	CHECK_OK(audit_list(&tx, second, got, &page, &e), e);
	CHECK(page.n == 1 && got[0].dump == 3 && got[0].content == 2 && got[0].offset == 4096);
	CHECK(got[0].length == 8192 && !strcmp(got[0].reason, damage.reason));
	CHECK_OK(audit_list(&tx, first, got, &page, &e), e);
	CHECK(page.n == 2 && got[1].content == 3);
}

static void finished_audit_is_remembered_and_the_next_begins_anew(void)
{
	AUTO(room_close) struct room room;
	struct audit_point at = { 0 };
	struct audit_last last;
	int64_t job;

	CHECK_OK(room_open(&room, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&room.db);

	CHECK_OK(add_job(&tx, &job), e);
	CHECK_OK(audit_take_up(&tx, job, &at, &e), e);
	at = (struct audit_point){ .content = 7, .checked = 6, .damages = 2 };
	CHECK_OK(audit_save(&tx, &at, &e), e);
	CHECK_OK(audit_finish(&tx, &at, &e), e);
	CHECK_OK(audit_last(&tx, &last, &e), e);
	CHECK(last.ended_ms > 0 && last.checked == 6 && last.damages == 2);
	CHECK_OK(audit_take_up(&tx, job, &at, &e), e);
	CHECK(at.content == 0 && at.damages == 0);
}

static void break_of_a_week_begins_anew(void)
{
	AUTO(room_close) struct room room;
	struct audit_point at;
	int64_t job, saved_ms;

	CHECK_OK(room_open(&room, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&room.db);

	CHECK_OK(add_job(&tx, &job), e);
	CHECK_OK(audit_take_up(&tx, job, &at, &e), e);
	at.content = 7;
	CHECK_OK(audit_save(&tx, &at, &e), e);
	CHECK_OK(meta_get(&tx, "audit_saved_ms", 0, &saved_ms, &e), e);
	CHECK_OK(meta_set(&tx, "audit_saved_ms", saved_ms - AUDIT_STALE_MS - 1, &e), e);
	CHECK_OK(audit_take_up(&tx, job, &at, &e), e);
	CHECK(at.content == 0);
}

static void only_the_first_thousand_are_kept(void)
{
	AUTO(room_close) struct room room;
	static struct audit_damage got[AUDIT_KEPT + 5];
	struct page page = { .max = ARRAY_LEN(got) };
	int64_t job;

	CHECK_OK(room_open(&room, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&room.db);

	CHECK_OK(add_job(&tx, &job), e);
	for (uint64_t seq = 1; seq <= AUDIT_KEPT + 3; seq++)
		CHECK_OK(audit_keep(&tx, job, seq, &damage, &e), e);
	CHECK_OK(audit_list(&tx, job, got, &page, &e), e);
	CHECK(page.n == AUDIT_KEPT);
}

static void open_job_of_a_type_is_found(void)
{
	AUTO(room_close) struct room room;
	static struct job job;
	bool found;
	int64_t id;

	CHECK_OK(room_open(&room, &e), e);

	AUTO(tx_end) struct tx tx = tx_begin(&room.db);

	CHECK_OK(job_find_open(&tx, JOB_CHECK, &job, &found, &e), e);
	CHECK(!found);
	CHECK_OK(add_job(&tx, &id), e);
	for (enum job_state to = JOB_RUNNING; to <= JOB_DONE; to++) {
		CHECK_OK(job_find_open(&tx, JOB_CHECK, &job, &found, &e), e);
		CHECK(found && job.id == id);
		CHECK_OK(job_find_open(&tx, JOB_BACKUP, &job, &found, &e), e);
		CHECK(!found);
		job.id = id;
		CHECK_OK(job_move(&tx, &job, to, &e), e);
	}
	CHECK_OK(job_find_open(&tx, JOB_CHECK, &job, &found, &e), e);
	CHECK(!found);
}

static const struct check all[] = {
	{ "the first audit begins at the beginning", first_audit_begins_at_the_beginning },
	{ "the next job goes on and gets what was found",
	  next_job_goes_on_and_gets_what_was_found },
	{ "a finished audit is remembered and the next begins anew",
	  finished_audit_is_remembered_and_the_next_begins_anew },
	{ "a break of a week begins anew", break_of_a_week_begins_anew },
	{ "only the first thousand are kept", only_the_first_thousand_are_kept },
	{ "an open job of a type is found", open_job_of_a_type_is_found },
};
CHECK_MAIN(all)
