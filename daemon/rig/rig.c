#include "rig_impl.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "audit_due.h"
#include "auto.h"
#include "board.h"
#include "log.h"
#include "slot_log.h"

#define RESTORE_PAGE 32

static void close_boards(const struct rig_slot *slots, size_t from, size_t n)
{
	for (size_t i = from; i < n; i++)
		board_close(slots[i].board);
}

static int add_worker(struct rig *rig, const struct rig_slot *set, struct err *e)
{
	struct slot *slot = &rig->slots[rig->workers];

	if (slot_init(slot, set, e) < 0)
		return -1;
	slot->rig = rig;
	rig->workers++;
	return 0;
}

struct rig *rig_new(struct db *db, const struct rig_slot *slots, size_t n,
		    const struct rig_limits *limits, struct err *e)
{
	static const struct rig_slot house = { .name = "" };
	struct rig *rig = calloc(1, sizeof *rig);

	if (rig)
		rig->slots = calloc(n + 1, sizeof *rig->slots);
	if (!rig || !rig->slots) {
		free(rig);
		close_boards(slots, 0, n);
		err_set(e, ERR_MEMORY, "no memory for %zu slots", n);
		return NULL;
	}
	rig->db = db;
	rig->limits = *limits;
	for (; rig->n < n; rig->n++) {
		if (add_worker(rig, &slots[rig->n], e) < 0) {
			close_boards(slots, rig->n, n);
			rig_free(rig);
			return NULL;
		}
	}
	if (add_worker(rig, &house, e) < 0) {
		rig_free(rig);
		return NULL;
	}
	return rig;
}

void rig_observe(struct rig *rig, struct rig_observer *observer)
{
	rig->observer = observer;
}

void rig_free(struct rig *rig)
{
	if (!rig)
		return;
	for (size_t i = 0; i < rig->workers; i++)
		slot_stop(&rig->slots[i]);
	for (size_t i = 0; i < rig->workers; i++)
		if (rig->slots[i].has_thread)
			pthread_join(rig->slots[i].thread, NULL);
	for (size_t i = 0; i < rig->workers; i++)
		slot_log_close(rig->slots[i].log);
	for (size_t i = 0; i < rig->workers; i++)
		slot_done(&rig->slots[i]);
	free(rig->slots);
	free(rig);
}

struct slot *rig_find_slot(struct rig *rig, const char *name)
{
	for (size_t i = 0; i < rig->n; i++)
		if (!strcmp(rig->slots[i].set.name, name))
			return &rig->slots[i];
	return NULL;
}

struct slot *rig_find_worker(struct rig *rig, const char *name)
{
	assert(rig->slots);
	return *name ? rig_find_slot(rig, name) : &rig->slots[rig->n];
}

void rig_tell_job(struct rig *rig, const struct job *job)
{
	if (rig->observer)
		rig->observer->job(rig->observer, job);
}

void rig_tell_moved(struct rig *rig, const struct job *job)
{
	rig_tell_job(rig, job);
	if (job->batch != JOB_NONE)
		rig_tell_batch(rig, job->batch);
}

void rig_tell_batch(struct rig *rig, int64_t id)
{
	if (rig->observer && rig->observer->batch)
		rig->observer->batch(rig->observer, id);
}

void rig_tell_slot(struct rig *rig, const char *name)
{
	if (rig->observer && *name)
		rig->observer->slot(rig->observer, name);
}

void rig_tell_log(struct rig *rig, const char *name, const struct slot_log_piece *piece)
{
	if (rig->observer && rig->observer->log)
		rig->observer->log(rig->observer, name, piece->at_ms, piece->text);
}

void rig_tell_dump(struct rig *rig, int64_t id)
{
	if (rig->observer)
		rig->observer->dump(rig->observer, id);
}

static int interrupt_running(struct rig *rig, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(rig->db);
	size_t n;

	if (job_interrupt_running(&tx, &n, e) < 0 || tx_commit(&tx, e) < 0)
		return -1;
	if (n > 0)
		log_warning("%zu jobs were running when the daemon last stopped; they are now "
			    "interrupted",
			    n);
	return 0;
}

/* A full disk refuses the first try, which gives up the reserve for the second. */
static int interrupt_even_when_full(struct rig *rig, struct err *e)
{
	if (interrupt_running(rig, e) == 0)
		return 0;
	return e->code == ERR_ARCHIVE_FULL ? interrupt_running(rig, e) : -1;
}

/* A job whose slot is gone from the configuration would wait for ever. */
static int drop_job(struct rig *rig, struct job *job, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(rig->db);

	job->has_error = true;
	err_set(&job->error, ERR_CANCELLED, "slot %s is not configured any more",
		job->request.slot);
	if (job_move(&tx, job, JOB_CANCELLED, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

static int restore_job(struct rig *rig, struct job *job, struct err *e)
{
	struct slot *slot = rig_find_worker(rig, job->request.slot);

	if (!slot) {
		if (drop_job(rig, job, e) < 0)
			return -1;
		rig_tell_job(rig, job);
		return 0;
	}

	LOCK(&slot->lock);
	if (queue_promise(&slot->queue, SIZE_MAX, e) < 0)
		return -1;
	queue_push(&slot->queue, job->id);
	return 0;
}

static int read_queued(struct rig *rig, int64_t after, struct job *jobs, size_t *n, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	return job_list_queued(&tx, after, jobs, RESTORE_PAGE, n, e);
}

static int restore_queues(struct rig *rig, struct err *e)
{
	AUTO(auto_free) struct job *jobs = calloc(RESTORE_PAGE, sizeof *jobs);
	int64_t after = 0;
	size_t n;

	if (!jobs)
		return err_set(e, ERR_MEMORY, "no memory to restore the queues");
	do {
		if (read_queued(rig, after, jobs, &n, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			after = jobs[i].id;
			if (restore_job(rig, &jobs[i], e) < 0)
				return -1;
		}
	} while (n > 0);
	return 0;
}

static int start_worker(struct slot *slot, struct err *e)
{
	struct board *board = slot->set.board;

	if (board && board->log && !(slot->log = slot_log_open(slot, e)))
		return -1;

	const int why = pthread_create(&slot->thread, NULL, worker_main, slot);

	if (why != 0)
		return err_set(e, ERR_MEMORY, "slot %s: no thread: error %d", slot->set.name, why);
	slot->has_thread = true;
	return 0;
}

/* What is damaged, or has no room to be tidied up in, stays: the archive can still be read and checked. */
static int sweep(struct rig *rig, struct err *e)
{
	size_t swept;

	if (archive_sweep(rig->db, &swept, e) < 0) {
		if (e->code != ERR_ARCHIVE_DAMAGED && e->code != ERR_ARCHIVE_FULL)
			return -1;
		log_error("tidying up: %s%s%s", e->text, *e->hint ? "; " : "", e->hint);
	} else if (swept > 0) {
		log_info("removed %zu unfinished dumps", swept);
	}
	return 0;
}

/* An archive that nobody has checked yet is as old as its first start. */
static int count_from_now(struct rig *rig, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(rig->db);

	return audit_begin_count(&tx, e) < 0 ? -1 : tx_commit(&tx, e);
}

int rig_start(struct rig *rig, struct err *e)
{
	struct err full;

	if (interrupt_even_when_full(rig, e) < 0 || sweep(rig, e) < 0 ||
	    restore_queues(rig, e) < 0 || watch_restore(rig, e) < 0)
		return -1;
	(void)!count_from_now(rig, &full); /* on a full disk the next start does it */
	for (size_t i = 0; i < rig->workers; i++)
		if (start_worker(&rig->slots[i], e) < 0)
			return -1;
	return 0;
}
