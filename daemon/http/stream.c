#include "stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "clock.h"
#include "log.h"
#include "parse.h"
#include "server.h"

#define STREAM_BLOCK 4096u
#define RECHECK_NS   CLOCK_S

struct stream {
	struct hub_sub sub;
	struct streams *streams;
	struct MHD_Connection *conn;
	struct grant granted;
	char topic[REPLY_TOPIC];
	uint64_t checked_ns; /* when that was last asked about */
	bool resumed;        /* needs no snapshot */
	bool woken;          /* this time, and for nothing that was skipped */
	bool slept;          /* woken up with nothing to say: a heartbeat is due */
	char *text;          /* what is being sent; an event may take several reads */
	size_t len, at;
};

enum stream_got { STREAM_TEXT, STREAM_ASLEEP, STREAM_END };

static void wake(struct hub_sub *sub)
{
	MHD_resume_connection(((struct stream *)sub)->conn);
}

static void sleep_on(struct hub_sub *sub)
{
	MHD_suspend_connection(((struct stream *)sub)->conn);
}

/* Takes text; NULL ends the stream. */
static enum stream_got say(struct stream *st, char *text)
{
	free(st->text);
	st->text = text;
	st->at = 0;
	st->len = text ? strlen(text) : 0;
	return text ? STREAM_TEXT : STREAM_END;
}

/* "log:left": an event called log, of a topic, that only those who asked for it hear. */
static bool has_topic(const char *type)
{
	return strchr(type, ':') != NULL;
}

static bool is_for(const struct stream *st, const char *type)
{
	return *st->topic ? !strcmp(st->topic, type) : !has_topic(type);
}

static char *event_text(const char *type, uint64_t id, const char *data)
{
	char *text;

	if (asprintf(&text, "event: %.*s\nid: %" PRIu64 "\ndata: %s\n\n", (int)strcspn(type, ":"),
		     type, id, data) < 0)
		return NULL;
	return text;
}

/* Its id is that of the last event before it was made: what happens meanwhile comes after it. */
static enum stream_got say_snapshot(struct stream *st)
{
	struct http_app *app = st->streams->app;
	AUTO(auto_free) char *data = NULL;
	struct err e;

	if (*st->topic ? app->recent(app, st->topic, &data, &e) < 0
		       : app->snapshot(app, &data, &e) < 0) {
		log_error("event stream: snapshot: %s", e.text);
		return STREAM_END;
	}
	return say(st, event_text(*st->topic ? st->topic : "snapshot", st->sub.seen, data));
}

static enum stream_got say_event(struct stream *st, struct hub_event *ev)
{
	AUTO(auto_free) char *data = ev->text;

	return say(st, event_text(ev->type, ev->seq, data));
}

/* A follower whose token is revoked hears no more. */
static bool still_granted(struct stream *st)
{
	struct http_app *app = st->streams->app;
	const uint64_t now = clock_now_ns(clock_real());

	if (!app->still_granted || now - st->checked_ns < RECHECK_NS)
		return true;
	st->checked_ns = now;
	return app->still_granted(app, &st->granted);
}

static enum hub_got next_of_mine(struct stream *st, struct hub_event *ev,
				 void (*sleep)(struct hub_sub *sub))
{
	enum hub_got got;

	while ((got = hub_next(st->streams->app->hub, &st->sub, ev, sleep)) == HUB_EVENT &&
	       !is_for(st, ev->type)) {
		free(ev->text);
		sleep = sleep_on; /* it was woken up for that, not for a heartbeat */
		st->woken = false;
	}
	return got;
}

static enum stream_got fill(struct stream *st)
{
	struct hub_event ev;

	st->woken = st->slept;
	st->slept = false;
	if (!still_granted(st))
		return STREAM_END;
	if (!st->resumed) {
		st->resumed = true;
		return say_snapshot(st);
	}
	switch (next_of_mine(st, &ev, st->woken ? NULL : sleep_on)) {
	case HUB_EVENT: return say_event(st, &ev);
	case HUB_GAP: return say_snapshot(st);
	case HUB_CLOSED: return STREAM_END;
	case HUB_NOTHING: break;
	}
	if (st->woken)
		return say(st, strdup(": still here\n\n"));
	st->slept = true;
	return STREAM_ASLEEP;
}

static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *st = cls;
	size_t n;

	(void)pos;
	if (st->at == st->len) {
		switch (fill(st)) {
		case STREAM_ASLEEP: return 0;
		case STREAM_END: return MHD_CONTENT_READER_END_OF_STREAM;
		case STREAM_TEXT: break;
		}
	}
	n = st->len - st->at < max ? st->len - st->at : max;
	memcpy(buf, st->text + st->at, n);
	st->at += n;
	return (ssize_t)n;
}

static void stream_free(void *cls)
{
	struct stream *st = cls;

	hub_unsubscribe(st->streams->app->hub, &st->sub);
	atomic_fetch_sub(&st->streams->open, 1);
	free(st->text);
	free(st);
}

static struct stream *stream_new(struct streams *streams, struct err *e)
{
	struct stream *st = NULL;

	if (atomic_fetch_add(&streams->open, 1) >= streams->max)
		err_set(e, ERR_TOO_MANY, "there are %u event streams already", streams->max);
	else if (!(st = calloc(1, sizeof *st)))
		err_set(e, ERR_MEMORY, "event stream: out of memory");
	if (!st)
		atomic_fetch_sub(&streams->open, 1);
	return st;
}

struct MHD_Response *stream_response(struct streams *streams, struct MHD_Connection *conn,
				     const struct stream_wish *wish, struct err *e)
{
	uint64_t after = UINT64_MAX; /* never published: gets a snapshot */
	struct stream *st = stream_new(streams, e);
	struct MHD_Response *res;

	if (!st)
		return NULL;
	st->sub.wake = wake;
	st->streams = streams;
	st->conn = conn;
	st->granted = *wish->granted;
	snprintf(st->topic, sizeof st->topic, "%s", wish->topic);
	st->checked_ns = clock_now_ns(clock_real());
	if (wish->last_id)
		(void)parse_u64(wish->last_id, UINT64_MAX, &after);
	st->resumed = hub_subscribe(streams->app->hub, &st->sub, after);
	res = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, st,
						stream_free);
	if (!res) {
		stream_free(st);
		err_set(e, ERR_MEMORY, "event stream: out of memory");
	}
	return res;
}
