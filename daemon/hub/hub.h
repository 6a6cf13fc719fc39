/*
 * The event hub: whoever made something so publishes it, streams follow. Keeps the last HUB_KEEP
 * events, so that a browser that comes back can ask for what it missed. Publishing never waits
 * for a follower: one that is too slow finds a gap and starts anew from a snapshot.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define HUB_KEEP 1024

struct hub;

/* What is known of a follower. First member of the stream's own struct. */
struct hub_sub {
	struct hub_sub *next; /* guarded by the hub's lock */
	uint64_t seen;        /* the last seq that was handed out */
	bool asleep;          /* guarded by the hub's lock */
	/* Runs under the hub's lock (the one exception to "never call out under a lock") and must
	 * not call back into the hub. */
	void (*wake)(struct hub_sub *sub);
};

/* first: the seq of the first event. Ids rise over restarts when each start has a higher one. */
struct hub *hub_new(uint64_t first, struct err *e) MUST_CHECK;
void hub_free(struct hub *hub); /* after the last hub_unsubscribe() */

/* type is a literal ("job"); text is one line of JSON, copied. Never blocks; drops the event without memory. */
void hub_publish(struct hub *hub, const char *type, const char *text);

/* The seq of the newest event; first - 1 when there was none. */
uint64_t hub_last(struct hub *hub);

/*
 * Follows from the event after `after`. False when those events are not all kept (or were never):
 * the follower needs a snapshot, and sub then follows from now on.
 */
bool hub_subscribe(struct hub *hub, struct hub_sub *sub, uint64_t after);
void hub_unsubscribe(struct hub *hub, struct hub_sub *sub);

/* How many follow. */
size_t hub_followers(struct hub *hub);

/* Wakes every sleeper; hub_next() says HUB_CLOSED from now on. */
void hub_close(struct hub *hub);

/* Wakes every sleeper for a heartbeat. */
void hub_nudge(struct hub *hub);

struct hub_event {
	uint64_t seq;
	const char *type;
	char *text; /* the caller frees it */
};

enum hub_got {
	HUB_EVENT,
	HUB_NOTHING,
	HUB_GAP,   /* events were lost to slowness: send a snapshot; sub follows from now on */
	HUB_CLOSED /* the daemon stops */
};

/*
 * The event after sub->seen. When there is none, puts sub to sleep by sleep(), under the hub's
 * lock, so that no wake() can slip in between; NULL to stay awake.
 */
enum hub_got hub_next(struct hub *hub, struct hub_sub *sub, struct hub_event *ev,
		      void (*sleep)(struct hub_sub *sub));
