#include "host.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auto.h"

static void add(struct host_names *names, const char *name)
{
	snprintf(names->name[names->n++], HOST_NAME, "%s", name);
}

static void add_machine(struct host_names *names)
{
	char machine[HOST_NAME - 8] = "";
	char with_local[HOST_NAME];

	if (gethostname(machine, sizeof machine - 1) != 0 || !machine[0])
		return;
	add(names, machine);
	machine[strcspn(machine, ".")] = '\0';
	add(names, machine);
	snprintf(with_local, sizeof with_local, "%s.local", machine);
	add(names, with_local);
}

int host_names_init(struct host_names *names, const char *listen, const char *const *extra,
		    size_t n, struct err *e)
{
	*names = (struct host_names){ .name = calloc(n + 5, HOST_NAME) };
	if (!names->name)
		return err_set(e, ERR_MEMORY, "host names: out of memory");
	add(names, "localhost");
	add(names, listen);
	add_machine(names);
	for (size_t i = 0; i < n; i++)
		add(names, extra[i]);
	return 0;
}

void host_names_done(struct host_names *names)
{
	free(names->name);
	*names = (struct host_names){ 0 };
}

static bool is_port(const char *text)
{
	return strspn(text, "0123456789") == strlen(text);
}

int host_of_authority(const char *authority, char host[HOST_NAME])
{
	const bool bracketed = *authority == '[';
	const char *name = authority + bracketed;
	size_t len = strcspn(name, bracketed ? "]" : ":");
	const char *rest = name + len;

	if (bracketed && *rest++ != ']')
		return -1;
	if ((*rest != '\0' && *rest != ':') || !is_port(rest + (*rest == ':')))
		return -1;
	if (len > 0 && name[len - 1] == '.' && !bracketed)
		len--;
	if (len == 0 || len >= HOST_NAME)
		return -1;
	memcpy(host, name, len);
	host[len] = '\0';
	return 0;
}

struct address {
	int family; /* 0: none */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

static struct address address_parse(const char *text)
{
	struct address a = { 0 };

	if (inet_pton(AF_INET, text, &a.v4) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a.v6) == 1)
		a.family = AF_INET6;
	return a;
}

static bool address_is(const struct address *a, const struct sockaddr *sa)
{
	if (!sa || sa->sa_family != a->family)
		return false;
	if (a->family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr ==
		       a->v4.s_addr;
	return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
				  &a->v6);
}

static void auto_ifaddrs(struct ifaddrs **all)
{
	if (*all)
		freeifaddrs(*all);
}

/* Asked anew each time: addresses come and go with cables and leases. */
static bool is_address_of_machine(const char *host)
{
	const struct address a = address_parse(host);
	AUTO(auto_ifaddrs) struct ifaddrs *all = NULL;

	if (!a.family || getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next)
		if (address_is(&a, i->ifa_addr))
			return true;
	return false;
}

static bool is_loopback(const char *host)
{
	const struct address a = address_parse(host);

	return (a.family == AF_INET && a.v4.s_addr == htonl(INADDR_LOOPBACK)) ||
	       (a.family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&a.v6));
}

bool host_allowed(const struct host_names *names, const char *authority)
{
	char host[HOST_NAME];

	if (host_of_authority(authority, host) < 0)
		return false;
	for (size_t i = 0; i < names->n; i++)
		if (!strcasecmp(names->name[i], host))
			return true;
	return is_loopback(host) || is_address_of_machine(host);
}

bool origin_allowed(const char *origin, const char *authority)
{
	const char *host;

	if (!origin)
		return true;
	host = strstr(origin, "://");
	return host && !strcasecmp(host + 3, authority);
}
