/* The questions about jobs and slots that other floors may ask: rig.h. */
#include "rig_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "board.h"
#include "boot_log_store.h"
#include "slot_log.h"
#include "submit.h"

int rig_no_such_slot(const struct rig *rig, const char *name, enum err_code code, struct err *e)
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

void rig_device_merged(struct rig *rig, int64_t device, int64_t other)
{
	for (size_t i = 0; i < rig->n; i++)
		slot_renumber(&rig->slots[i], device, other);
}

int rig_slot_get(struct rig *rig, const char *name, struct slot_info *info, struct err *e)
{
	struct slot *slot = rig_find_slot(rig, name);

	if (!slot)
		return rig_no_such_slot(rig, name, ERR_NOT_FOUND, e);
	slot_info(slot, info);
	return 0;
}

int rig_slot_reset(struct rig *rig, const char *name, struct err *e)
{
	struct slot *slot = rig_find_slot(rig, name);

	if (!slot)
		return rig_no_such_slot(rig, name, ERR_NOT_FOUND, e);
	return slot_ask_reset(slot, e);
}

int rig_slot_plug(struct rig *rig, const char *name, const struct rig_plug *plug, struct err *e)
{
	const struct board_plug hands = { .present = plug->present,
					  .other = plug->other,
					  .content = plug->content,
					  .len = plug->len };
	struct slot *slot = rig_find_slot(rig, name);

	if (!slot)
		return rig_no_such_slot(rig, name, ERR_NOT_FOUND, e);
	if (!slot->set.board)
		return err_set(e, ERR_OFFLINE, "%s", slot->set.why);
	return board_plug(slot->set.board, &hands, e) < 0 ? err_prefix(e, "slot %s: ", name) : 0;
}

#define RECENT 16384 /* bytes of a log that a new follower gets */

static void collect_log(struct slot_log *log, int64_t *at_ms, char *text)
{
	const uint64_t end = slot_log_mark(log), pieces = RECENT / SLOT_LOG_PIECE;
	uint64_t from = end > pieces ? end - pieces : 0;
	struct slot_log_piece piece;
	size_t len = 0;

	*at_ms = clock_wall_ms();
	while (slot_log_next(log, &from, 0, &piece) && len + strlen(piece.text) < RECENT) {
		if (len == 0)
			*at_ms = piece.at_ms;
		len += (size_t)snprintf(text + len, RECENT - len, "%s", piece.text);
	}
}

int rig_slot_log(struct rig *rig, const char *name, int64_t *at_ms, char **text, struct err *e)
{
	struct slot *slot = rig_find_slot(rig, name);

	if (!slot)
		return rig_no_such_slot(rig, name, ERR_NOT_FOUND, e);
	if (!slot->log) {
		err_set(e, ERR_UNPROCESSABLE, "slot %s has no log UART", name);
		return err_hint(e, "Wire TX2 of the board to a port and name it with `log`.");
	}
	*text = calloc(1, RECENT);
	if (!*text)
		return err_set(e, ERR_MEMORY, "no memory for a log");
	collect_log(slot->log, at_ms, *text);
	return 0;
}

int rig_job_boot_log(struct rig *rig, int64_t id, char **text, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	return boot_log_get(&tx, id, text, e);
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

static int cancel_stored(struct rig *rig, struct slot *slot, struct job *job, struct err *e)
{
	if (move_to_cancelled(rig, job, e) < 0)
		return -1;
	watch_job_dropped(slot, job);
	rig_tell_moved(rig, job);
	rig_tell_slot(rig, slot->set.name);
	return 0;
}

/* The job is out of the queue already; when the archive will not hear of it, it goes back. */
static int cancel_queued(struct rig *rig, struct slot *slot, struct job *job, struct err *e)
{
	struct err ignored;

	if (cancel_stored(rig, slot, job, e) == 0)
		return 0;
	if (place_promise(slot, SIZE_MAX, &ignored) == 0)
		place_push(slot, job->id);
	return -1;
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
	if (slot && job->state == JOB_QUEUED) /* on its way into the queue: there it finds that */
		return cancel_stored(rig, slot, job, e);
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
