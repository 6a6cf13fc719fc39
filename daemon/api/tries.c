#include "tries.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "clock.h"

#define WINDOW_NS ((uint64_t)TRIES_WAIT_S * CLOCK_S)

void tries_init(struct tries *tries)
{
	memset(tries->peer, 0, sizeof tries->peer);
	pthread_mutex_init(&tries->lock, NULL);
}

void tries_done(struct tries *tries)
{
	pthread_mutex_destroy(&tries->lock);
}

static struct tries_peer *find(struct tries *tries, const char *address)
{
	for (size_t i = 0; i < TRIES_PEERS; i++)
		if (!strcmp(tries->peer[i].address, address))
			return &tries->peer[i];
	return NULL;
}

/* A free place, or that of the address which has been quiet for longest. */
static struct tries_peer *make_room(struct tries *tries)
{
	struct tries_peer *oldest = &tries->peer[0];

	for (size_t i = 0; i < TRIES_PEERS; i++) {
		if (!tries->peer[i].address[0])
			return &tries->peer[i];
		if (tries->peer[i].since_ns < oldest->since_ns)
			oldest = &tries->peer[i];
	}
	return oldest;
}

bool tries_must_wait(struct tries *tries, const char *address, uint64_t now_ns)
{
	LOCK(&tries->lock);
	const struct tries_peer *peer = find(tries, address);

	return peer && peer->n >= TRIES_MAX && now_ns - peer->since_ns < WINDOW_NS;
}

void tries_wrong(struct tries *tries, const char *address, uint64_t now_ns)
{
	LOCK(&tries->lock);
	struct tries_peer *peer = find(tries, address);

	if (!peer) {
		peer = make_room(tries);
		snprintf(peer->address, sizeof peer->address, "%s", address);
		peer->n = 0;
	}
	if (peer->n >= TRIES_MAX && now_ns - peer->since_ns < WINDOW_NS)
		return; /* it waits already: what comes meanwhile does not make that longer */
	if (peer->n == 0 || now_ns - peer->since_ns >= WINDOW_NS) {
		peer->n = 0;
		peer->since_ns = now_ns;
	}
	if (++peer->n == TRIES_MAX)
		peer->since_ns = now_ns;
}
