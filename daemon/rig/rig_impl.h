/* The inside of struct rig, for the files of this folder. */
#pragma once

#include <stdatomic.h>

#include "counts.h"
#include "slot.h"

struct rig {
	struct db *db;                 /* borrowed */
	struct rig_limits limits;      /* never changes */
	struct rig_observer *observer; /* set before rig_start(); NULL: nobody */
	size_t n;                      /* slots that people see; never changes */
	size_t workers;                /* these, and the house: never changes */
	struct counts counts;
	struct slot *slots; /* the array never changes; the last is the house */
};

/* NULL when there is none of that name. */
struct slot *rig_find_slot(struct rig *rig, const char *name);

/* The same; and the house, a slot without a board for jobs of the archive, whose name is "". */
struct slot *rig_find_worker(struct rig *rig, const char *name);

/* -1: says which slots there are. */
int rig_no_such_slot(const struct rig *rig, const char *name, enum err_code code, struct err *e)
	MUST_CHECK;

/* Tell the observer what has just become so. No lock may be held. A job that moved has a new
 * state, and its batch other totals. */
void rig_tell_job(struct rig *rig, const struct job *job);
void rig_tell_moved(struct rig *rig, const struct job *job);
void rig_tell_batch(struct rig *rig, int64_t id);
void rig_tell_slot(struct rig *rig, const char *name);
struct slot_log_piece;
void rig_tell_log(struct rig *rig, const char *name, const struct slot_log_piece *piece);
void rig_tell_dump(struct rig *rig, int64_t id);

/* A thread of rig_start(): does what the slot's queue brings, until the slot stops. */
void *worker_main(void *slot);
