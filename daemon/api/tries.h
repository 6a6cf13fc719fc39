/*
 * Wrong tokens, counted by address: after TRIES_MAX within a minute an address has to wait one.
 * Remembers a fixed number of addresses, those whose wrong tokens are the latest.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define TRIES_MAX     10
#define TRIES_WAIT_S  60
#define TRIES_PEERS   256
#define TRIES_ADDRESS 48 /* bytes of an address, with NUL */

struct tries {
	pthread_mutex_t lock;
	struct tries_peer {
		char address[TRIES_ADDRESS]; /* "": free */
		unsigned n;
		uint64_t
			since_ns; /* of the first that counts; once there are TRIES_MAX, of the last */
	} peer[TRIES_PEERS];      /* guarded by lock */
};

void tries_init(struct tries *tries);
void tries_done(struct tries *tries);

/* now_ns is that of clock_real(). */
bool tries_must_wait(struct tries *tries, const char *address, uint64_t now_ns);
void tries_wrong(struct tries *tries, const char *address, uint64_t now_ns);
