/*
 * The wire that several simulated boards share: one message at a time, first come first served, as
 * the kernel's queue does it. Boards of one bus run in threads of their own.
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "sim_board.h"

struct sim_bus {
	pthread_mutex_t lock;
	pthread_cond_t turn;
	uint64_t next, serving; /* guarded by lock: tickets */
	uint64_t free_ns; /* real time; touched only by who has the bus: end of its last message */
};

/* Blocks until it is the caller's turn; returns bus, so that a scope can hold it. */
struct sim_bus *sim_bus_take(struct sim_bus *bus);
void sim_bus_give(struct sim_bus *bus);
static inline void auto_sim_bus_give(struct sim_bus **bus)
{
	sim_bus_give(*bus);
}
