#include "rig_impl.h"

#include "beken_spi.h"
#include "board.h"
#include "run.h"

/* Worker threads, one a slot, are made in rig.c; this is their whole life. */

static void reset_board(struct slot *slot)
{
	struct err e = { .code = ERR_NONE };
	int result = beken_reset(slot->set.board, &e);
	struct err why;

	if (board_rest(slot->set.board, &why) < 0 && result == 0) {
		e = why;
		result = -1;
	}
	slot_tell_reset(slot, result, &e);
}

void *worker_main(void *arg)
{
	struct slot *slot = arg;
	int64_t job;

	for (;;) {
		switch (slot_take(slot, &job)) {
		case SLOT_JOB: run_job(slot, job); break;
		case SLOT_RESET: reset_board(slot); break;
		case SLOT_STOP: return NULL;
		}
	}
}
