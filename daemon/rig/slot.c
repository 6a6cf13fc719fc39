#include "slot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "board.h"
#include "deadline.h"
#include "rig_impl.h"
#include "target.h"

/* Between looks: soon enough for the person who plugs it in. A look at a Beken part resets it. */
#define AWAY_MS        2000
#define DUE_MS         60000
#define WATCH_BARE_MS  400
#define WATCH_BEKEN_MS 1500
#define WATCH_SIM_MS   100 /* in virtual time a look takes none */

static void fill_identity(struct slot_info *info, const struct rig_slot *set)
{
	*info = (struct slot_info){ .state = SLOT_IDLE, .job = JOB_NONE, .device = JOB_NONE };
	snprintf(info->name, sizeof info->name, "%s", set->name);
	snprintf(info->backend, sizeof info->backend, "%s", set->backend);
	if (set->target)
		snprintf(info->target, sizeof info->target, "%s", set->target->name);
	if (set->board) {
		info->has_spi = set->board->spi;
		info->has_cen = set->board->cen;
		info->has_uart = set->board->uart;
		info->has_log = set->board->log;
		return;
	}
	info->has_error = true;
	err_set(&info->error, ERR_OFFLINE, "%s", set->why);
}

static int init_locks(struct slot *slot)
{
	return pthread_mutex_init(&slot->lock, NULL) | deadline_cond_init(&slot->wake) |
	       pthread_cond_init(&slot->told, NULL);
}

int slot_init(struct slot *slot, const struct rig_slot *set, struct err *e)
{
	*slot = (struct slot){ .set = *set, .job = JOB_NONE, .away = !set->board };
	fill_identity(&slot->seen, set);
	beken_ram_init(&slot->known, NULL);
	if (init_locks(slot) != 0)
		return err_set(e, ERR_MEMORY, "no memory for slot %s", set->name);
	return 0;
}

void slot_done(struct slot *slot)
{
	board_close(slot->set.board);
	queue_done(&slot->queue);
	pthread_cond_destroy(&slot->told);
	pthread_cond_destroy(&slot->wake);
	pthread_mutex_destroy(&slot->lock);
}

/* Called under the lock: does the slot look for a board while it has nothing else to do? */
static bool is_watching(const struct slot *slot)
{
	return slot->set.board && !slot->away &&
	       (slot->watch.state == WATCH_INSERT || slot->watch.state == WATCH_REMOVE);
}

/* Called under the lock: does the house look whether the archive is to be checked? */
static bool is_due_sometimes(const struct slot *slot)
{
	return slot_is_house(slot) && slot->rig->limits.check_every_ms > 0;
}

/* A quarter of the time is late enough, a minute soon enough. */
static unsigned due_ms(const struct slot *slot)
{
	const uint64_t quarter = slot->rig->limits.check_every_ms / 4;

	return quarter < DUE_MS ? (unsigned)quarter + 1 : DUE_MS;
}

static unsigned look_ms(const struct slot *slot)
{
	if (is_due_sometimes(slot))
		return due_ms(slot);
	if (slot->away)
		return AWAY_MS;
	if (clock_is_virtual(slot->set.board->clock))
		return WATCH_SIM_MS;
	return slot->set.target->enters_spi_mode ? WATCH_BEKEN_MS : WATCH_BARE_MS;
}

/* Called under the lock. False when it is time to look for a board. */
static bool wait_for_work(struct slot *slot)
{
	const bool looks =
		is_due_sometimes(slot) || (slot->set.board && (slot->away || is_watching(slot)));
	const struct timespec until =
		looks ? deadline_in_ms(look_ms(slot)) : (struct timespec){ 0 };

	while (!slot->stopping && !slot->reset && slot->queue.n == 0) {
		if (!looks && is_watching(slot))
			return false; /* it has just begun to */
		if (!looks)
			pthread_cond_wait(&slot->wake, &slot->lock);
		else if (pthread_cond_timedwait(&slot->wake, &slot->lock, &until) == ETIMEDOUT)
			return false;
	}
	return true;
}

enum slot_task slot_take(struct slot *slot, int64_t *job)
{
	LOCK(&slot->lock);

	const bool work = wait_for_work(slot);

	if (!work && slot_is_house(slot))
		return SLOT_DUE;
	if (!work)
		return slot->away ? SLOT_LOOK : SLOT_WATCH;
	if (slot->reset)
		return SLOT_RESET;
	if (slot->stopping || !queue_pop(&slot->queue, job))
		return SLOT_STOP;
	slot->job = *job;
	slot->cancel = false;
	slot->live = (struct slot_live){ .total = JOB_NONE };
	return SLOT_JOB;
}

void slot_renumber(struct slot *slot, int64_t device, int64_t other)
{
	LOCK(&slot->lock);

	if (slot->seen.device == other)
		slot->seen.device = device;
}

void slot_release(struct slot *slot, const struct slot_info *seen)
{
	LOCK(&slot->lock);

	slot->job = JOB_NONE;
	slot->seen = *seen;
	slot->away |= seen->has_error && seen->error.code == ERR_OFFLINE;
}

bool slot_seen_there(struct slot *slot)
{
	LOCK(&slot->lock);
	const bool news = slot->away;

	slot->away = false;
	if (news)
		slot->seen.has_error = false;
	return news;
}

bool slot_seen_away(struct slot *slot, const struct err *why)
{
	LOCK(&slot->lock);
	const bool news = !slot->away || strcmp(slot->seen.error.text, why->text) != 0;

	slot->away = true;
	slot->seen.has_error = true;
	slot->seen.error = *why;
	slot->seen.has_chip = false;
	return news;
}

void slot_tell_reset(struct slot *slot, int result, const struct err *error)
{
	LOCK(&slot->lock);

	slot->reset->result = result;
	slot->reset->error = *error;
	slot->reset->done = true;
	slot->reset = NULL;
	pthread_cond_broadcast(&slot->told);
}

/* Called under the lock. */
static int may_reset(const struct slot *slot, struct err *e)
{
	if (slot->stopping)
		return err_set(e, ERR_UNAVAILABLE, "the daemon is stopping");
	if (!slot->set.board)
		return err_set(e, ERR_OFFLINE, "%s", slot->set.why);
	if (!slot->set.board->cen)
		return err_set(e, ERR_UNPROCESSABLE, "slot %s has no CEN line to pulse",
			       slot->set.name);
	if (slot->job == JOB_NONE && slot->queue.n == 0 && !slot->reset)
		return 0;
	err_set(e, ERR_CONFLICT, "slot %s is busy", slot->set.name);
	return err_hint(e, "Wait for its job to end, or cancel it.");
}

int slot_ask_reset(struct slot *slot, struct err *e)
{
	LOCK(&slot->lock);
	struct slot_reset reset = { .done = false };

	if (may_reset(slot, e) < 0)
		return -1;
	slot->reset = &reset;
	pthread_cond_signal(&slot->wake);
	while (!reset.done)
		pthread_cond_wait(&slot->told, &slot->lock);
	if (reset.result < 0)
		*e = reset.error;
	return reset.result;
}

void slot_show(struct slot *slot, const struct slot_live *live)
{
	LOCK(&slot->lock);

	slot->live = *live;
}

void slot_fill_live(struct slot *slot, struct job *job)
{
	LOCK(&slot->lock);

	if (slot->job != job->id)
		return;
	memcpy(job->phase, slot->live.phase, sizeof job->phase);
	memcpy(job->progress_unit, slot->live.unit, sizeof job->progress_unit);
	memcpy(job->asks, slot->live.asks, sizeof job->asks);
	job->progress_done = slot->live.done;
	job->progress_total = slot->live.total;
}

void slot_info(struct slot *slot, struct slot_info *info)
{
	LOCK(&slot->lock);

	*info = slot->seen;
	info->job = slot->job;
	info->queued = slot->queue.n;
	info->watch = slot->watch;
	info->simulated = slot->set.board && slot->set.board->ops->plug;
	if (slot->job != JOB_NONE)
		info->state = SLOT_BUSY;
	else
		info->state = slot->away ? SLOT_OFFLINE : SLOT_IDLE;
}

int slot_check_cancel(struct slot *slot, struct err *e)
{
	LOCK(&slot->lock);

	if (slot->cancel)
		return err_set(e, ERR_CANCELLED, "cancelled");
	if (slot->stopping)
		return err_set(e, ERR_INTERRUPTED, "the daemon was stopped");
	return 0;
}

enum slot_cancel slot_cancel(struct slot *slot, int64_t job)
{
	LOCK(&slot->lock);

	if (queue_remove(&slot->queue, job))
		return SLOT_CANCEL_QUEUED;
	if (slot->job != job)
		return SLOT_CANCEL_UNKNOWN;
	slot->cancel = true;
	return SLOT_CANCEL_RUNNING;
}

void slot_stop(struct slot *slot)
{
	LOCK(&slot->lock);

	slot->stopping = true;
	pthread_cond_signal(&slot->wake);
}

const char *slot_state_name(enum slot_state state)
{
	switch (state) {
	case SLOT_IDLE: return "idle";
	case SLOT_BUSY: return "busy";
	case SLOT_OFFLINE: return "offline";
	}
	return "offline";
}

const char *watch_state_name(enum watch_state state)
{
	switch (state) {
	case WATCH_INSERT: return "insert";
	case WATCH_WORKING: return "working";
	case WATCH_REMOVE: return "remove";
	case WATCH_OFF: break;
	}
	return "off";
}
