#include "hub.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>

#include "auto.h"
#include "check.h"

static void auto_hub(struct hub **hub)
{
	hub_free(*hub);
}

/* Counts how often it was woken and put to sleep. Guarded by the hub's lock. */
struct follower {
	struct hub_sub sub;
	int woken, slept;
};

static void wake(struct hub_sub *sub)
{
	((struct follower *)sub)->woken++;
}

static void fall_asleep(struct hub_sub *sub)
{
	((struct follower *)sub)->slept++;
}

static void publish(struct hub *hub, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof text, "{\"n\":%" PRIu64 "}", n);
	hub_publish(hub, "job", text);
}

static bool next_is(struct hub *hub, struct follower *f, uint64_t seq)
{
	struct hub_event ev = { 0 };
	char text[32];
	bool same;

	snprintf(text, sizeof text, "{\"n\":%" PRIu64 "}", seq);
	if (hub_next(hub, &f->sub, &ev, NULL) != HUB_EVENT)
		return false;
	same = ev.seq == seq && !strcmp(ev.type, "job") && !strcmp(ev.text, text);
	free(ev.text);
	return same;
}

static void events_come_in_order(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct follower f = { .sub.wake = wake };

	CHECK(hub);
	CHECK(hub_last(hub) == 0);
	CHECK(hub_subscribe(hub, &f.sub, 0));
	for (uint64_t i = 1; i <= 5; i++)
		publish(hub, i);
	CHECK(hub_last(hub) == 5);
	for (uint64_t i = 1; i <= 5; i++)
		CHECK(next_is(hub, &f, i));
	CHECK(hub_next(hub, &f.sub, &(struct hub_event){ 0 }, NULL) == HUB_NOTHING);
	hub_unsubscribe(hub, &f.sub);
}

static void ids_start_where_they_are_told_to(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(5000001, &e);
	struct follower f = { .sub.wake = wake };

	CHECK(hub);
	CHECK(hub_last(hub) == 5000000);
	CHECK(hub_subscribe(hub, &f.sub, 5000000));
	publish(hub, 5000001);
	CHECK(next_is(hub, &f, 5000001));
	hub_unsubscribe(hub, &f.sub);
}

static void resume_goes_on_with_the_next_event(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct follower f = { .sub.wake = wake };

	CHECK(hub);
	for (uint64_t i = 1; i <= 10; i++)
		publish(hub, i);
	CHECK(hub_subscribe(hub, &f.sub, 7));
	CHECK(next_is(hub, &f, 8));
	hub_unsubscribe(hub, &f.sub);
}

static void resume_after_an_unknown_id_needs_a_snapshot(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(101, &e);
	const uint64_t unknown[] = { 99, 102, 0, UINT64_MAX };

	CHECK(hub);
	publish(hub, 101);
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		struct follower f = { .sub.wake = wake };

		CHECK(!hub_subscribe(hub, &f.sub, unknown[i]));
		CHECK(f.sub.seen == 101);
		hub_unsubscribe(hub, &f.sub);
	}
}

static void exactly_the_last_hub_keep_events_can_be_had_again(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct follower f = { .sub.wake = wake };

	CHECK(hub);
	for (uint64_t i = 1; i <= HUB_KEEP + 10; i++)
		publish(hub, i);
	CHECK(!hub_subscribe(hub, &f.sub, 9));
	hub_unsubscribe(hub, &f.sub);
	CHECK(hub_subscribe(hub, &f.sub, 10));
	CHECK(next_is(hub, &f, 11));
	hub_unsubscribe(hub, &f.sub);
}

static void slow_follower_finds_a_gap_and_goes_on_from_now(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct follower f = { .sub.wake = wake };
	struct hub_event ev;

	CHECK(hub);
	hub_subscribe(hub, &f.sub, 0);
	for (uint64_t i = 1; i <= HUB_KEEP + 1; i++)
		publish(hub, i);
	CHECK(hub_next(hub, &f.sub, &ev, NULL) == HUB_GAP);
	CHECK(f.sub.seen == HUB_KEEP + 1);
	publish(hub, HUB_KEEP + 2);
	CHECK(next_is(hub, &f, HUB_KEEP + 2));
	hub_unsubscribe(hub, &f.sub);
}

static void sleeper_is_woken_once_per_sleep(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct follower f = { .sub.wake = wake };
	struct hub_event ev;

	CHECK(hub);
	hub_subscribe(hub, &f.sub, 0);
	publish(hub, 1);
	CHECK(f.woken == 0);
	CHECK(next_is(hub, &f, 1));
	CHECK(hub_next(hub, &f.sub, &ev, fall_asleep) == HUB_NOTHING);
	CHECK(f.slept == 1);
	publish(hub, 2);
	publish(hub, 3);
	hub_nudge(hub);
	CHECK(f.woken == 1);
	hub_unsubscribe(hub, &f.sub);
}

static void nudge_wakes_with_nothing_to_say(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct follower f = { .sub.wake = wake };
	struct hub_event ev;

	CHECK(hub);
	hub_subscribe(hub, &f.sub, 0);
	CHECK(hub_next(hub, &f.sub, &ev, fall_asleep) == HUB_NOTHING);
	hub_nudge(hub);
	CHECK(f.woken == 1);
	CHECK(hub_next(hub, &f.sub, &ev, NULL) == HUB_NOTHING);
	CHECK(f.slept == 1);
	hub_unsubscribe(hub, &f.sub);
}

static void closed_hub_wakes_sleepers_and_lets_nobody_sleep(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct follower f = { .sub.wake = wake };
	struct hub_event ev;

	CHECK(hub);
	hub_subscribe(hub, &f.sub, 0);
	CHECK(hub_next(hub, &f.sub, &ev, fall_asleep) == HUB_NOTHING);
	hub_close(hub);
	CHECK(f.woken == 1);
	CHECK(hub_next(hub, &f.sub, &ev, fall_asleep) == HUB_CLOSED);
	CHECK(f.slept == 1);
	hub_unsubscribe(hub, &f.sub);
}

static void one_follower_leaves_the_others_stay(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct follower f[3] = { { .sub.wake = wake }, { .sub.wake = wake }, { .sub.wake = wake } };

	CHECK(hub);
	for (size_t i = 0; i < 3; i++)
		hub_subscribe(hub, &f[i].sub, 0);
	hub_unsubscribe(hub, &f[1].sub);
	publish(hub, 1);
	CHECK(next_is(hub, &f[0], 1));
	CHECK(next_is(hub, &f[2], 1));
	CHECK(f[1].sub.seen == 0);
	hub_unsubscribe(hub, &f[0].sub);
	hub_unsubscribe(hub, &f[2].sub);
}

/* ---- several threads: two publishers, two followers that really sleep */

#define EACH 400

struct sleeper {
	struct hub_sub sub;
	struct hub *hub;
	pthread_mutex_t lock;
	pthread_cond_t up;
	bool down;         /* guarded by lock */
	uint64_t got, bad; /* the thread's own until it is joined */
};

static void sleeper_wake(struct hub_sub *sub)
{
	struct sleeper *s = (struct sleeper *)sub;
	LOCK(&s->lock);

	s->down = false;
	pthread_cond_signal(&s->up);
}

static void sleeper_sleep(struct hub_sub *sub)
{
	struct sleeper *s = (struct sleeper *)sub;
	LOCK(&s->lock);

	s->down = true;
}

static void sleeper_wait(struct sleeper *s)
{
	LOCK(&s->lock);

	while (s->down)
		pthread_cond_wait(&s->up, &s->lock);
}

static void *follow(void *arg)
{
	struct sleeper *s = arg;
	struct hub_event ev;

	for (;;) {
		const uint64_t seen = s->sub.seen;

		switch (hub_next(s->hub, &s->sub, &ev, sleeper_sleep)) {
		case HUB_EVENT:
			s->got++;
			s->bad += ev.seq != seen + 1;
			free(ev.text);
			break;
		case HUB_NOTHING: sleeper_wait(s); break;
		case HUB_GAP: s->bad++; break;
		case HUB_CLOSED: return NULL;
		}
	}
}

static void *publish_many(void *hub)
{
	for (uint64_t i = 0; i < EACH; i++)
		publish(hub, i);
	return NULL;
}

/* Nothing is published any more: who sleeps and has seen the last event has seen all. */
static bool all_seen(struct sleeper *s, uint64_t last)
{
	LOCK(&s->lock);

	return s->down && s->sub.seen == last;
}

static void no_event_is_lost_between_threads(void)
{
	struct err e;
	AUTO(auto_hub) struct hub *hub = hub_new(1, &e);
	struct sleeper s[2] = { { .sub.wake = sleeper_wake }, { .sub.wake = sleeper_wake } };
	pthread_t reader[2], writer[2];

	CHECK(hub);
	for (size_t i = 0; i < 2; i++) {
		s[i].hub = hub;
		pthread_mutex_init(&s[i].lock, NULL);
		pthread_cond_init(&s[i].up, NULL);
		hub_subscribe(hub, &s[i].sub, 0);
		CHECK(pthread_create(&reader[i], NULL, follow, &s[i]) == 0);
	}
	for (size_t i = 0; i < 2; i++)
		CHECK(pthread_create(&writer[i], NULL, publish_many, hub) == 0);
	for (size_t i = 0; i < 2; i++)
		pthread_join(writer[i], NULL);
	for (size_t i = 0; i < 2; i++)
		while (!all_seen(&s[i], hub_last(hub)))
			sched_yield();
	hub_close(hub);
	for (size_t i = 0; i < 2; i++) {
		pthread_join(reader[i], NULL);
		hub_unsubscribe(hub, &s[i].sub);
		CHECK(s[i].got == 2 * EACH);
		CHECK(s[i].bad == 0);
	}
}

static const struct check all[] = {
	{ "events come in order", events_come_in_order },
	{ "ids start where they are told to", ids_start_where_they_are_told_to },
	{ "resume goes on with the next event", resume_goes_on_with_the_next_event },
	{ "resume after an unknown id needs a snapshot",
	  resume_after_an_unknown_id_needs_a_snapshot },
	{ "exactly the last HUB_KEEP events can be had again",
	  exactly_the_last_hub_keep_events_can_be_had_again },
	{ "slow follower finds a gap and goes on from now",
	  slow_follower_finds_a_gap_and_goes_on_from_now },
	{ "sleeper is woken once per sleep", sleeper_is_woken_once_per_sleep },
	{ "nudge wakes with nothing to say", nudge_wakes_with_nothing_to_say },
	{ "closed hub wakes sleepers and lets nobody sleep",
	  closed_hub_wakes_sleepers_and_lets_nobody_sleep },
	{ "one follower leaves, the others stay", one_follower_leaves_the_others_stay },
	{ "no event is lost between threads", no_event_is_lost_between_threads },
};

CHECK_MAIN(all)
