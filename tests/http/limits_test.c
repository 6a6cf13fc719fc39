#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "client.h"
#include "fixture.h"

static char reply[400000];

static int ask(struct fixture *f, const char *request)
{
	return fixture_ask(f, request, reply, sizeof reply) ? fixture_status(reply) : -1;
}

static void head_over_the_limit_is_refused(void)
{
	AUTO(fixture_close) struct fixture f;
	static char head[40000];
	struct err e;
	int len;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	len = snprintf(head, sizeof head, "GET /text HTTP/1.1\r\nX-Filler: ");
	memset(head + len, 'x', 31000);
	strcpy(head + len + 31000, "\r\n");
	CHECK(ask(&f, head) == 200);
	memset(head + len, 'x', 34000);
	strcpy(head + len + 34000, "\r\n");
	CHECK(ask(&f, head) == 431);
}

static struct http_limits short_limits(void)
{
	struct http_limits limits = http_limits_default();

	limits.head_ms = 400;
	limits.body_grace_ms = 300;
	return limits;
}

static void nap(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Sends text byte by byte, one every 40 ms, for at most a second; true when the other end closed. */
static bool trickle(int fd, const char *text)
{
	for (int i = 0; i < 25; i++) {
		if (!client_send(fd, text + (size_t)i % strlen(text), 1))
			return true;
		nap(40);
	}
	return client_sees_end(fd, 1);
}

static void head_that_trickles_is_cut(void)
{
	const struct http_limits limits = short_limits();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "GET /text HTTP/1.1\r\nX-Slow: "));
	CHECK(trickle(fd, "x"));
}

static void second_head_that_trickles_is_cut_too(void)
{
	const struct http_limits limits = short_limits();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "GET /text HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	CHECK(client_expect(fd, reply, sizeof reply, "q -", 2000));
	CHECK(client_say(fd, "GET /text HTTP/1.1\r\nX-Slow: "));
	CHECK(trickle(fd, "x"));
}

static void connection_that_says_nothing_is_cut(void)
{
	const struct http_limits limits = short_limits();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = client_connect(f.address);
	CHECK(!client_sees_end(fd, 200));
	CHECK(client_sees_end(fd, 1500));
}

static void head_that_comes_late_has_all_its_time(void)
{
	struct http_limits limits = http_limits_default();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	limits.head_ms = 3000;
	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "GET /text HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	CHECK(client_expect(fd, reply, sizeof reply, "q -", 2000));
	nap(1800);
	CHECK(client_say(fd, "GET /text HTTP/1.1\r\nHost: "));
	nap(1800);
	CHECK(client_say(fd, "localhost\r\n\r\n"));
	CHECK(client_expect(fd, reply, sizeof reply, "q -", 2000));
}

static void body_that_trickles_is_cut(void)
{
	const struct http_limits limits = short_limits();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd,
			 "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n"));
	CHECK(trickle(fd, " "));
}

static void body_that_is_slow_but_fast_enough_comes_through(void)
{
	const struct http_limits limits = short_limits();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	char piece[500];
	struct err e;

	CHECK_OK(fixture_open(&f, &limits, &e), e);
	memset(piece, ' ', sizeof piece);
	fd = client_connect(f.address);
	CHECK(client_say(fd,
			 "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n"));
	for (int i = 0; i < 10; i++) {
		CHECK(client_send(fd, piece, sizeof piece));
		nap(80);
	}
	CHECK(client_expect(fd, reply, sizeof reply, " 202 ", 1000));
}

static void too_many_connections_of_one_address_are_closed(void)
{
	struct http_limits limits = http_limits_default();
	AUTO(fixture_close) struct fixture f;
	int fd[5];
	struct err e;

	limits.per_address = 4;
	CHECK_OK(fixture_open(&f, &limits, &e), e);
	for (size_t i = 0; i < 4; i++) {
		fd[i] = client_connect(f.address);
		CHECK(client_say(fd[i], "GET /text HTTP/1.1\r\nHost: localhost\r\n\r\n"));
		CHECK(client_expect(fd[i], reply, sizeof reply, "q -", 2000));
	}
	fd[4] = client_connect(f.address);
	CHECK(client_sees_end(fd[4], 2000));
	close(fd[4]);
	for (size_t i = 0; i < 4; i++)
		close(fd[i]);
}

static void slow_handler_does_not_stop_the_others(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int slow = -1;
	struct err e;
	int quick = 0;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	slow = client_connect(f.address);
	CHECK(client_say(slow, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	nap(50);
	for (int i = 0; i < 5; i++)
		quick += ask(&f, "GET /text HTTP/1.1\r\n") == 200;
	CHECK(quick == 5);
	CHECK(!client_expect(slow, reply, sizeof reply, "q -", 1));
	CHECK(client_expect(slow, reply, sizeof reply, "q -", 3000));
}

static const struct check all[] = {
	{ "head over the limit is refused", head_over_the_limit_is_refused },
	{ "head that trickles is cut", head_that_trickles_is_cut },
	{ "second head that trickles is cut too", second_head_that_trickles_is_cut_too },
	{ "connection that says nothing is cut", connection_that_says_nothing_is_cut },
	{ "a head that comes late has all its time", head_that_comes_late_has_all_its_time },
	{ "body that trickles is cut", body_that_trickles_is_cut },
	{ "body that is slow but fast enough comes through",
	  body_that_is_slow_but_fast_enough_comes_through },
	{ "too many connections of one address are closed",
	  too_many_connections_of_one_address_are_closed },
	{ "slow handler does not stop the others", slow_handler_does_not_stop_the_others },
};

CHECK_MAIN(all)
