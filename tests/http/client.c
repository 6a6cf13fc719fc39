#include "client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int client_connect(const char *address)
{
	const char *port = strrchr(address, ':') + 1;
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons((uint16_t)atoi(port)) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_addr = in6addr_loopback,
				   .sin6_port = v4.sin_port };
	const bool is_v6 = address[0] == '[';
	const int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct sockaddr *sa = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;

	if (fd < 0 || connect(fd, sa, is_v6 ? sizeof v6 : sizeof v4) == 0)
		return fd;
	close(fd);
	return -1;
}

bool client_send(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

bool client_say(int fd, const char *text)
{
	return client_send(fd, text, strlen(text));
}

int client_read(int fd, char *buf, size_t max, int ms, size_t *n)
{
	*n = 0;
	while (*n < max) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (poll(&p, 1, ms) != 1)
			return -1;
		got = recv(fd, buf + *n, max - *n, 0);
		if (got <= 0)
			return 0;
		*n += (size_t)got;
	}
	return 0;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

bool client_expect(int fd, char *buf, size_t size, const char *text, int ms)
{
	const long long until = now_ms() + ms;
	size_t len = 0;

	buf[0] = '\0';
	while (!strstr(buf, text)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		const long long left = until - now_ms();
		ssize_t got;

		if (left <= 0 || len + 1 >= size || poll(&p, 1, (int)left) != 1)
			return false;
		got = recv(fd, buf + len, size - 1 - len, 0);
		if (got <= 0)
			return false;
		len += (size_t)got;
		buf[len] = '\0';
	}
	return true;
}

bool client_sees_end(int fd, int ms)
{
	const long long until = now_ms() + ms;
	char bin[4096];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		const long long left = until - now_ms();

		if (left <= 0 || poll(&p, 1, (int)left) != 1)
			return false;
		if (recv(fd, bin, sizeof bin, 0) <= 0)
			return true;
	}
}
