/* The questions about jobs and slots that other floors may ask: rig.h. */
#include "rig_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "dump_store.h"
#include "image_store.h"

static int no_such_slot(const struct rig *rig, const char *name, enum err_code code, struct err *e)
{
	size_t at = 0;

	err_set(e, code, "no slot is called \"%.64s\"", name);
	e->hint[0] = '\0';
	for (size_t i = 0; i < rig->n && at + JOB_SLOT + 16 < sizeof e->hint; i++)
		at += (size_t)snprintf(e->hint + at, sizeof e->hint - at, "%s%s",
				       i ? ", " : "The slots are: ", rig->slots[i].set.name);
	return -1;
}

size_t rig_slot_count(const struct rig *rig)
{
	return rig->n;
}

void rig_slot_at(struct rig *rig, size_t i, struct slot_info *info)
{
	slot_info(&rig->slots[i], info);
}

int rig_slot_get(struct rig *rig, const char *name, struct slot_info *info, struct err *e)
{
	struct slot *slot = rig_find_slot(rig, name);

	if (!slot)
		return no_such_slot(rig, name, ERR_NOT_FOUND, e);
	slot_info(slot, info);
	return 0;
}

int rig_slot_reset(struct rig *rig, const char *name, struct err *e)
{
	struct slot *slot = rig_find_slot(rig, name);

	if (!slot)
		return no_such_slot(rig, name, ERR_NOT_FOUND, e);
	return slot_ask_reset(slot, e);
}

static int promise(struct slot *slot, size_t max, struct err *e)
{
	LOCK(&slot->lock);

	if (slot->stopping)
		return err_set(e, ERR_UNAVAILABLE, "the daemon is stopping");
	if (queue_promise(&slot->queue, max, e) < 0)
		return err_prefix(e, "slot %s: ", slot->set.name);
	return 0;
}

static void unpromise(struct slot *slot)
{
	LOCK(&slot->lock);

	queue_unpromise(&slot->queue);
}

static void push(struct slot *slot, int64_t id)
{
	LOCK(&slot->lock);

	queue_push(&slot->queue, id);
	pthread_cond_signal(&slot->wake);
}

/* Without commit: only asks whether the key is known. One check of the archive at a time is enough. */
static int add_job(struct rig *rig, struct job *job, const struct job_key *key, bool commit,
		   bool *existed, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(rig->db);

	*existed = false;
	if (job->request.type == JOB_CHECK && job_find_open(&tx, JOB_CHECK, job, existed, e) < 0)
		return -1;
	if (!*existed && job_add(&tx, job, key, existed, e) < 0)
		return -1;
	return commit ? tx_commit(&tx, e) : 0;
}

static int unprocessable(struct err *e, const char *why)
{
	return err_set(e, ERR_UNPROCESSABLE, "%s", why);
}

/* What a request must say to make sense, before anything is known of the chip. */
static int check_request(const struct job_request *q, struct err *e)
{
	const bool dump = q->dump > 0, image = q->image > 0;

	if (q->length == 0)
		return unprocessable(e, "length is 0: there is nothing to do");
	if (dump && image)
		return unprocessable(e, "a dump or an image, not both");
	switch ((int)q->type) {
	case JOB_VERIFY:
		return dump || image ? 0
				     : unprocessable(e, "verify against what? give dump or image");
	case JOB_RESTORE: return dump ? 0 : unprocessable(e, "restore what? give a dump");
	case JOB_WRITE:
		if (!dump && !image && q->fill == JOB_NONE)
			return unprocessable(e, "write what? give image, dump or fill");
		break;
	}
	return 0;
}

/* What it names must be there. */
static int check_named(struct rig *rig, const struct job_request *q, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	AUTO(auto_free) struct image *image = calloc(1, sizeof *image);
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	if (!dump || !image)
		return err_set(e, ERR_MEMORY, "no memory for a record");
	if ((q->dump > 0 && dump_get(&tx, q->dump, dump, e) < 0) ||
	    (q->image > 0 && image_get(&tx, q->image, image, e) < 0)) {
		if (e->code == ERR_NOT_FOUND)
			e->code = ERR_UNPROCESSABLE;
		return -1;
	}
	return 0;
}

/* A repeat of a job that is already known is answered even when the queue is full: *e says why
 * not. */
static int repeat(struct rig *rig, struct job *job, const struct job_key *key, bool *existed)
{
	struct err ignored;
	bool known;

	if (!key || add_job(rig, job, key, false, &known, &ignored) < 0 || !known)
		return -1;
	*existed = true;
	return 0;
}

/* With a place promised in the slot's queue: uses it, or gives it back. */
static int store(struct rig *rig, struct slot *slot, struct job *job, const struct job_key *key,
		 bool *existed, struct err *e)
{
	bool known;

	if (add_job(rig, job, key, true, &known, e) < 0) {
		unpromise(slot);
		return -1;
	}
	*existed = known;
	if (known) {
		unpromise(slot);
		slot_fill_live(slot, job);
		return 0;
	}
	rig_tell_job(rig, job);
	push(slot, job->id);
	rig_tell_slot(rig, slot->set.name);
	return 0;
}

/* Checks are for the house, the rest for slots. NULL when there is no such place. */
static struct slot *find_place(struct rig *rig, const struct job_request *q)
{
	const bool archive = q->type == JOB_CHECK;

	return archive == !*q->slot ? rig_find_worker(rig, q->slot) : NULL;
}

int rig_submit(struct rig *rig, const struct job_request *request, const struct job_key *key,
	       struct job *job, bool *existed, struct err *e)
{
	struct slot *slot = find_place(rig, request);

	if (!slot)
		return no_such_slot(rig, request->slot, ERR_UNPROCESSABLE, e);
	if (check_request(request, e) < 0 || check_named(rig, request, e) < 0)
		return -1;
	*job = (struct job){ .request = *request, .batch = JOB_NONE };
	if (promise(slot, rig->limits.queued, e) < 0)
		return repeat(rig, job, key, existed);
	return store(rig, slot, job, key, existed, e);
}

static void fill_live(struct rig *rig, struct job *job)
{
	struct slot *slot = rig_find_worker(rig, job->request.slot);

	if (slot && job->state == JOB_RUNNING)
		slot_fill_live(slot, job);
}

static int load_job(struct rig *rig, int64_t id, struct job *job, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	return job_get(&tx, id, job, e);
}

int rig_job_get(struct rig *rig, int64_t id, struct job *job, struct err *e)
{
	if (load_job(rig, id, job, e) < 0)
		return -1;
	fill_live(rig, job);
	return 0;
}

static int load_jobs(struct rig *rig, const struct job_filter *filter, struct job *jobs,
		     struct page *page, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	return job_list(&tx, filter, jobs, page, e);
}

int rig_job_list(struct rig *rig, const struct job_filter *filter, struct job *jobs,
		 struct page *page, struct err *e)
{
	if (load_jobs(rig, filter, jobs, page, e) < 0)
		return -1;
	for (size_t i = 0; i < page->n; i++)
		fill_live(rig, &jobs[i]);
	return 0;
}

static int move_to_cancelled(struct rig *rig, struct job *job, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(rig->db);

	job->has_error = true;
	err_set(&job->error, ERR_CANCELLED, "cancelled before it began");
	if (job_move(&tx, job, JOB_CANCELLED, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

/* The job is out of the queue already; when the archive will not hear of it, it goes back. */
static int cancel_queued(struct rig *rig, struct slot *slot, struct job *job, struct err *e)
{
	struct err ignored;

	if (move_to_cancelled(rig, job, e) < 0) {
		if (promise(slot, SIZE_MAX, &ignored) == 0)
			push(slot, job->id);
		return -1;
	}
	rig_tell_job(rig, job);
	rig_tell_slot(rig, slot->set.name);
	return 0;
}

int rig_job_cancel(struct rig *rig, int64_t id, struct err *e)
{
	AUTO(auto_free) struct job *job = calloc(1, sizeof *job);
	struct slot *slot;

	if (!job)
		return err_set(e, ERR_MEMORY, "no memory for a job");
	if (load_job(rig, id, job, e) < 0)
		return -1;
	slot = rig_find_worker(rig, job->request.slot);
	switch (slot ? slot_cancel(slot, id) : SLOT_CANCEL_UNKNOWN) {
	case SLOT_CANCEL_RUNNING: return 0;
	case SLOT_CANCEL_QUEUED: return cancel_queued(rig, slot, job, e);
	case SLOT_CANCEL_UNKNOWN: break;
	}
	if (load_job(rig, id, job, e) < 0) /* it may have ended since */
		return -1;
	return err_set(e, ERR_CONFLICT, "job %" PRId64 " has ended: it is %s", id,
		       job_state_name(job->state));
}

int rig_job_log(struct rig *rig, int64_t id, char **text, struct err *e)
{
	AUTO(auto_free) struct job *job = calloc(1, sizeof *job);
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	if (!job)
		return err_set(e, ERR_MEMORY, "no memory for a job");
	if (job_get(&tx, id, job, e) < 0)
		return -1;
	return job_log_get(&tx, id, text, e);
}
