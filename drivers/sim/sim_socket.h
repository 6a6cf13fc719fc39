/*
 * Where a simulated board sits: hands take it out and put it in from one thread, while its wires
 * are used in another, which finds out with the next thing that it does.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "board.h"
#include "chip.h"

struct sim_socket {
	atomic_bool news; /* what is below has changed */
	pthread_mutex_t lock;
	/* all below guarded by lock */
	bool absent;
	bool other;       /* the board that is put in is another one */
	uint8_t *content; /* of that one; owned; NULL: erased */
	size_t len;
	uint64_t chance; /* for its unique ID */
};

void sim_socket_init(struct sim_socket *socket, uint64_t seed);
void sim_socket_done(struct sim_socket *socket);

/* As board_plug(); size is the flash's. */
int sim_socket_plug(struct sim_socket *socket, const struct board_plug *plug, uint32_t size,
		    struct err *e) MUST_CHECK;

/* The wires' thread: whether the board is out; and, if another one came, *chip becomes that one. */
bool sim_socket_look(struct sim_socket *socket, struct chip *chip);

static inline bool sim_socket_has_news(struct sim_socket *socket)
{
	return atomic_load_explicit(&socket->news, memory_order_acquire);
}
