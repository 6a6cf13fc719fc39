/*
 * Writes the audit log (trail_store.h) behind the back of the requests: they leave a note in a ring
 * of fixed size, a thread of its own stores what is there, some at a time. A kill loses at most the
 * last tenth of a second. On a full disk notes wait until there is a reserve (db.h) again; those that find the ring full are
 * counted, and the log says how many are missing.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "db.h"
#include "trail_store.h"

#define SCRIBE_RING   256
#define SCRIBE_PEERS  64 /* who were turned away lately */
#define SCRIBE_REPEAT 10 /* notes a minute on the same refusal */

struct scribe {
	struct db *db;    /* borrowed; never changes */
	pthread_t thread; /* of scribe_open() and scribe_close() */
	bool has_thread;  /* of scribe_open() and scribe_close() */
	pthread_mutex_t lock;
	pthread_cond_t more;   /* with lock: something to do */
	pthread_cond_t stored; /* with lock: done moved, or a try has failed */
	/* all below guarded by lock */
	bool stopping, hurry;
	uint64_t added, done;           /* notes since the start; those between are in the ring */
	uint64_t lost;                  /* since one was stored */
	uint64_t failures;              /* tries that failed */
	struct trail ring[SCRIBE_RING]; /* note n stands at n modulo SCRIBE_RING */
	struct scribe_peer {
		uint64_t since_ns;
		uint32_t print; /* of address, token, and status */
		unsigned n;
	} peer[SCRIBE_PEERS];
};

/* Starts the thread. */
int scribe_open(struct scribe *scribe, struct db *db, struct err *e) MUST_CHECK;

/* Stores what is left, and ends the thread. Accepts one that was never opened (all zero). */
void scribe_close(struct scribe *scribe);

/* Never blocks for the disk. at_ms is set here. */
void scribe_note(struct scribe *scribe, const struct trail *trail);

/* Waits until what was noted so far is stored, as long as that works. */
void scribe_flush(struct scribe *scribe);
