#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "auto.h"
#include "client.h"
#include "fixture.h"

#define CLIENTS 12 /* more than the server and its errands have threads */
#define RUNNING 2  /* threads of the errands */

static char reply[4096];

struct crowd {
	size_t n;
	int fd[CLIENTS];
};

static void crowd_leave(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->n; i++)
		close(crowd->fd[i]);
}

/* Each on a connection of its own, so that each thread of the server has some. */
static bool crowd_asks(struct crowd *crowd, size_t n, struct fixture *f, const char *path)
{
	bool asked = true;
	char text[80];

	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
	for (crowd->n = 0; crowd->n < n; crowd->n++) {
		const int fd = client_connect(f->address);

		crowd->fd[crowd->n] = fd;
		asked = fd >= 0 && client_say(fd, text) && asked;
	}
	return asked;
}

/* How many hear that, of all. */
static size_t crowd_hears(const struct crowd *crowd, const char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < crowd->n; i++)
		n += client_expect(crowd->fd[i], reply, sizeof reply, "\r\n\r\n", 5000) &&
		     strstr(reply, text);
	return n;
}

static bool soon(bool (*is)(const void *), const void *of)
{
	for (int i = 0; i < 5000; i++) {
		if (is(of))
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return false;
}

static bool all_run(const void *f)
{
	return ((const struct fixture *)f)->entered == RUNNING;
}

static void requests_that_take_long_hold_up_no_others(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(crowd_leave) struct crowd patient = { 0 }, quick = { 0 };
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(crowd_asks(&patient, CLIENTS, &f, "/long?q=x"));
	CHECK(soon(all_run, &f));
	CHECK(crowd_asks(&quick, CLIENTS, &f, "/text"));
	CHECK(crowd_hears(&quick, " 200 ") == CLIENTS);
	CHECK(f.entered == RUNNING);
	f.let_go = true;
	CHECK(crowd_hears(&patient, " 200 ") == CLIENTS);
	CHECK(f.entered == CLIENTS);
}

static void answer_is_as_that_of_any_other_handler(void)
{
	AUTO(fixture_close) struct fixture f;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(fixture_ask(&f, "GET /long-text?q=a%20b HTTP/1.1\r\n", reply, sizeof reply));
	CHECK(fixture_status(reply) == 200);
	CHECK(!strcmp(fixture_body(reply), "id 0, name , q a b"));
	CHECK(fixture_ask(&f, "HEAD /long-text HTTP/1.1\r\n", reply, sizeof reply));
	CHECK(fixture_status(reply) == 200 && !*fixture_body(reply));
	CHECK(fixture_ask(&f, "GET /long-failure HTTP/1.1\r\n", reply, sizeof reply));
	CHECK(fixture_status(reply) == 409 && strstr(reply, "\r\nX-Kept: yes\r\n"));
	CHECK(!strcmp(fixture_body(reply), "{\"code\":\"conflict\"}"));
	CHECK(fixture_ask(&f, "GET /long?wrong=1 HTTP/1.1\r\n", reply, sizeof reply));
	CHECK(fixture_status(reply) == 400);
}

static bool most_are_answered(const void *crowd)
{
	struct pollfd p[CLIENTS];

	for (size_t i = 0; i < CLIENTS; i++)
		p[i] = (struct pollfd){ .fd = ((const struct crowd *)crowd)->fd[i],
					.events = POLLIN };
	return poll(p, CLIENTS, 0) == CLIENTS - 3;
}

static void too_many_of_them_are_refused(void)
{
	struct http_limits limits = http_limits_default();
	AUTO(fixture_close) struct fixture f;
	AUTO(crowd_leave) struct crowd first = { 0 }, second = { 0 };
	struct err e;

	limits.errands = 3;
	CHECK_OK(fixture_open(&f, &limits, &e), e);
	CHECK(crowd_asks(&first, RUNNING, &f, "/long"));
	CHECK(soon(all_run, &f));
	CHECK(crowd_asks(&second, CLIENTS, &f, "/long"));
	CHECK(soon(most_are_answered, &second));
	f.let_go = true;
	CHECK(crowd_hears(&first, " 200 ") == RUNNING);
	CHECK(crowd_hears(&second, " 429 ") == CLIENTS - 3);
	CHECK(f.entered == RUNNING + 3);
}

static void *close_it(void *server)
{
	http_server_close(server);
	return NULL;
}

static void server_ends_while_they_wait(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(crowd_leave) struct crowd patient = { 0 };
	pthread_t closing;
	struct err e;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(crowd_asks(&patient, CLIENTS, &f, "/long"));
	CHECK(soon(all_run, &f));
	CHECK(pthread_create(&closing, NULL, close_it, f.server) == 0);
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	f.let_go = true;
	pthread_join(closing, NULL);
	f.server = NULL;
	for (size_t i = 0; i < CLIENTS; i++)
		CHECK(client_sees_end(patient.fd[i], 2000));
}

static const struct check all[] = {
	{ "requests that take long hold up no others", requests_that_take_long_hold_up_no_others },
	{ "an answer is as that of any other handler", answer_is_as_that_of_any_other_handler },
	{ "too many of them are refused", too_many_of_them_are_refused },
	{ "the server ends while they wait", server_ends_while_they_wait },
};
CHECK_MAIN(all)
