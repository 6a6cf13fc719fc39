#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "batch_store.h"
#include "jobs.h"
#include "request_text.h"
#include "temp.h"

static struct err e;
static struct batch batch;

static void wish(bool hands_free)
{
	batch = (struct batch){ .request = job_request(JOB_WRITE),
				.label = "first hundred",
				.hands_free = hands_free,
				.again_of = JOB_NONE,
				.ended_ms = JOB_NONE,
				.n_slots = 2,
				.slot = { { "left", true }, { "right", true } } };
	batch.request.image = 3;
}

static int put(struct db *db, const struct job_key *key, bool *existed)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return batch_add(&tx, &batch, key, existed, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static int load(struct db *db, int64_t id)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return batch_get(&tx, id, &batch, &e);
}

static int add_job(struct db *db, int64_t id, const char *slot, struct job *job)
{
	*job = backup_of(slot);
	job->batch = id;
	return job_put(db, job, &e);
}

static int finish(struct db *db, struct job *job, enum job_state to)
{
	return job_go(db, job, JOB_RUNNING, &e) < 0 ? -1 : job_go(db, job, to, &e);
}

static void batch_comes_back_as_it_was_wished(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	bool existed;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	wish(false);
	CHECK_OK(put(&db, NULL, &existed), e);
	CHECK(!existed && batch.id == 1 && batch.created_ms > 0);
	CHECK_OK(load(&db, 1), e);
	CHECK(batch.request.type == JOB_WRITE && batch.request.image == 3);
	CHECK(batch.request.offset == JOB_NONE && !*batch.request.slot);
	CHECK(!strcmp(batch.label, "first hundred") && batch.n_slots == 2);
	CHECK(!strcmp(batch.slot[0].name, "left") && !strcmp(batch.slot[1].name, "right"));
	CHECK(load(&db, 2) == -1 && e.code == ERR_NOT_FOUND);
}

static void totals_are_those_of_its_jobs(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job a, b, other;
	bool existed;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	wish(false);
	CHECK_OK(put(&db, NULL, &existed), e);
	CHECK_OK(add_job(&db, 1, "left", &a), e);
	CHECK_OK(add_job(&db, 1, "right", &b), e);
	CHECK_OK(add_job(&db, JOB_NONE, "left", &other), e);
	CHECK_OK(load(&db, 1), e);
	CHECK(batch.open && batch.total == 2 && batch.queued == 2 && batch.finished_ms == JOB_NONE);
	CHECK_OK(finish(&db, &a, JOB_FAILED), e);
	CHECK_OK(load(&db, 1), e);
	CHECK(batch.open && batch.failed == 1 && batch.queued == 1);
	CHECK_OK(finish(&db, &b, JOB_DONE), e);
	CHECK_OK(load(&db, 1), e);
	CHECK(!batch.open && batch.failed == 1 && batch.done == 1 && batch.total == 2);
	CHECK(batch.finished_ms == b.finished_ms);
}

static void same_key_gives_the_first_batch(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct job_key key = { .text = "abc", .fingerprint = { 1 } };
	bool existed;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	wish(false);
	CHECK_OK(put(&db, &key, &existed), e);
	CHECK(!existed);
	wish(false);
	CHECK_OK(put(&db, &key, &existed), e);
	CHECK(existed && batch.id == 1);
	wish(false);
	key.fingerprint[0] = 2;
	CHECK(put(&db, &key, &existed) == -1 && e.code == ERR_CONFLICT);
	CHECK(ask(&db, "SELECT count(*) FROM batch") == 1);
}

static int end(struct db *db, int64_t id)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return batch_end(&tx, id, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static size_t count_open(struct db *db, bool hands_free)
{
	static struct batch found[4];
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	size_t n = 99;

	if (hands_free ? batch_list_hands_free(&tx, 0, found, 4, &n, &e) < 0
		       : batch_list_open(&tx, found, 4, &n, &e) < 0)
		return 99;
	return n;
}

static void hands_free_is_open_until_it_is_ended(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	bool existed;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	wish(true);
	CHECK_OK(put(&db, NULL, &existed), e);
	wish(false);
	CHECK_OK(put(&db, NULL, &existed), e);
	CHECK_OK(load(&db, 1), e);
	CHECK(batch.open && batch.total == 0);
	CHECK(count_open(&db, true) == 1 && count_open(&db, false) == 1);
	CHECK_OK(end(&db, 1), e);
	CHECK_OK(load(&db, 1), e);
	CHECK(!batch.open && batch.finished_ms > 0 && batch.hands_free);
	CHECK(count_open(&db, true) == 0 && count_open(&db, false) == 0);
}

static void slot_of_a_batch_remembers_what_it_has_done(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	struct batch_tally tally;
	struct job a, b;
	bool existed;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	wish(true);
	CHECK_OK(put(&db, NULL, &existed), e);
	CHECK_OK(add_job(&db, 1, "left", &a), e);
	CHECK_OK(finish(&db, &a, JOB_DONE), e);
	CHECK_OK(add_job(&db, 1, "left", &b), e);
	CHECK_OK(finish(&db, &b, JOB_FAILED), e);

	AUTO(tx_end) struct tx tx = tx_begin(&db);

	CHECK_OK(batch_tally(&tx, 1, "left", &tally, &e), e);
	CHECK(tally.boards == 2 && tally.failed == 1);
	CHECK(tally.last == b.id && tally.state == JOB_FAILED);
	CHECK_OK(batch_tally(&tx, 1, "right", &tally, &e), e);
	CHECK(tally.boards == 0 && tally.last == JOB_NONE);
	CHECK_OK(batch_set_gone(&tx, 1, "left", false, &e), e);
	CHECK_OK(batch_get(&tx, 1, &batch, &e), e);
	CHECK(!batch.slot[0].gone && batch.slot[1].gone);
}

static void list_and_ids_have_their_order(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	static struct batch found[2];
	static int64_t ids[BATCH_JOBS];
	struct page page = { .max = 2 };
	struct job job;
	bool existed;
	size_t n;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	for (int i = 0; i < 3; i++) {
		wish(false);
		CHECK_OK(put(&db, NULL, &existed), e);
		CHECK_OK(add_job(&db, 2, "left", &job), e);
	}

	AUTO(tx_end) struct tx tx = tx_begin_read(&db);

	CHECK_OK(batch_list(&tx, JOB_NONE, found, &page, &e), e);
	CHECK(page.n == 2 && found[0].id == 3 && found[1].id == 2 && page.next == 2);
	CHECK_OK(batch_list(&tx, 2, found, &page, &e), e);
	CHECK(page.n == 1 && found[0].id == 1 && page.next == JOB_NONE);
	CHECK_OK(batch_jobs(&tx, 2, ids, &n, &e), e);
	CHECK(n == 3 && ids[0] == 1 && ids[2] == 3);
}

static void request_survives_being_text(void)
{
	struct job_request q = job_request(JOB_RESTORE), back;
	char text[REQUEST_TEXT];

	q.dump = 12;
	q.fill = 0;
	q.backup = JOB_BACKUP_NEVER;
	strcpy(q.label, "50 % = \"half\"\nT\xc3\xbcr \x01");
	strcpy(q.preserve, "0+4096 8192+1 ");
	request_text_write(&q, text);
	CHECK_OK(request_text_read(text, &back, &e), e);
	CHECK(back.type == JOB_RESTORE && back.dump == 12 && back.fill == 0);
	CHECK(back.image == JOB_NONE && back.backup == JOB_BACKUP_NEVER);
	CHECK(!strcmp(back.label, q.label) && !strcmp(back.preserve, q.preserve));
	memset(q.label, 1, sizeof q.label - 1);
	q.label[sizeof q.label - 1] = '\0';
	request_text_write(&q, text);
	CHECK_OK(request_text_read(text, &back, &e), e);
	CHECK(!strcmp(back.label, q.label));
}

static void request_of_a_newer_program_loses_only_what_is_new(void)
{
	struct job_request back;

	CHECK_OK(request_text_read("type=write\nreq_image=4\nreq_magic=7\n", &back, &e), e);
	CHECK(back.type == JOB_WRITE && back.image == 4);
	CHECK(request_text_read("type=dance\n", &back, &e) == -1 && e.code == ERR_ARCHIVE_DAMAGED);
	CHECK(request_text_read("", &back, &e) == -1);
	CHECK(request_text_read("req_image=4\n", &back, &e) == -1);
}

static const struct check all[] = {
	{ "batch comes back as it was wished", batch_comes_back_as_it_was_wished },
	{ "totals are those of its jobs", totals_are_those_of_its_jobs },
	{ "same key gives the first batch", same_key_gives_the_first_batch },
	{ "hands-free is open until it is ended", hands_free_is_open_until_it_is_ended },
	{ "slot of a batch remembers what it has done",
	  slot_of_a_batch_remembers_what_it_has_done },
	{ "list and ids have their order", list_and_ids_have_their_order },
	{ "request survives being text", request_survives_being_text },
	{ "request of a newer program loses only what is new",
	  request_of_a_newer_program_loses_only_what_is_new },
};

CHECK_MAIN(all)
