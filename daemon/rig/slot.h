/*
 * A slot: a board, the jobs that wait for it, and what its worker is doing. Shared between the
 * worker and the threads that ask; nothing here calls out or touches the database while it holds
 * the lock.
 */
#pragma once

#include <pthread.h>

#include "beken_memory.h"
#include "queue.h"
#include "rig.h"
#include "slot_watch.h"

struct slot_log;

/* A wish to reset the board, on the stack of the thread that waits for it. */
struct slot_reset {
	bool done;
	int result;
	struct err error;
};

/* What the running job does, for those who look. */
struct slot_live {
	char phase[24];
	char unit[12];
	int64_t done, total; /* total JOB_NONE: not known */
	char asks[160];      /* what a person should do now; "": nothing */
};

struct slot {
	struct rig *rig;          /* never changes */
	struct rig_slot set;      /* never changes; the board is the worker's alone */
	struct beken_ram known;   /* which entries worked; the worker's alone */
	pthread_t thread;         /* of rig_start() and rig_free() */
	bool has_thread;          /* of rig_start() and rig_free() */
	struct watch_sight sight; /* the worker's alone */
	struct slot_log *log;     /* NULL: no log UART; of rig_start() and rig_free() */

	pthread_mutex_t lock;
	pthread_cond_t wake; /* with lock: something to do, or stopping */
	pthread_cond_t told; /* with lock: a reset is done */
	/* all below guarded by lock */
	struct queue queue;
	bool stopping;
	int64_t job; /* running; JOB_NONE */
	bool cancel; /* the running job is to stop */
	struct slot_live live;
	struct slot_reset *reset; /* borrowed from the waiting thread */
	struct slot_info seen;    /* chip, device, error: what the last job left */
	bool away;                /* the board is not there; it may come back */
	struct slot_watch watch;  /* hands-free */
};

/* Has no board and never had: its jobs are about the archive. */
static inline bool slot_is_house(const struct slot *slot)
{
	return !slot->set.name[0];
}

enum slot_task { SLOT_JOB, SLOT_RESET, SLOT_LOOK, SLOT_WATCH, SLOT_DUE, SLOT_STOP };

int slot_init(struct slot *slot, const struct rig_slot *set, struct err *e) MUST_CHECK;
void slot_done(struct slot *slot); /* closes the board */

/*
 * Worker: blocks until there is something to do. With SLOT_JOB the job is the running one from now
 * on. SLOT_LOOK comes now and then while the board is away: it may be back; SLOT_WATCH while the
 * slot is hands-free and has nothing to do; SLOT_DUE in the house: a check may be due.
 */
enum slot_task slot_take(struct slot *slot, int64_t *job);

/* Worker: the job is over; what it found stays to be seen. */
void slot_release(struct slot *slot, const struct slot_info *seen);

/* Worker: what board_wake() said. True when that is news. */
bool slot_seen_there(struct slot *slot);
bool slot_seen_away(struct slot *slot, const struct err *why);

/* Worker: answers the thread that waits in slot_ask_reset(). */
void slot_tell_reset(struct slot *slot, int result, const struct err *error);

/* Blocks until the worker has done it. Errors as rig_slot_reset(). */
int slot_ask_reset(struct slot *slot, struct err *e) MUST_CHECK;

void slot_show(struct slot *slot, const struct slot_live *live);

/* Fills phase and progress if this job is the running one. */
void slot_fill_live(struct slot *slot, struct job *job);

void slot_info(struct slot *slot, struct slot_info *info);

/* Of the device that was seen last: another number for it. */
void slot_renumber(struct slot *slot, int64_t device, int64_t other);

/* 0 to go on; -1 and ERR_CANCELLED or ERR_INTERRUPTED. */
int slot_check_cancel(struct slot *slot, struct err *e) MUST_CHECK;

enum slot_cancel { SLOT_CANCEL_UNKNOWN, SLOT_CANCEL_QUEUED, SLOT_CANCEL_RUNNING };

/* Takes a waiting job out of the queue, or asks the running one to stop. */
enum slot_cancel slot_cancel(struct slot *slot, int64_t job);

void slot_stop(struct slot *slot);
