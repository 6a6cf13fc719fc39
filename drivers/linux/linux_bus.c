#include "linux_bus.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "auto.h"

struct linux_bus {
	pthread_mutex_t lock;
	pthread_cond_t turn;
	uint64_t next, serving; /* guarded by lock: tickets */
};

struct linux_bus *linux_bus_new(struct err *e)
{
	struct linux_bus *bus = calloc(1, sizeof *bus);

	if (!bus) {
		err_set(e, ERR_MEMORY, "no memory for a bus");
		return NULL;
	}
	pthread_mutex_init(&bus->lock, NULL);
	pthread_cond_init(&bus->turn, NULL);
	return bus;
}

void linux_bus_free(struct linux_bus *bus)
{
	if (!bus)
		return;
	pthread_cond_destroy(&bus->turn);
	pthread_mutex_destroy(&bus->lock);
	free(bus);
}

static void wait_for_turn(struct linux_bus *bus)
{
	LOCK(&bus->lock);
	const uint64_t ticket = bus->next++;

	while (bus->serving != ticket)
		pthread_cond_wait(&bus->turn, &bus->lock);
}

struct linux_bus *linux_bus_take(struct linux_bus *bus)
{
	if (bus)
		wait_for_turn(bus);
	return bus;
}

void linux_bus_give(struct linux_bus *bus)
{
	if (!bus)
		return;

	LOCK(&bus->lock);
	bus->serving++;
	pthread_cond_broadcast(&bus->turn);
}

unsigned linux_bus_users(struct linux_bus *bus)
{
	LOCK(&bus->lock);
	return (unsigned)(bus->next - bus->serving);
}
