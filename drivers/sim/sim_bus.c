#include "sim_bus.h"

#include <stdlib.h>

#include "auto.h"

struct sim_bus *sim_bus_new(struct err *e)
{
	struct sim_bus *bus = calloc(1, sizeof *bus);

	if (!bus) {
		err_set(e, ERR_MEMORY, "no memory for a simulated bus");
		return NULL;
	}
	pthread_mutex_init(&bus->lock, NULL);
	pthread_cond_init(&bus->turn, NULL);
	return bus;
}

void sim_bus_free(struct sim_bus *bus)
{
	if (!bus)
		return;
	pthread_cond_destroy(&bus->turn);
	pthread_mutex_destroy(&bus->lock);
	free(bus);
}

/* Tickets and not a mutex: who sleeps under a mutex takes it again before anybody else wakes up. */
struct sim_bus *sim_bus_take(struct sim_bus *bus)
{
	LOCK(&bus->lock);
	const uint64_t ticket = bus->next++;

	while (bus->serving != ticket)
		pthread_cond_wait(&bus->turn, &bus->lock);
	return bus;
}

void sim_bus_give(struct sim_bus *bus)
{
	LOCK(&bus->lock);
	bus->serving++;
	pthread_cond_broadcast(&bus->turn);
}
