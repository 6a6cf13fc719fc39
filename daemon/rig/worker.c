#include "rig_impl.h"

#include "audit_due.h"
#include "auto.h"
#include "beken_spi.h"
#include "board.h"
#include "clock.h"
#include "log.h"
#include "run.h"

/* Worker threads, one a slot, are made in rig.c; this is their whole life. */

static void reset_board(struct slot *slot)
{
	struct err e = { .code = ERR_NONE };
	int result = board_wake(slot->set.board, &e);
	struct err why;

	if (result == 0)
		result = beken_reset(slot->set.board, &e);
	if (board_rest(slot->set.board, &why) < 0 && result == 0) {
		e = why;
		result = -1;
	}
	slot_tell_reset(slot, result, &e);
}

/* Whether the board is there; tells when that has changed. */
static void look(struct slot *slot)
{
	struct err e;
	bool news;

	if (!slot->set.board)
		return;
	if (board_wake(slot->set.board, &e) == 0) {
		news = slot_seen_there(slot);
		if (news)
			log_info("slot %s is back", slot->set.name);
	} else {
		news = slot_seen_away(slot, &e);
		if (news)
			log_warning("slot %s is offline: %s", slot->set.name, e.text);
	}
	if (news)
		rig_tell_slot(slot->rig, slot->set.name);
}

static int is_due(struct rig *rig, bool *due, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);
	int64_t due_ms;

	if (audit_due(&tx, rig->limits.check_every_ms, &due_ms, e) < 0)
		return -1;
	*due = due_ms >= 0 && due_ms <= clock_wall_ms();
	return 0;
}

/* What cannot be done now is tried again. */
static void check_when_due(struct rig *rig)
{
	const struct job_request request = job_request(JOB_CHECK);
	struct job job;
	struct err e;
	bool due, existed;

	if (is_due(rig, &due, &e) < 0 ||
	    (due && rig_submit(rig, &request, NULL, &job, &existed, &e) < 0))
		log_warning("archive: its check by itself: %s", e.text);
}

void *worker_main(void *arg)
{
	struct slot *slot = arg;
	int64_t job;

	look(slot);
	for (;;) {
		switch (slot_take(slot, &job)) {
		case SLOT_JOB: run_job(slot, job); break;
		case SLOT_RESET: reset_board(slot); break;
		case SLOT_LOOK: look(slot); break;
		case SLOT_WATCH: watch_look(slot); break;
		case SLOT_DUE: check_when_due(slot->rig); break;
		case SLOT_STOP: return NULL;
		}
	}
}
