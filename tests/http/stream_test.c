#include <inttypes.h>
#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "client.h"
#include "fixture.h"

static char got[2 << 20];

static int follow(struct fixture *f, const char *header)
{
	char request[256];
	const int fd = client_connect(f->address);

	snprintf(request, sizeof request, "GET /events HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
		 header);
	return client_say(fd, request) ? fd : -1;
}

static bool hears(int fd, const char *text)
{
	return client_expect(fd, got, sizeof got, text, 3000);
}

static void stream_starts_with_a_snapshot_and_goes_on(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	hub_publish(f.hub, "job", "{\"id\":1}");
	fd = follow(&f, "");
	CHECK(hears(fd, "event: snapshot\nid: 1\ndata: {\"slots\":[]}\n\n"));
	CHECK(strstr(got, "Content-Type: text/event-stream\r\n"));
	CHECK(strstr(got, "Cache-Control: no-store\r\n"));
	hub_publish(f.hub, "job", "{\"id\":2}");
	CHECK(hears(fd, "event: job\nid: 2\ndata: {\"id\":2}\n\n"));
	hub_publish(f.hub, "slot", "{\"name\":\"left\"}");
	CHECK(hears(fd, "event: slot\nid: 3\ndata: {\"name\":\"left\"}\n\n"));
}

static void stream_resumes_after_the_last_event(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	for (int i = 0; i < 3; i++)
		hub_publish(f.hub, "job", "{}");
	fd = follow(&f, "Last-Event-ID: 2\r\n");
	CHECK(hears(fd, "id: 3\n"));
	CHECK(!strstr(got, "snapshot"));
	CHECK(!strstr(got, "id: 2\n"));
	CHECK(atomic_load(&f.snapshots) == 0);
}

static void unknown_id_gets_a_snapshot(void)
{
	static const char *const unknown[] = { "Last-Event-ID: 77\r\n", "Last-Event-ID: x\r\n",
					       "Last-Event-ID:\r\n" };
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		AUTO(auto_close) int fd = follow(&f, unknown[i]);

		CHECK(hears(fd, "event: snapshot\n"));
	}
}

static void quiet_stream_has_a_heartbeat(void)
{
	struct http_limits limits = http_limits_default();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	limits.heartbeat_ms = 150;
	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = follow(&f, "");
	CHECK(hears(fd, "snapshot"));
	CHECK(hears(fd, ": still here\n\n"));
	CHECK(hears(fd, ": still here\n\n"));
}

static void large_event_comes_in_pieces_but_whole(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	AUTO(auto_free) char *text = calloc(1, 300001);
	struct err e;
	size_t x = 0;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(text);
	memset(text, 'x', 300000);
	fd = follow(&f, "");
	CHECK(hears(fd, "snapshot"));
	hub_publish(f.hub, "job", text);
	hub_publish(f.hub, "end", "{}");
	CHECK(hears(fd, "event: end"));
	for (const char *c = got; *c; c++)
		x += *c == 'x';
	CHECK(x == 300000);
}

static void follower_that_does_not_read_gets_a_snapshot_later(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	AUTO(auto_free) char *text = calloc(1, 20001);
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(text);
	memset(text, 'y', 20000);
	fd = follow(&f, "");
	CHECK(hears(fd, "snapshot"));
	for (int i = 0; i < 3 * HUB_KEEP; i++)
		hub_publish(f.hub, "job", text);
	for (int i = 0; i < 200 && atomic_load(&f.snapshots) < 2; i++) {
		size_t n;

		(void)client_read(fd, got, sizeof got, 20, &n);
	}
	CHECK(atomic_load(&f.snapshots) >= 2);
}

static void one_stream_too_many_is_refused(void)
{
	struct http_limits limits = http_limits_default();
	AUTO(fixture_close) struct fixture f;
	int fd[3];
	struct err e;

	limits.streams = 2;
	CHECK_OK(fixture_open(&f, &limits, &e), e);
	for (size_t i = 0; i < 2; i++) {
		fd[i] = follow(&f, "");
		CHECK(hears(fd[i], "snapshot"));
	}
	fd[2] = follow(&f, "");
	CHECK(hears(fd[2], "too-many"));
	CHECK(fixture_status(got) == 429);
	for (size_t i = 0; i < 3; i++)
		close(fd[i]);
}

static void followers_that_left_make_room(void)
{
	struct http_limits limits = http_limits_default();
	AUTO(fixture_close) struct fixture f;
	struct err e;
	bool heard = false;
	int fd;

	limits.streams = 1;
	limits.heartbeat_ms = 100;
	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = follow(&f, "");
	CHECK(hears(fd, "snapshot"));
	close(fd);
	for (int tries = 0; tries < 100 && !heard; tries++) {
		AUTO(auto_close) int again = follow(&f, "");

		heard = client_expect(again, got, sizeof got, "snapshot", 100);
	}
	CHECK(heard);
}

static void server_stops_while_streams_sleep(void)
{
	AUTO(fixture_close) struct fixture f;
	int fd[20];
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		fd[i] = follow(&f, "");
		CHECK(hears(fd[i], "snapshot"));
	}
	fixture_close(&f);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		CHECK(client_sees_end(fd[i], 1000));
		close(fd[i]);
	}
}

static void *publish_all_the_time(void *arg)
{
	struct fixture *f = arg;

	for (int i = 0; i < 400; i++) {
		hub_publish(f->hub, "job", "{\"busy\":true}");
		nanosleep(&(struct timespec){ .tv_nsec = (i % 7) * 100000 }, NULL);
	}
	return NULL;
}

static void server_stops_while_events_pour_in(void)
{
	AUTO(fixture_close) struct fixture f;
	struct hub *hub;
	pthread_t thread;
	int fd[20];
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++)
		fd[i] = follow(&f, "");
	CHECK(pthread_create(&thread, NULL, publish_all_the_time, &f) == 0);
	CHECK(hears(fd[0], "busy"));
	http_server_close(f.server);
	f.server = NULL;
	pthread_join(thread, NULL);
	hub = f.hub;
	CHECK(hub_last(hub) == 400);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++)
		close(fd[i]);
}

static const struct check all[] = {
	{ "stream starts with a snapshot and goes on", stream_starts_with_a_snapshot_and_goes_on },
	{ "stream resumes after the last event", stream_resumes_after_the_last_event },
	{ "unknown id gets a snapshot", unknown_id_gets_a_snapshot },
	{ "quiet stream has a heartbeat", quiet_stream_has_a_heartbeat },
	{ "large event comes in pieces but whole", large_event_comes_in_pieces_but_whole },
	{ "follower that does not read gets a snapshot later",
	  follower_that_does_not_read_gets_a_snapshot_later },
	{ "one stream too many is refused", one_stream_too_many_is_refused },
	{ "followers that left make room", followers_that_left_make_room },
	{ "server stops while streams sleep", server_stops_while_streams_sleep },
	{ "server stops while events pour in", server_stops_while_events_pour_in },
};

CHECK_MAIN(all)
