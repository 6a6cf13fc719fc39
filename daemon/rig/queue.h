/* The jobs that wait for a slot: an index of the database's queued ones, in the order of their ids. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Guarded by its owner's lock. */
struct queue {
	int64_t *ids; /* ascending */
	size_t n, room;
	size_t promised; /* places kept for jobs that are being stored */
};

void queue_done(struct queue *queue);

/* Keeps a place, so that a job that was stored can always be pushed. ERR_TOO_MANY from max on; ERR_MEMORY. */
int queue_promise(struct queue *queue, size_t max, struct err *e) MUST_CHECK;
void queue_unpromise(struct queue *queue);

/* Uses up a promise. */
void queue_push(struct queue *queue, int64_t id);

/* The oldest. False when empty. */
bool queue_pop(struct queue *queue, int64_t *id);

/* False when it is not there. */
bool queue_remove(struct queue *queue, int64_t id);
