#include <pthread.h>
#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "sim_board.h"
#include "sim_rig.h"

/* ---- a bus for several */

struct worker {
	pthread_t thread;
	struct board *board;
	uint8_t value;
	bool ok;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	w->ok = true;
	for (int i = 0; i < 50; i++) {
		program(w->board, w->value);
		w->ok = w->ok && id_seen(w->board) == 0x0b4014;
	}
	return NULL;
}

static void boards_of_one_bus_do_not_disturb_each_other(void)
{
	struct worker workers[3];
	struct sim_board_config config = bare;
	struct sim_counters c;
	struct err e;
	struct sim_bus *bus = sim_bus_new(&e);
	bool ok = true;

	config.bus = bus;
	for (size_t i = 0; i < 3; i++) {
		workers[i] = (struct worker){ .board = open_board(&config),
					      .value = (uint8_t)(1u << i) };
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (size_t i = 0; i < 3; i++) {
		pthread_join(workers[i].thread, NULL);
		sim_board_counters(workers[i].board, &c);
		ok = ok && workers[i].ok && c.programs == 50;
		ok = ok && byte_at(workers[i].board, 0) == workers[i].value;
		board_close(workers[i].board);
	}
	sim_bus_free(bus);
	CHECK(ok);
}

static void *clock_4_ms(void *arg)
{
	static const uint8_t zeros[4000];

	(void)send(arg, zeros, sizeof zeros);
	return NULL;
}

/*
 * Two messages of 4 ms in real time: after one another on one bus. What is too short to sleep for
 * (SIM_AHEAD_NS) may be owed at the end.
 */
static void shared_bus_carries_one_message_at_a_time(void)
{
	struct sim_board_config config = bare;
	struct err e;
	struct sim_bus *bus = sim_bus_new(&e);
	pthread_t thread;
	uint64_t start_ns, took_ns;

	config.real_time = true;
	config.bus = bus;
	struct board *const a = open_board(&config), *const b = open_board(&config);

	start_ns = clock_now_ns(a->clock);
	pthread_create(&thread, NULL, clock_4_ms, a);
	clock_4_ms(b);
	pthread_join(thread, NULL);
	took_ns = clock_now_ns(a->clock) - start_ns;
	board_close(a);
	board_close(b);
	sim_bus_free(bus);
	CHECK(took_ns + MS >= 8 * MS);
}

/* Messages that are too short to sleep for add up, whichever board they are for. */
static void short_messages_on_a_shared_bus_add_up(void)
{
	struct sim_board_config config = bare;
	struct err e;
	struct sim_bus *bus = sim_bus_new(&e);
	uint64_t start_ns, took_ns;

	config.real_time = true;
	config.bus = bus;
	struct board *const a = open_board(&config), *const b = open_board(&config);
	const uint8_t zeros[80] = { 0 };

	start_ns = clock_now_ns(a->clock);
	for (int i = 0; i < 100; i++) {
		(void)send(a, zeros, sizeof zeros);
		(void)send(b, zeros, sizeof zeros);
	}
	took_ns = clock_now_ns(a->clock) - start_ns;
	board_close(a);
	board_close(b);
	sim_bus_free(bus);
	CHECK(took_ns + MS >= 20 * MS);
}

static const struct check all[] = {
	{ "boards of one bus do not disturb each other",
	  boards_of_one_bus_do_not_disturb_each_other },
	{ "shared bus carries one message at a time", shared_bus_carries_one_message_at_a_time },
	{ "short messages on a shared bus add up", short_messages_on_a_shared_bus_add_up },
};
CHECK_MAIN(all)
