/* What single jobs and batches share on their way into the queues. */
#pragma once

#include "rig.h"
#include "slot.h"

/* Keeps a place in the slot's queue. ERR_TOO_MANY from max on; ERR_UNAVAILABLE when stopping. */
int place_promise(struct slot *slot, size_t max, struct err *e) MUST_CHECK;
void place_unpromise(struct slot *slot);

/* Uses a promised place, and wakes the worker. */
void place_push(struct slot *slot, int64_t id);

/* Whether the request makes sense by itself. ERR_UNPROCESSABLE. */
int request_check(const struct job_request *request, struct err *e) MUST_CHECK;

/* A request that names no wires takes those that the slot has. */
void request_choose_wires(struct slot *slot, struct job_request *request);

/*
 * Whether what it names is there, and fits into the chip that was last seen in the slot (NULL: not
 * asked). ERR_UNPROCESSABLE. tx is that in which the request is stored.
 */
int request_check_named(struct tx *tx, struct slot *slot, const struct job_request *request,
			struct err *e) MUST_CHECK;
