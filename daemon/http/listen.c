#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "auto.h"

#define BACKLOG 128

static void auto_addrinfo(struct addrinfo **ai)
{
	if (*ai)
		freeaddrinfo(*ai);
}

static void address_text(const char *host, const char *port, char address[LISTEN_ADDRESS])
{
	snprintf(address, LISTEN_ADDRESS, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static int fail(const char *address, int error, struct err *e)
{
	char why[128];

	if (error == EADDRINUSE)
		return err_set(e, ERR_IO,
			       "listening on %s: address already in use: is another flashrigd "
			       "running?",
			       address);
	return err_set(e, ERR_IO, "listening on %s: %s", address,
		       strerror_r(error, why, sizeof why));
}

/* Restarted right after a stop the address is still held by old connections: SO_REUSEADDR. */
static int bind_and_listen(int fd, const struct addrinfo *ai)
{
	const int on = 1, off = 0;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	return bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 ? -1 : listen(fd, BACKLOG);
}

static int real_address(int fd, char address[LISTEN_ADDRESS])
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;
	char host[LISTEN_ADDRESS - 16], port[8];

	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	if (getnameinfo((struct sockaddr *)&sa, len, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return -1;
	address_text(host, port, address);
	return 0;
}

/* Hands the descriptor to the caller and leaves nothing to close. */
static int take(int *fd)
{
	const int taken = *fd;

	*fd = -1;
	return taken;
}

int listen_open(const char *host, uint16_t port, char address[LISTEN_ADDRESS], struct err *e)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
					.ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM };
	AUTO(auto_addrinfo) struct addrinfo *ai = NULL;
	AUTO(auto_close) int fd = -1;
	char service[8], wanted[LISTEN_ADDRESS];
	int rc;

	snprintf(service, sizeof service, "%u", port);
	address_text(host, service, wanted);
	rc = getaddrinfo(host, service, &hints, &ai);
	if (rc != 0)
		return err_set(e, ERR_IO, "listening on %s: %s", wanted, gai_strerror(rc));
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind_and_listen(fd, ai) != 0 || real_address(fd, address) != 0)
		return fail(wanted, errno, e);
	return take(&fd);
}
