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

static void nap(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
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
	{ "source is sent whole and given back", source_is_sent_whole_and_given_back },
	{ "damage cuts the connection", damage_cuts_the_connection },
	{ "client that leaves gives the source back", client_that_leaves_gives_the_source_back },
	{ "port in use says where and why", port_in_use_says_where_and_why },
	{ "host that is none is named", host_that_is_none_is_named },
	{ "ipv6 is served", ipv6_is_served },
	{ "server stops while connections are open", server_stops_while_connections_are_open },
};

CHECK_MAIN(all)
