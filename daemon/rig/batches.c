#include "rig_batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "rig_impl.h"
#include "slot_watch.h"
#include "submit.h"

/* ---- what is wanted */

static bool is_named_before(const struct batch *batch, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(batch->slot[k].name, batch->slot[i].name))
			return true;
	return false;
}

/* Boards that come and go are seen by SPI. */
static int check_watched(const struct slot *slot, struct err *e)
{
	if (!slot->set.board || slot->set.board->spi)
		return 0;
	err_set(e, ERR_UNPROCESSABLE,
		"slot %s has no SPI, and so nothing to see by that a board is put in",
		slot->set.name);
	return err_hint(e, "Start a job for each board, or a batch that is not hands-free.");
}

static int check_slots(struct rig *rig, const struct batch *batch, struct err *e)
{
	if (batch->n_slots == 0)
		return err_set(e, ERR_UNPROCESSABLE, "slots: a batch needs at least one");
	for (size_t i = 0; i < batch->n_slots; i++) {
		if (!rig_find_slot(rig, batch->slot[i].name))
			return rig_no_such_slot(rig, batch->slot[i].name, ERR_UNPROCESSABLE, e);
		if (is_named_before(batch, i))
			return err_set(e, ERR_UNPROCESSABLE, "slots: %s is named twice",
				       batch->slot[i].name);
		if (batch->hands_free &&
		    check_watched(rig_find_slot(rig, batch->slot[i].name), e) < 0)
			return -1;
	}
	return 0;
}

/* ---- places in the queues: all or none */

static void unpromise(struct rig *rig, const struct batch *batch, size_t n)
{
	for (size_t i = 0; i < n; i++)
		place_unpromise(rig_find_slot(rig, batch->slot[i].name));
}

static int promise(struct rig *rig, const struct batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->n_slots; i++) {
		struct slot *slot = rig_find_slot(rig, batch->slot[i].name);

		if (place_promise(slot, rig->limits.queued, e) == 0)
			continue;
		unpromise(rig, batch, i);
		return err_prefix(e, "nothing was queued: ");
	}
	return 0;
}

/* ---- the archive */

static int add_job(struct tx *tx, const struct batch *batch, struct slot *slot, struct job *job,
		   struct err *e)
{
	bool existed;

	*job = (struct job){ .request = batch->request, .batch = batch->id };
	snprintf(job->request.slot, sizeof job->request.slot, "%s", slot->set.name);
	request_choose_wires(slot, &job->request);
	if (request_check_named(tx, slot, &job->request, e) < 0)
		return -1;
	return job_add(tx, job, NULL, &existed, e);
}

/* Without jobs: only asks whether the key is known. */
static int store(struct rig *rig, struct batch *batch, const struct job_key *key, struct job *jobs,
		 bool *existed, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(rig->db);
	const size_t n = batch->n_slots;

	if (batch_add(&tx, batch, key, existed, e) < 0)
		return -1;
	if (*existed || !jobs)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (add_job(&tx, batch, rig_find_slot(rig, batch->slot[i].name), &jobs[i], e) < 0)
			return -1;
	if (batch_get(&tx, batch->id, batch, e) < 0) /* with its totals */
		return -1;
	return tx_commit(&tx, e);
}

/* A repeat of a batch that is known is answered even when a queue is full: *e says why not. */
static int repeat(struct rig *rig, struct batch *batch, const struct job_key *key, bool *existed)
{
	struct err ignored;
	bool known;

	if (!key || store(rig, batch, key, NULL, &known, &ignored) < 0 || !known)
		return -1;
	*existed = true;
	return 0;
}

static void start(struct rig *rig, const struct batch *batch, const struct job *jobs)
{
	rig_tell_batch(rig, batch->id);
	for (size_t i = 0; i < batch->n_slots; i++) {
		rig_tell_job(rig, &jobs[i]);
		place_push(rig_find_slot(rig, batch->slot[i].name), jobs[i].id);
		rig_tell_slot(rig, batch->slot[i].name);
	}
}

/* With a place promised in each queue: uses them, or gives them back. */
static int submit(struct rig *rig, struct batch *batch, const struct job_key *key, bool *existed,
		  struct err *e)
{
	AUTO(auto_free) struct batch *wish = malloc(sizeof *wish);
	AUTO(auto_free) struct job *jobs = calloc(batch->n_slots, sizeof *jobs);
	bool known = false;
	int result = -1;

	if (!wish || !jobs) {
		unpromise(rig, batch, batch->n_slots);
		return err_set(e, ERR_MEMORY, "no memory for a batch");
	}
	*wish = *batch;
	result = store(rig, batch, key, jobs, &known, e);
	if (result < 0 || known)
		unpromise(rig, wish, wish->n_slots);
	else
		start(rig, batch, jobs);
	if (result == 0)
		*existed = known;
	return result;
}

/* ---- hands-free: no jobs yet, the slots bring them */

static void end_watches(struct rig *rig, const struct batch *batch, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++) {
		struct slot *slot = rig_find_slot(rig, batch->slot[i].name);

		if (slot && watch_end(slot, id))
			rig_tell_slot(rig, slot->set.name);
	}
}

static int reserve_watches(struct rig *rig, const struct batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->n_slots; i++) {
		if (watch_reserve(rig_find_slot(rig, batch->slot[i].name), e) == 0)
			continue;
		end_watches(rig, batch, i, WATCH_RESERVED);
		return -1;
	}
	return 0;
}

static int store_alone(struct rig *rig, struct batch *batch, const struct job_key *key,
		       bool *existed, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(rig->db);

	if (batch_add(&tx, batch, key, existed, e) < 0)
		return -1;
	if (!*existed && request_check_named(&tx, NULL, &batch->request, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

static void begin_watches(struct rig *rig, const struct batch *batch)
{
	rig_tell_batch(rig, batch->id);
	for (size_t i = 0; i < batch->n_slots; i++) {
		watch_begin(rig_find_slot(rig, batch->slot[i].name), batch->id);
		rig_tell_slot(rig, batch->slot[i].name);
	}
}

static int submit_watched(struct rig *rig, struct batch *batch, const struct job_key *key,
			  bool *existed, struct err *e)
{
	AUTO(auto_free) struct batch *wish = malloc(sizeof *wish);
	bool known = false;
	int result;

	if (!wish)
		return err_set(e, ERR_MEMORY, "no memory for a batch");
	*wish = *batch;
	if (reserve_watches(rig, batch, e) < 0)
		return repeat(rig, batch, key, existed);
	result = store_alone(rig, batch, key, &known, e);
	if (result < 0 || known)
		end_watches(rig, wish, wish->n_slots, WATCH_RESERVED);
	else
		begin_watches(rig, batch);
	if (result == 0)
		*existed = known;
	return result;
}

int rig_batch_submit(struct rig *rig, struct batch *batch, const struct job_key *key, bool *existed,
		     struct err *e)
{
	if (check_slots(rig, batch, e) < 0 || request_check(&batch->request, e) < 0)
		return -1;
	if (batch->hands_free)
		return submit_watched(rig, batch, key, existed, e);
	if (promise(rig, batch, e) < 0)
		return repeat(rig, batch, key, existed);
	return submit(rig, batch, key, existed, e);
}

/* ---- those that are there */

int rig_batch_get(struct rig *rig, int64_t id, struct batch *batch, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	return batch_get(&tx, id, batch, e);
}

int rig_batch_again(struct rig *rig, int64_t id, struct batch *batch, struct err *e)
{
	bool existed;

	if (rig_batch_get(rig, id, batch, e) < 0)
		return -1;
	batch->again_of = id;
	return rig_batch_submit(rig, batch, NULL, &existed, e);
}

/* Jobs of the batch that have not ended, by falling id. */
static int load_open(struct rig *rig, int64_t id, enum job_state state, struct job *jobs,
		     struct page *page, struct err *e)
{
	const struct job_filter filter = {
		.batch = id, .has_state = true, .state = state, .before = JOB_NONE
	};
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	return job_list(&tx, &filter, jobs, page, e);
}

/* A job that ends by itself meanwhile is as good. */
static int cancel_all(struct rig *rig, int64_t id, enum job_state state, struct err *e)
{
	AUTO(auto_free) struct job *jobs = calloc(BATCH_SLOTS, sizeof *jobs);
	struct page page = { .max = BATCH_SLOTS };

	if (!jobs)
		return err_set(e, ERR_MEMORY, "no memory for a batch's jobs");
	if (load_open(rig, id, state, jobs, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.n; i++)
		if (rig_job_cancel(rig, jobs[i].id, e) < 0 && e->code != ERR_CONFLICT)
			return -1;
	return 0;
}

static int load_unfinished(struct rig *rig, int64_t id, struct batch *batch, struct err *e)
{
	if (rig_batch_get(rig, id, batch, e) < 0)
		return -1;
	return batch->open ? 0 : err_set(e, ERR_CONFLICT, "batch %" PRId64 " is done", id);
}

static int store_end(struct rig *rig, int64_t id, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(rig->db);

	return batch_end(&tx, id, e) < 0 ? -1 : tx_commit(&tx, e);
}

static int end_hands_free(struct rig *rig, const struct batch *batch, struct err *e)
{
	if (!batch->hands_free)
		return 0;
	if (store_end(rig, batch->id, e) < 0)
		return -1;
	end_watches(rig, batch, batch->n_slots, batch->id);
	rig_tell_batch(rig, batch->id);
	return 0;
}

int rig_batch_finish(struct rig *rig, int64_t id, struct err *e)
{
	AUTO(auto_free) struct batch *batch = malloc(sizeof *batch);

	if (!batch)
		return err_set(e, ERR_MEMORY, "no memory for a batch");
	if (load_unfinished(rig, id, batch, e) < 0)
		return -1;
	if (!batch->hands_free || batch->ended_ms != JOB_NONE)
		return err_set(e, ERR_CONFLICT, "batch %" PRId64 " is not hands-free", id);
	return end_hands_free(rig, batch, e);
}

int rig_batch_cancel(struct rig *rig, int64_t id, struct err *e)
{
	AUTO(auto_free) struct batch *batch = malloc(sizeof *batch);

	if (!batch)
		return err_set(e, ERR_MEMORY, "no memory for a batch");
	if (load_unfinished(rig, id, batch, e) < 0 || end_hands_free(rig, batch, e) < 0 ||
	    cancel_all(rig, id, JOB_QUEUED, e) < 0)
		return -1;
	return cancel_all(rig, id, JOB_RUNNING, e);
}
