#include "hub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"

struct hub_kept {
	const char *type;
	char *text;
};

struct hub {
	pthread_mutex_t lock; /* guards all that follows */
	uint64_t last;        /* seq of the newest event */
	size_t kept;          /* how many events up to last are in the ring */
	bool closed;
	struct hub_sub *subs;
	struct hub_kept ring[HUB_KEEP]; /* an event stands at its seq modulo HUB_KEEP */
};

struct hub *hub_new(uint64_t first, struct err *e)
{
	struct hub *hub = calloc(1, sizeof *hub);

	if (!hub) {
		err_set(e, ERR_MEMORY, "event hub: out of memory");
		return NULL;
	}
	pthread_mutex_init(&hub->lock, NULL);
	hub->last = first - 1;
	return hub;
}

void hub_free(struct hub *hub)
{
	if (!hub)
		return;
	assert(!hub->subs);
	for (size_t i = 0; i < HUB_KEEP; i++)
		free(hub->ring[i].text);
	pthread_mutex_destroy(&hub->lock);
	free(hub);
}

static void wake_all(struct hub *hub)
{
	for (struct hub_sub *s = hub->subs; s; s = s->next) {
		if (!s->asleep)
			continue;
		s->asleep = false;
		s->wake(s);
	}
}

static void keep(struct hub *hub, const char *type, char *text)
{
	struct hub_kept *at = &hub->ring[++hub->last % HUB_KEEP];

	free(at->text);
	*at = (struct hub_kept){ .type = type, .text = text };
	if (!text)
		hub->kept = 0; /* an event is lost: a gap for everybody, who then ask what is so */
	else if (hub->kept < HUB_KEEP)
		hub->kept++;
}

void hub_publish(struct hub *hub, const char *type, const char *text)
{
	char *copy = strdup(text);
	LOCK(&hub->lock);

	keep(hub, type, copy);
	wake_all(hub);
}

uint64_t hub_last(struct hub *hub)
{
	LOCK(&hub->lock);

	return hub->last;
}

/* True when every event after seq is still in the ring. */
static bool has_all_after(const struct hub *hub, uint64_t seq)
{
	return seq <= hub->last && hub->last - seq <= hub->kept;
}

bool hub_subscribe(struct hub *hub, struct hub_sub *sub, uint64_t after)
{
	LOCK(&hub->lock);
	const bool resumed = has_all_after(hub, after);

	sub->seen = resumed ? after : hub->last;
	sub->asleep = false;
	sub->next = hub->subs;
	hub->subs = sub;
	return resumed;
}

void hub_unsubscribe(struct hub *hub, struct hub_sub *sub)
{
	LOCK(&hub->lock);

	for (struct hub_sub **at = &hub->subs; *at; at = &(*at)->next) {
		if (*at == sub) {
			*at = sub->next;
			return;
		}
	}
}

size_t hub_followers(struct hub *hub)
{
	LOCK(&hub->lock);
	size_t n = 0;

	for (const struct hub_sub *s = hub->subs; s; s = s->next)
		n++;
	return n;
}

void hub_close(struct hub *hub)
{
	LOCK(&hub->lock);

	hub->closed = true;
	wake_all(hub);
}

void hub_nudge(struct hub *hub)
{
	LOCK(&hub->lock);

	wake_all(hub);
}

static enum hub_got fall_asleep(struct hub_sub *sub, void (*sleep)(struct hub_sub *sub))
{
	if (sleep) {
		sub->asleep = true;
		sleep(sub);
	}
	return HUB_NOTHING;
}

enum hub_got hub_next(struct hub *hub, struct hub_sub *sub, struct hub_event *ev,
		      void (*sleep)(struct hub_sub *sub))
{
	LOCK(&hub->lock);
	const struct hub_kept *at;
	char *text;

	if (hub->closed)
		return HUB_CLOSED;
	if (sub->seen == hub->last)
		return fall_asleep(sub, sleep);
	at = &hub->ring[(sub->seen + 1) % HUB_KEEP];
	text = has_all_after(hub, sub->seen) ? strdup(at->text) : NULL;
	if (!text) { /* too slow; without memory too, because skipping an event quietly would lie */
		sub->seen = hub->last;
		return HUB_GAP;
	}
	*ev = (struct hub_event){ .seq = ++sub->seen, .type = at->type, .text = text };
	return HUB_EVENT;
}
