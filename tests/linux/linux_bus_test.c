#include "linux_bus.h"

#include <pthread.h>
#include <stdatomic.h>

#include "auto.h"
#include "check.h"
#include "clock.h"

#define USERS 6
#define TURNS 200

struct user {
	struct linux_bus *bus;
	atomic_int *on_the_bus, *order;
	int crowded; /* turns in which somebody else was on the bus too */
	int place;
	pthread_t thread;
};

static void *take_turns(void *arg)
{
	struct user *u = arg;

	for (int i = 0; i < TURNS; i++) {
		linux_bus_take(u->bus);
		u->crowded += atomic_fetch_add(u->on_the_bus, 1) != 0;
		atomic_fetch_sub(u->on_the_bus, 1);
		linux_bus_give(u->bus);
	}
	return NULL;
}

static void one_message_at_a_time(void)
{
	struct user users[USERS] = { 0 };
	atomic_int on_the_bus = 0;
	struct err e;
	struct linux_bus *bus = linux_bus_new(&e);

	CHECK(bus != NULL);
	for (int i = 0; i < USERS; i++) {
		users[i] = (struct user){ .bus = bus, .on_the_bus = &on_the_bus };
		CHECK(pthread_create(&users[i].thread, NULL, take_turns, &users[i]) == 0);
	}
	for (int i = 0; i < USERS; i++) {
		pthread_join(users[i].thread, NULL);
		CHECK(users[i].crowded == 0);
	}
	linux_bus_free(bus);
}

static void *wait_once(void *arg)
{
	struct user *u = arg;

	linux_bus_take(u->bus);
	u->place = atomic_fetch_add(u->order, 1);
	linux_bus_give(u->bus);
	return NULL;
}

static void turns_come_in_the_order_in_which_they_were_asked_for(void)
{
	struct user users[USERS] = { 0 };
	atomic_int order = 0;
	struct err e;
	struct linux_bus *bus = linux_bus_new(&e);

	CHECK(bus != NULL);
	linux_bus_take(bus);
	for (int i = 0; i < USERS; i++) {
		users[i] = (struct user){ .bus = bus, .order = &order };
		CHECK(pthread_create(&users[i].thread, NULL, wait_once, &users[i]) == 0);
		while (linux_bus_users(bus) != (unsigned)i + 2)
			clock_sleep_ns(clock_real(), CLOCK_MS);
	}
	linux_bus_give(bus);
	for (int i = 0; i < USERS; i++) {
		pthread_join(users[i].thread, NULL);
		CHECK(users[i].place == i);
	}
	linux_bus_free(bus);
}

/* This would hang if they did. */
static void buses_do_not_wait_for_each_other(void)
{
	struct err e;
	struct linux_bus *one = linux_bus_new(&e), *other = linux_bus_new(&e);

	CHECK(one && other);
	linux_bus_take(one);
	linux_bus_take(other);
	linux_bus_give(one);
	linux_bus_give(other);
	CHECK(linux_bus_take(NULL) == NULL);
	linux_bus_give(NULL);
	linux_bus_free(one);
	linux_bus_free(other);
}

static const struct check all[] = {
	{ "one message at a time", one_message_at_a_time },
	{ "turns come in the order in which they were asked for",
	  turns_come_in_the_order_in_which_they_were_asked_for },
	{ "buses do not wait for each other", buses_do_not_wait_for_each_other },
};
CHECK_MAIN(all)
