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

static void body_reaches_its_handler(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(ask(&f, "POST /nothing HTTP/1.1\r\n") == 204);
	CHECK(ask(&f, "POST /echo HTTP/1.1\r\n") == 202);
	CHECK(!*fixture_body(reply));
}

/* Sends head and body on one connection and reads the whole reply. */
static int post(struct fixture *f, const char *head, const char *body, size_t len)
{
	AUTO(auto_close) int fd = client_connect(f->address);
	char text[512];
	size_t n = 0;

	snprintf(text, sizeof text,
		 "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", head);
	if (fd < 0 || !client_say(fd, text) || !client_send(fd, body, len) ||
	    client_read(fd, reply, sizeof reply - 1, 5000, &n) < 0)
		return -1;
	reply[n] = '\0';
	return fixture_status(reply);
}

static void body_comes_back_whole(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(post(&f, "Content-Type: application/json; charset=utf-8\r\nContent-Length: 7\r\n",
		   "{\"a\":1}", 7) == 202);
	CHECK(!strcmp(fixture_body(reply), "{\"a\":1}"));
	CHECK(post(&f, "Transfer-Encoding: chunked\r\n", "3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n",
		   22) == 202);
	CHECK(!strcmp(fixture_body(reply), "{\"a\":1}"));
}

static void body_of_another_type_is_refused(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(post(&f, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n",
		   "a=1", 3) == 415);
	CHECK(post(&f, "Content-Type: application/jsonp\r\nContent-Length: 2\r\n", "{}", 2) == 415);
	CHECK(post(&f, "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n",
		   "2\r\n{}\r\n0\r\n\r\n", 12) == 415);
}

static void body_where_none_belongs_is_refused(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(
		fd, "POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"));
	CHECK(client_expect(fd, reply, sizeof reply, "bad-request", 2000));
	CHECK(fixture_status(reply) == 400);
}

static void body_over_the_limit_is_refused_and_the_reply_is_read(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_free) char *big = calloc(1, 2 << 20);
	char head[64];
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(big);
	memset(big, ' ', 2 << 20);
	CHECK(post(&f, "Content-Length: 65536\r\n", big, 65536) == 202);
	CHECK(post(&f, "Content-Length: 65537\r\n", big, 65537) == 413);
	snprintf(head, sizeof head, "Content-Length: %d\r\n", 2 << 20);
	CHECK(post(&f, head, big, 2 << 20) == 413);
	CHECK(!strcmp(fixture_body(reply), "{\"code\":\"too-large\"}"));
}

static void chunked_body_over_the_limit_is_refused(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	char chunk[0x8000];
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	memset(chunk, ' ', sizeof chunk);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
			     "Transfer-Encoding: chunked\r\n\r\n"));
	for (int i = 0; i < 4; i++)
		CHECK(client_say(fd, "8000\r\n") && client_send(fd, chunk, sizeof chunk) &&
		      client_say(fd, "\r\n"));
	CHECK(client_say(fd, "0\r\n\r\n"));
	CHECK(client_expect(fd, reply, sizeof reply, "too-large", 3000));
	CHECK(fixture_status(reply) == 413);
}

static void client_that_waits_is_told_before_it_sends(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
			     "Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n"));
	CHECK(client_expect(fd, reply, sizeof reply, "too-large", 2000));
	CHECK(fixture_status(reply) == 413);
}

static const struct check all[] = {
	{ "body reaches its handler", body_reaches_its_handler },
	{ "body comes back whole", body_comes_back_whole },
	{ "body of another type is refused", body_of_another_type_is_refused },
	{ "body where none belongs is refused", body_where_none_belongs_is_refused },
	{ "body over the limit is refused and the reply is read",
	  body_over_the_limit_is_refused_and_the_reply_is_read },
	{ "chunked body over the limit is refused", chunked_body_over_the_limit_is_refused },
	{ "client that waits is told before it sends", client_that_waits_is_told_before_it_sends },
};

CHECK_MAIN(all)
