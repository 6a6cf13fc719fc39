#include "watch.h"

#include <assert.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "auto.h"
#include "clock.h"
#include "deadline.h"

struct watched {
	struct watched *next, **link;
	int fd;
	enum watch_phase phase;
	bool begun;        /* WATCH_HEAD: a byte of it has come */
	uint64_t received; /* WATCH_HEAD: bytes of the connection when it began */
	uint64_t since_ns; /* when the phase began, or the head */
	uint64_t body;     /* bytes of the body so far */
	uint64_t ended_ns; /* when the client was seen to have gone before the end of it; 0: not */
};

struct watch {
	struct http_limits limits; /* never changes */
	struct hub *hub;           /* never changes */
	pthread_t thread;          /* never changes */
	uint64_t tick_ns;          /* never changes */
	pthread_mutex_t lock;      /* guards all that follows, and what stands in each watched */
	pthread_cond_t stopped;
	bool stopping;
	struct watched *all;
};

static uint64_t now_ns(void)
{
	return clock_now_ns(clock_real());
}

static bool body_is_slow(const struct http_limits *limits, const struct watched *w, uint64_t ms)
{
	return ms > limits->body_grace_ms && w->body < ms * limits->body_rate / 1000;
}

#define ENDED_NS (1 * CLOCK_S) /* time for a handler that has the last bytes in its hands */

/*
 * A client that goes away in the middle of a head or a body is not always seen by libmicrohttpd:
 * when the end comes together with data it waits for an edge that was. Then what has come would be
 * kept until it is called idle.
 */
static bool client_has_ended(struct watched *w, uint64_t now)
{
	char next;

	if (recv(w->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
		w->ended_ns = 0;
	else if (!w->ended_ns)
		w->ended_ns = now;
	return w->ended_ns && now - w->ended_ns > ENDED_NS;
}

static bool is_late(const struct http_limits *limits, struct watched *w, uint64_t now)
{
	const uint64_t ms = (now - w->since_ns) / CLOCK_MS;

	switch (w->phase) {
	case WATCH_HEAD: return ms > limits->head_ms || client_has_ended(w, now);
	case WATCH_BODY: return body_is_slow(limits, w, ms) || client_has_ended(w, now);
	case WATCH_REPLY: break;
	}
	return false;
}

/* Bytes that have come since the connection was made, as the kernel counts them. */
static uint64_t received(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_received
								       : 0;
}

/*
 * Nothing of libmicrohttpd tells that the first byte of a head has come: the kernel does. Without
 * this an idle connection and the next head would share one time limit, and a request that comes
 * late would be cut in the middle.
 */
static void look_for_head(struct watched *w, uint64_t now)
{
	if (w->phase != WATCH_HEAD || w->begun || received(w->fd) <= w->received)
		return;
	w->begun = true;
	w->since_ns = now;
}

/* The descriptor is open as long as the entry is in the list: it is removed before it is closed. */
static void cut_late(struct watch *watch)
{
	LOCK(&watch->lock);
	const uint64_t now = now_ns();

	for (struct watched *w = watch->all; w; w = w->next) {
		look_for_head(w, now);
		if (is_late(&watch->limits, w, now))
			shutdown(w->fd, SHUT_RDWR);
	}
}

/* Waits until then; true when the watch is closed. */
static bool wait_until(struct watch *watch, uint64_t until_ns)
{
	LOCK(&watch->lock);
	const struct timespec ts = deadline_at_ns(until_ns);
	int rc = 0;

	while (!watch->stopping && rc == 0)
		rc = pthread_cond_timedwait(&watch->stopped, &watch->lock, &ts);
	return watch->stopping;
}

static void *watch_run(void *arg)
{
	struct watch *watch = arg;
	const uint64_t heartbeat_ns = (uint64_t)watch->limits.heartbeat_ms * CLOCK_MS;
	uint64_t beat_ns = now_ns() + heartbeat_ns;

	while (!wait_until(watch, now_ns() + watch->tick_ns)) {
		cut_late(watch);
		if (now_ns() < beat_ns)
			continue;
		hub_nudge(watch->hub);
		beat_ns += heartbeat_ns;
	}
	return NULL;
}

/* Often enough that no limit is missed by more than a tenth; at most once a second. */
static uint64_t tick_of(const struct http_limits *limits)
{
	const unsigned of[] = { limits->head_ms, limits->body_grace_ms, limits->heartbeat_ms };
	unsigned ms = 10000;

	for (size_t i = 0; i < ARRAY_LEN(of); i++)
		ms = of[i] < ms ? of[i] : ms;
	return (ms < 100 ? 10 : ms / 10) * (uint64_t)CLOCK_MS;
}

static void watch_free(struct watch *watch)
{
	pthread_cond_destroy(&watch->stopped);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

struct watch *watch_open(const struct http_limits *limits, struct hub *hub, struct err *e)
{
	struct watch *watch = calloc(1, sizeof *watch);

	if (!watch) {
		err_set(e, ERR_MEMORY, "http watchdog: out of memory");
		return NULL;
	}
	watch->limits = *limits;
	watch->hub = hub;
	watch->tick_ns = tick_of(limits);
	pthread_mutex_init(&watch->lock, NULL);
	deadline_cond_init(&watch->stopped);
	if (pthread_create(&watch->thread, NULL, watch_run, watch) != 0) {
		watch_free(watch);
		err_set(e, ERR_INTERNAL, "http watchdog: cannot start a thread");
		return NULL;
	}
	return watch;
}

static void tell_to_stop(struct watch *watch)
{
	LOCK(&watch->lock);

	watch->stopping = true;
	pthread_cond_signal(&watch->stopped);
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	tell_to_stop(watch);
	pthread_join(watch->thread, NULL);
	assert(!watch->all);
	watch_free(watch);
}

struct watched *watch_add(struct watch *watch, int fd)
{
	struct watched *w = calloc(1, sizeof *w);
	LOCK(&watch->lock);

	if (!w)
		return NULL;
	*w = (struct watched){
		.next = watch->all, .link = &watch->all, .fd = fd, .since_ns = now_ns()
	};
	if (w->next)
		w->next->link = &w->next;
	watch->all = w;
	return w;
}

static void unlink_watched(struct watch *watch, struct watched *w)
{
	LOCK(&watch->lock);

	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
}

void watch_remove(struct watch *watch, struct watched *w)
{
	if (!w)
		return;
	unlink_watched(watch, w);
	free(w);
}

void watch_enter(struct watch *watch, struct watched *w, enum watch_phase phase)
{
	LOCK(&watch->lock);

	w->phase = phase;
	w->begun = false;
	w->received = phase == WATCH_HEAD ? received(w->fd) : 0;
	w->since_ns = now_ns();
	w->body = 0;
	w->ended_ns = 0;
}

void watch_body(struct watch *watch, struct watched *w, size_t len)
{
	LOCK(&watch->lock);

	w->body += len;
	w->ended_ns = 0;
}
