#include "slot_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "beken_spi.h"
#include "board.h"
#include "log.h"
#include "nor.h"
#include "power.h"
#include "rig_impl.h"
#include "submit.h"
#include "target.h"
#include "unique_id.h"

#define SEEN_ENOUGH   2  /* looks in a row until a board is there, */
#define MISSED_ENOUGH 3  /* and until it is not: contacts bounce, trains go unheard */
#define RED_LOOKS     12 /* as long as red is shown, should the board be gone already */
#define TRAINS        6  /* of one look: an echo is the rule, not a matter of chance */

/* ---- is a board there? */

struct presence {
	bool there;
	char unique_id[17]; /* "" where it was not read */
};

static void probe(struct slot *slot, struct presence *presence)
{
	struct board *board = slot->set.board;
	struct nor nor;
	struct err ignored;

	presence->there = nor_probe(board->spi, board->clock, &nor, &ignored) == 0;
	if (presence->there && nor.id.has_unique_id)
		unique_id_text(&nor, presence->unique_id);
}

static int look_bare(struct slot *slot, struct presence *presence, struct err *e)
{
	const struct spi_setup setup = { .hz = slot->set.spi_hz, .mode = 0 };

	if (power_on(slot->set.board, e) < 0 || spi_setup(slot->set.board->spi, &setup, e) < 0)
		return -1;
	probe(slot, presence);
	return 0;
}

static bool has_echo(const struct beken_entry *entry)
{
	for (size_t i = 0; i < entry->sets; i++)
		if (entry->tried[i].echoes > 0)
			return true;
	return false;
}

/* Only what the line says matters; a bus that fails is an error. */
static bool is_absence(const struct err *e)
{
	return e->code == ERR_NO_CHIP || e->code == ERR_WIRING || e->code == ERR_UNSTABLE_READ;
}

static int look_beken(struct slot *slot, struct presence *presence, struct err *e)
{
	const struct beken_limits limits = { .max_attempts = TRAINS,
					     .max_hz = slot->set.spi_hz,
					     .glance = true,
					     .memory = &slot->known.base };
	AUTO(auto_free) struct beken_entry *entry = calloc(1, sizeof *entry);

	if (!entry)
		return err_set(e, ERR_MEMORY, "no memory for an entry");
	if (beken_spi_enter(slot->set.board, &limits, NULL, entry, e) < 0) {
		presence->there = has_echo(entry);
		return presence->there || is_absence(e) ? 0 : -1;
	}
	probe(slot, presence);
	presence->there = true;
	return beken_reset(slot->set.board, e);
}

static int look(struct slot *slot, struct presence *presence, struct err *e)
{
	*presence = (struct presence){ .there = false };
	if (board_wake(slot->set.board, e) < 0)
		return -1;
	return slot->set.target->enters_spi_mode ? look_beken(slot, presence, e)
						 : look_bare(slot, presence, e);
}

/* Between looks a power line is off: boards are changed in the dark. */
static int look_and_rest(struct slot *slot, struct presence *presence, struct err *e)
{
	struct err why;
	int result = look(slot, presence, e);

	if (board_rest(slot->set.board, &why) < 0 && result == 0) {
		*e = why;
		return -1;
	}
	return result;
}

/* ---- what follows */

static void complain(struct slot *slot, const struct err *e)
{
	struct watch_sight *sight = &slot->sight;

	if (!strcmp(sight->complaint, e->text))
		return;
	snprintf(sight->complaint, sizeof sight->complaint, "%s", e->text);
	log_error("slot %s: hands-free: %s", slot->set.name, e->text);
}

static int load_batch(struct tx *tx, int64_t id, struct batch *batch, struct err *e)
{
	if (batch_get(tx, id, batch, e) < 0)
		return -1;
	return batch->open ? 0 : err_set(e, ERR_CONFLICT, "batch %" PRId64 " has ended", id);
}

static int add_job(struct slot *slot, int64_t batch, struct job *job, struct err *e)
{
	AUTO(auto_free) struct batch *b = malloc(sizeof *b);
	AUTO(tx_end) struct tx tx = tx_begin(slot->rig->db);
	bool existed;

	if (!b)
		return err_set(e, ERR_MEMORY, "no memory for a batch");
	if (load_batch(&tx, batch, b, e) < 0)
		return -1;
	*job = (struct job){ .request = b->request, .batch = batch };
	snprintf(job->request.slot, sizeof job->request.slot, "%s", slot->set.name);
	request_choose_wires(slot, &job->request);
	if (job_add(&tx, job, NULL, &existed, e) < 0 ||
	    batch_set_gone(&tx, batch, slot->set.name, false, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

static void set_working(struct slot *slot, int64_t batch, int64_t job)
{
	LOCK(&slot->lock);

	if (slot->watch.batch == batch) {
		slot->watch.state = WATCH_WORKING;
		slot->watch.job = job;
		slot->watch.ok = JOB_NONE;
	}
}

/* The board is in: its job is queued, before anything else that comes. */
static int begin_work(struct slot *slot, int64_t batch, const struct presence *presence,
		      struct err *e)
{
	AUTO(auto_free) struct job *job = calloc(1, sizeof *job);

	if (!job)
		return err_set(e, ERR_MEMORY, "no memory for a job");
	if (place_promise(slot, SIZE_MAX, e) < 0)
		return -1;
	if (add_job(slot, batch, job, e) < 0) {
		place_unpromise(slot);
		return -1;
	}
	set_working(slot, batch, job->id);
	slot->sight = (struct watch_sight){ .seen = 0 };
	snprintf(slot->sight.unique_id, sizeof slot->sight.unique_id, "%s", presence->unique_id);
	rig_tell_moved(slot->rig, job);
	place_push(slot, job->id);
	rig_tell_slot(slot->rig, slot->set.name);
	return 0;
}

static int keep_gone(struct slot *slot, int64_t batch, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(slot->rig->db);

	return batch_set_gone(&tx, batch, slot->set.name, true, e) < 0 ? -1 : tx_commit(&tx, e);
}

static void set_insert(struct slot *slot, int64_t batch)
{
	LOCK(&slot->lock);

	if (slot->watch.batch == batch) {
		slot->watch.state = WATCH_INSERT;
		slot->watch.job = slot->watch.ok = JOB_NONE;
	}
}

static int begin_wait(struct slot *slot, int64_t batch, struct err *e)
{
	if (keep_gone(slot, batch, e) < 0)
		return -1;
	set_insert(slot, batch);
	slot->sight = (struct watch_sight){ .seen = 0 };
	rig_tell_slot(slot->rig, slot->set.name);
	return 0;
}

static void count(unsigned *row, bool more)
{
	*row = more ? *row + 1 : 0;
}

static bool is_other(const struct watch_sight *sight, const struct presence *presence)
{
	return *sight->unique_id && *presence->unique_id &&
	       strcmp(sight->unique_id, presence->unique_id) != 0;
}

/* Of a board that failed people shall see it: until the next one comes, or for some seconds. */
static bool is_taken_out(const struct watch_sight *sight, bool good)
{
	if (sight->others >= SEEN_ENOUGH)
		return true;
	if (good || sight->missed >= RED_LOOKS)
		return sight->empty;
	return sight->empty && sight->seen >= SEEN_ENOUGH;
}

static int follow(struct slot *slot, const struct slot_watch *watch,
		  const struct presence *presence, struct err *e)
{
	struct watch_sight *sight = &slot->sight;

	count(&sight->seen, presence->there);
	count(&sight->missed, !presence->there);
	count(&sight->others, is_other(sight, presence));
	sight->empty |= sight->missed >= MISSED_ENOUGH;
	switch (watch->state) {
	case WATCH_INSERT:
		return sight->seen >= SEEN_ENOUGH ? begin_work(slot, watch->batch, presence, e) : 0;
	case WATCH_REMOVE:
		return is_taken_out(sight, watch->ok == 1) ? begin_wait(slot, watch->batch, e) : 0;
	case WATCH_OFF:
	case WATCH_WORKING: break;
	}
	return 0;
}

static struct slot_watch watch_of(struct slot *slot)
{
	LOCK(&slot->lock);

	return slot->watch;
}

void watch_look(struct slot *slot)
{
	const struct slot_watch watch = watch_of(slot);
	struct presence presence;
	struct err e;

	if (look_and_rest(slot, &presence, &e) < 0 || follow(slot, &watch, &presence, &e) < 0)
		complain(slot, &e);
}

/* False when the job is not that of the board that is in. */
static bool end_work(struct slot *slot, const struct job *job)
{
	LOCK(&slot->lock);

	if (slot->watch.state != WATCH_WORKING || slot->watch.job != job->id)
		return false;
	slot->watch.state = WATCH_REMOVE;
	slot->watch.ok = job->state == JOB_DONE;
	slot->watch.boards++;
	slot->watch.failed += job->state != JOB_DONE;
	return true;
}

void watch_job_ended(struct slot *slot, const struct job *job)
{
	const char *unique_id = job->result.unique_id;

	if (end_work(slot, job) && *unique_id)
		snprintf(slot->sight.unique_id, sizeof slot->sight.unique_id, "%s", unique_id);
}

void watch_job_dropped(struct slot *slot, const struct job *job)
{
	(void)end_work(slot, job);
}

/* ---- on and off */

int watch_reserve(struct slot *slot, struct err *e)
{
	LOCK(&slot->lock);

	if (slot->watch.state != WATCH_OFF) {
		err_set(e, ERR_CONFLICT, "slot %s is hands-free for batch %" PRId64 " already",
			slot->set.name, slot->watch.batch);
		return err_hint(e, "Finish or cancel that batch first.");
	}
	slot->watch = (struct slot_watch){
		.state = WATCH_WORKING, .batch = WATCH_RESERVED, .job = JOB_NONE, .ok = JOB_NONE
	};
	return 0;
}

void watch_begin(struct slot *slot, int64_t batch)
{
	LOCK(&slot->lock);

	slot->watch.state = WATCH_INSERT;
	slot->watch.batch = batch;
	pthread_cond_signal(&slot->wake);
}

bool watch_end(struct slot *slot, int64_t batch)
{
	LOCK(&slot->lock);

	if (slot->watch.state == WATCH_OFF || slot->watch.batch != batch)
		return false;
	slot->watch = (struct slot_watch){ .state = WATCH_OFF };
	return true;
}

/* What the slot was doing for the batch when the daemon stopped. */
static int load_watch(struct rig *rig, const struct batch *batch, const struct batch_slot *place,
		      struct slot *slot, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);
	AUTO(auto_free) struct job *job = calloc(1, sizeof *job);
	struct batch_tally tally;

	if (!job)
		return err_set(e, ERR_MEMORY, "no memory for a job");
	if (batch_tally(&tx, batch->id, place->name, &tally, e) < 0 ||
	    (tally.last != JOB_NONE && job_get(&tx, tally.last, job, e) < 0))
		return -1;
	slot->watch = (struct slot_watch){ .state = WATCH_INSERT,
					   .batch = batch->id,
					   .job = JOB_NONE,
					   .ok = JOB_NONE,
					   .boards = tally.boards,
					   .failed = tally.failed };
	if (tally.last == JOB_NONE || (place->gone && job_state_ended(tally.state)))
		return 0;
	slot->watch.job = tally.last;
	slot->watch.state = job_state_ended(tally.state) ? WATCH_REMOVE : WATCH_WORKING;
	if (slot->watch.state == WATCH_REMOVE)
		slot->watch.ok = tally.state == JOB_DONE;
	snprintf(slot->sight.unique_id, sizeof slot->sight.unique_id, "%s", job->result.unique_id);
	return 0;
}

static int restore(struct rig *rig, const struct batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->n_slots; i++) {
		struct slot *slot = rig_find_slot(rig, batch->slot[i].name);

		if (!slot)
			log_warning("batch %" PRId64 ": slot %s is not configured any more",
				    batch->id, batch->slot[i].name);
		else if (load_watch(rig, batch, &batch->slot[i], slot, e) < 0)
			return -1;
	}
	return 0;
}

static int load_next(struct rig *rig, int64_t after, struct batch *batch, size_t *n, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	return batch_list_hands_free(&tx, after, batch, 1, n, e);
}

int watch_restore(struct rig *rig, struct err *e)
{
	AUTO(auto_free) struct batch *batch = calloc(1, sizeof *batch);
	int64_t after = 0;
	size_t n;

	if (!batch)
		return err_set(e, ERR_MEMORY, "no memory for a batch");
	for (;; after = batch->id) {
		if (load_next(rig, after, batch, &n, e) < 0)
			return -1;
		if (n == 0)
			return 0;
		if (restore(rig, batch, e) < 0)
			return -1;
	}
}
