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

static void request_reaches_its_handler(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(ask(&f, "GET /items/7 HTTP/1.1\r\n") == 200);
	CHECK(!strcmp(fixture_body(reply), "id 7, name , q -"));
	CHECK(ask(&f, "GET /names/a%20b HTTP/1.1\r\n") == 200);
	CHECK(!strcmp(fixture_body(reply), "id 0, name a b, q -"));
	CHECK(ask(&f, "GET /text?q=%C3%A4+b HTTP/1.1\r\n") == 200);
	CHECK(!strcmp(fixture_body(reply), "id 0, name , q \xc3\xa4 b"));
}

static void every_reply_has_the_headers_of_caution(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(ask(&f, "GET /text HTTP/1.1\r\n") == 200);
	CHECK(strstr(reply, "X-Content-Type-Options: nosniff\r\n"));
	CHECK(strstr(reply, "Referrer-Policy: no-referrer\r\n"));
	CHECK(strstr(reply, "Cache-Control: no-store\r\n"));
	CHECK(!strstr(reply, "Content-Security-Policy"));
	CHECK(!strstr(reply, "Access-Control-"));
	CHECK(ask(&f, "GET /nowhere HTTP/1.1\r\n") == 404);
	CHECK(strstr(reply, "X-Content-Type-Options: nosniff\r\n"));
	CHECK(ask(&f, "GET / HTTP/1.1\r\n") == 200);
	CHECK(strstr(reply, "Content-Security-Policy: default-src 'self'"));
	CHECK(strstr(reply, "Cache-Control: no-cache\r\n"));
	CHECK(!strstr(reply, "no-store"));
}

static void errors_have_their_status_and_a_body(void)
{
	static const struct {
		const char *request;
		int status;
		const char *body;
	} cases[] = {
		{ "GET /nowhere HTTP/1.1\r\n", 404, "{\"code\":\"not-found\"}" },
		{ "GET /items/0 HTTP/1.1\r\n", 404, "{\"code\":\"not-found\"}" },
		{ "GET /text/ HTTP/1.1\r\n", 404, "{\"code\":\"not-found\"}" },
		{ "DELETE /text HTTP/1.1\r\n", 405, "{\"code\":\"method-not-allowed\"}" },
		{ "BREW /text HTTP/1.1\r\n", 405, "{\"code\":\"method-not-allowed\"}" },
		{ "GET /text?limt=5 HTTP/1.1\r\n", 400, "{\"code\":\"bad-request\"}" },
		{ "GET /text?q=1&q=2 HTTP/1.1\r\n", 400, "{\"code\":\"bad-request\"}" },
		{ "GET /text?q=%z HTTP/1.1\r\n", 400, "{\"code\":\"bad-request\"}" },
		{ "GET /items/7?x=1 HTTP/1.1\r\n", 400, "{\"code\":\"bad-request\"}" },
		{ "GET /failure HTTP/1.1\r\n", 409, "{\"code\":\"conflict\"}" },
		{ "GET /text HTTP/1.1\r\nOrigin: http://evil.example\r\n", 403,
		  "{\"code\":\"forbidden\"}" },
		{ "GET /text HTTP/1.1\r\nOrigin: null\r\n", 403, "{\"code\":\"forbidden\"}" },
	};
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(ask(&f, cases[i].request) == cases[i].status);
		CHECK(!strcmp(fixture_body(reply), cases[i].body));
		CHECK(strstr(reply, "Content-Type: application/json\r\n"));
	}
}

static void method_that_is_not_allowed_hears_which_are(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(ask(&f, "DELETE /text HTTP/1.1\r\n") == 405);
	CHECK(strstr(reply, "\r\nAllow: GET, HEAD\r\n"));
	CHECK(ask(&f, "GET /echo HTTP/1.1\r\n") == 405);
	CHECK(strstr(reply, "\r\nAllow: POST\r\n"));
}

static void header_set_before_a_failure_goes_out_with_it(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(ask(&f, "GET /failure HTTP/1.1\r\n") == 409);
	CHECK(strstr(reply, "\r\nX-Kept: yes\r\n"));
}

static void head_is_get_without_a_body(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(ask(&f, "HEAD /items/7 HTTP/1.1\r\n") == 200);
	CHECK(strstr(reply, "Content-Length: 16\r\n"));
	CHECK(!*fixture_body(reply));
	CHECK(ask(&f, "HEAD /bytes HTTP/1.1\r\n") == 200);
	CHECK(strstr(reply, "Content-Length: 307200\r\n"));
	CHECK(!*fixture_body(reply));
	CHECK(ask(&f, "HEAD /events HTTP/1.1\r\n") == 200);
	CHECK(!*fixture_body(reply));
	CHECK(ask(&f, "HEAD /nowhere HTTP/1.1\r\n") == 404);
	CHECK(!*fixture_body(reply));
}

static void scope_is_asked_for_where_one_is_needed(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	f.closed_door = true;
	CHECK(ask(&f, "GET / HTTP/1.1\r\n") == 200);
	CHECK(ask(&f, "GET /text HTTP/1.1\r\n") == 401);
	CHECK(strstr(reply, "\r\nWWW-Authenticate: Bearer\r\n"));
}

static void foreign_host_is_refused(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "GET /text HTTP/1.1\r\nHost: evil.example:80\r\n\r\n"));
	CHECK(client_expect(fd, reply, sizeof reply, "}", 2000));
	CHECK(fixture_status(reply) == 421);
	CHECK(strstr(reply, "{\"code\":\"wrong-host\"}"));
}

static void request_without_host_is_refused(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "GET /text HTTP/1.0\r\n\r\n"));
	CHECK(client_expect(fd, reply, sizeof reply, "bad-request", 2000));
	CHECK(strstr(reply, " 400 "));
}

/* ---- bodies */

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

/* ---- limits */

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

/* ---- bytes from a source */

static void source_is_sent_whole_and_given_back(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	const char *body;
	struct err e;
	size_t n;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd,
			 "GET /bytes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
	CHECK(client_read(fd, reply, sizeof reply - 1, 3000, &n) == 0);
	body = fixture_body(reply);
	CHECK(n - (size_t)(body - reply) == 300 << 10);
	for (size_t i = 0; i < 300 << 10; i++)
		CHECK((unsigned char)body[i] == i % 251);
	CHECK(atomic_load(&f.freed) == 1);
}

static void damage_cuts_the_connection(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;
	struct err e;
	size_t n;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "GET /bytes?damaged HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	CHECK(client_read(fd, reply, sizeof reply - 1, 3000, &n) == 0);
	CHECK(strstr(reply, "Content-Length: 307200"));
	CHECK(n < 300 << 10);
}

static void client_that_leaves_gives_the_source_back(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;
	int fd;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = client_connect(f.address);
	CHECK(client_say(fd, "GET /bytes HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	close(fd);
	for (int i = 0; i < 200 && atomic_load(&f.freed) == 0; i++)
		nap(10);
	CHECK(atomic_load(&f.freed) == 1);
}

/* ---- opening and closing */

static void port_in_use_says_where_and_why(void)
{
	AUTO(fixture_close) struct fixture f;
	struct http_config config = { .host = "127.0.0.1", .limits = http_limits_default() };
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	config.port = (uint16_t)atoi(strrchr(f.address, ':') + 1);
	CHECK(!http_server_open(&config, &f.app, &e));
	CHECK(strstr(e.text, f.address));
	CHECK(strstr(e.text, "address already in use: is another flashrigd running?"));
}

static void host_that_is_none_is_named(void)
{
	struct http_app app = { .hub = NULL };
	const struct http_config config = { .host = "no.such.host.invalid",
					    .port = 80,
					    .limits = http_limits_default() };
	struct err e;

	CHECK(!http_server_open(&config, &app, &e));
	CHECK(strstr(e.text, "no.such.host.invalid:80"));
}

static void ipv6_is_served(void)
{
	AUTO(fixture_close) struct fixture f = { 0 };
	struct err e;

	if (fixture_open_host(&f, "::1", &e) < 0)
		SKIP("this machine has no ::1");
	CHECK(!strncmp(f.address, "[::1]:", 6));
	CHECK(ask(&f, "GET /text HTTP/1.1\r\n") == 200);
}

static void server_stops_while_connections_are_open(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int idle = -1;
	AUTO(auto_close) int half = -1;
	AUTO(auto_close) int busy = -1;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	idle = client_connect(f.address);
	half = client_connect(f.address);
	CHECK(client_say(half,
			 "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n "));
	busy = client_connect(f.address);
	CHECK(client_say(busy, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	nap(50);
	fixture_close(&f);
	CHECK(client_sees_end(idle, 1000));
	CHECK(client_sees_end(half, 1000));
	CHECK(client_sees_end(busy, 1000));
}

static const struct check all[] = {
	{ "request reaches its handler", request_reaches_its_handler },
	{ "every reply has the headers of caution", every_reply_has_the_headers_of_caution },
	{ "errors have their status and a body", errors_have_their_status_and_a_body },
	{ "method that is not allowed hears which are",
	  method_that_is_not_allowed_hears_which_are },
	{ "header set before a failure goes out with it",
	  header_set_before_a_failure_goes_out_with_it },
	{ "head is get without a body", head_is_get_without_a_body },
	{ "scope is asked for where one is needed", scope_is_asked_for_where_one_is_needed },
	{ "foreign host is refused", foreign_host_is_refused },
	{ "request without host is refused", request_without_host_is_refused },
	{ "body reaches its handler", body_reaches_its_handler },
	{ "body comes back whole", body_comes_back_whole },
	{ "body of another type is refused", body_of_another_type_is_refused },
	{ "body where none belongs is refused", body_where_none_belongs_is_refused },
	{ "body over the limit is refused and the reply is read",
	  body_over_the_limit_is_refused_and_the_reply_is_read },
	{ "chunked body over the limit is refused", chunked_body_over_the_limit_is_refused },
	{ "client that waits is told before it sends", client_that_waits_is_told_before_it_sends },
	{ "head over the limit is refused", head_over_the_limit_is_refused },
	{ "head that trickles is cut", head_that_trickles_is_cut },
	{ "second head that trickles is cut too", second_head_that_trickles_is_cut_too },
	{ "connection that says nothing is cut", connection_that_says_nothing_is_cut },
	{ "body that trickles is cut", body_that_trickles_is_cut },
	{ "body that is slow but fast enough comes through",
	  body_that_is_slow_but_fast_enough_comes_through },
	{ "too many connections of one address are closed",
	  too_many_connections_of_one_address_are_closed },
	{ "slow handler does not stop the others", slow_handler_does_not_stop_the_others },
	{ "source is sent whole and given back", source_is_sent_whole_and_given_back },
	{ "damage cuts the connection", damage_cuts_the_connection },
	{ "client that leaves gives the source back", client_that_leaves_gives_the_source_back },
	{ "port in use says where and why", port_in_use_says_where_and_why },
	{ "host that is none is named", host_that_is_none_is_named },
	{ "ipv6 is served", ipv6_is_served },
	{ "server stops while connections are open", server_stops_while_connections_are_open },
};

CHECK_MAIN(all)
