/*
 * A crowd of clients for a daemon on this machine, in one thread: some ask for pages again and
 * again, each a tenth of a second after its last reply, some follow the events, some ask for them
 * and never read.
 *
 *     flashrig_load PORT SECONDS CLIENTS FOLLOWERS DEAF
 *
 * Prints one line of JSON: how many replies came, how many of them were no 200, the times until
 * they were complete, and how many events were read.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "auto.h"
#include "clock.h"

#define THINK_NS (100 * (uint64_t)CLOCK_MS)
#define HEAD     4096
#define TIMES    (1u << 20)

static const char *const paths[] = {
	"/api/v1/slots",          "/api/v1/jobs?limit=20", "/api/v1/info",
	"/api/v1/dumps?limit=20", "/api/v1/jobs/1",        "/app.js",
};

enum kind { CLIENT, FOLLOWER, DEAF };

struct one {
	enum kind kind;
	int fd;
	bool waits;      /* for a reply */
	uint64_t at_ns;  /* when it asked, or when it will ask next */
	uint64_t body;   /* bytes of the reply that are still to come */
	size_t next;     /* path */
	size_t head;     /* bytes of the head so far */
	char text[HEAD]; /* the head */
};

struct crowd {
	int epoll;
	size_t n;
	struct one *one;
	uint32_t *us; /* TIMES of them */
	size_t replies, refused, broken, events;
};

static uint64_t now_ns(void)
{
	return clock_now_ns(clock_real());
}

static int connect_to(uint16_t port, bool deaf)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, small = 4096;

	if (deaf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
		perror("flashrig_load: connect");
		exit(1);
	}
	return fd;
}

static void ask(struct one *one, const char *path)
{
	char text[200];
	const int len =
		snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);

	one->waits = true;
	one->at_ns = now_ns();
	one->head = one->body = 0;
	if (send(one->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		perror("flashrig_load: send");
}

static void join(struct crowd *c, enum kind kind, uint16_t port)
{
	struct one *one = &c->one[c->n];
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = one };

	*one = (struct one){ .kind = kind, .fd = connect_to(port, kind == DEAF), .next = c->n };
	/* Clients begin one after the other, not all at once. */
	one->at_ns = now_ns() + THINK_NS * (c->n % 50) / 50;
	if (kind != CLIENT)
		ask(one, "/api/v1/events");
	if (kind != DEAF)
		epoll_ctl(c->epoll, EPOLL_CTL_ADD, one->fd, &ev);
	c->n++;
}

static void answered(struct crowd *c, struct one *one)
{
	const uint64_t now = now_ns();

	if (c->replies < TIMES)
		c->us[c->replies] = (uint32_t)((now - one->at_ns) / 1000);
	c->replies++;
	c->refused += strncmp(one->text, "HTTP/1.1 200", 12) != 0;
	one->waits = false;
	one->at_ns = now + THINK_NS;
}

/* Takes len bytes into the head; how many of them are behind it, or -1 while it goes on. */
static ssize_t take_head(struct one *one, const char *bytes, size_t len)
{
	const size_t room = HEAD - 1 - one->head, n = len < room ? len : room;
	const char *end, *length;

	memcpy(one->text + one->head, bytes, n);
	one->text[one->head + n] = '\0';
	end = strstr(one->text, "\r\n\r\n");
	if (!end) {
		one->head += n;
		return -1;
	}
	length = strcasestr(one->text, "\r\nContent-Length:");
	one->body = length ? strtoull(length + 17, NULL, 10) : 0;
	return (ssize_t)(len - ((size_t)(end + 4 - one->text) - one->head));
}

static void read_reply(struct crowd *c, struct one *one, const char *bytes, size_t len)
{
	ssize_t body = (ssize_t)len;

	if (one->body == 0)
		body = take_head(one, bytes, len);
	if (body < 0)
		return;
	one->body -= (uint64_t)body < one->body ? (uint64_t)body : one->body;
	if (one->body == 0)
		answered(c, one);
}

static void read_events(struct crowd *c, const char *bytes, size_t len)
{
	for (const char *at = bytes; (at = memmem(at, len - (size_t)(at - bytes), "\nid: ", 5));
	     at++)
		c->events++;
}

static void read_some(struct crowd *c, struct one *one)
{
	static char bytes[1 << 17];
	const ssize_t len = recv(one->fd, bytes, sizeof bytes, 0);

	if (len <= 0) {
		c->broken++;
		epoll_ctl(c->epoll, EPOLL_CTL_DEL, one->fd, NULL);
		one->kind = DEAF;
	} else if (one->kind == FOLLOWER) {
		read_events(c, bytes, (size_t)len);
	} else {
		read_reply(c, one, bytes, (size_t)len);
	}
}

static void ask_again(struct crowd *c)
{
	const uint64_t now = now_ns();

	for (size_t i = 0; i < c->n; i++) {
		struct one *one = &c->one[i];

		if (one->kind == CLIENT && !one->waits && one->at_ns <= now)
			ask(one, paths[one->next++ % ARRAY_LEN(paths)]);
	}
}

static void run(struct crowd *c, uint64_t until_ns)
{
	struct epoll_event ev[64];

	while (now_ns() < until_ns) {
		const int n = epoll_wait(c->epoll, ev, ARRAY_LEN(ev), 1);

		for (int i = 0; i < n; i++)
			read_some(c, ev[i].data.ptr);
		ask_again(c);
	}
}

static int by_time(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void report(struct crowd *c)
{
	const size_t n = c->replies < TIMES ? c->replies : TIMES;
	const size_t median = n / 2, late = n * 99 / 100;

	qsort(c->us, n, sizeof *c->us, by_time);
	printf("{\"replies\": %zu, \"refused\": %zu, \"broken\": %zu, \"events\": %zu, "
	       "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
	       c->replies, c->refused, c->broken, c->events, n ? c->us[median] / 1e3 : 0,
	       n ? c->us[late] / 1e3 : 0, n ? c->us[n - 1] / 1e3 : 0);
}

int main(int argc, char **argv)
{
	AUTO(auto_free) uint32_t *us = calloc(TIMES, sizeof *us);
	AUTO(auto_free) struct one *one = NULL;
	struct crowd crowd = { .epoll = epoll_create1(EPOLL_CLOEXEC), .us = us };
	unsigned long number[6] = { 0 };

	for (int i = 1; i < 6 && i < argc; i++)
		number[i] = strtoul(argv[i], NULL, 10);
	one = calloc(number[3] + number[4] + number[5] + 1, sizeof *one);
	if (argc != 6 || !us || !one || crowd.epoll < 0) {
		fprintf(stderr, "usage: flashrig_load PORT SECONDS CLIENTS FOLLOWERS DEAF\n");
		return 2;
	}
	crowd.one = one;
	for (unsigned long i = 0; i < number[5]; i++)
		join(&crowd, DEAF, (uint16_t)number[1]);
	for (unsigned long i = 0; i < number[4]; i++)
		join(&crowd, FOLLOWER, (uint16_t)number[1]);
	for (unsigned long i = 0; i < number[3]; i++)
		join(&crowd, CLIENT, (uint16_t)number[1]);
	run(&crowd, now_ns() + number[2] * CLOCK_S);
	report(&crowd);
	return 0;
}
