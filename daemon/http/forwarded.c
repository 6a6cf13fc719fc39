#include "forwarded.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static struct in6_addr mapped(struct in_addr v4)
{
	struct in6_addr v6 = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(&v6.s6_addr[12], &v4, sizeof v4);
	return v6;
}

/* "192.0.2.7", "2001:db8::1", also with a port: "192.0.2.7:1234", "[2001:db8::1]:1234". */
static bool parse(const char *text, size_t len, struct in6_addr *address)
{
	char host[INET6_ADDRSTRLEN + 8];
	char *at = host;
	struct in_addr v4;

	if (len == 0 || len >= sizeof host)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (*at == '[') {
		at++;
		at[strcspn(at, "]")] = '\0';
	} else if (strchr(at, ':') == strrchr(at, ':')) { /* one colon: not IPv6 */
		at[strcspn(at, ":")] = '\0';
	}
	if (inet_pton(AF_INET6, at, address) == 1)
		return true;
	if (inet_pton(AF_INET, at, &v4) != 1)
		return false;
	*address = mapped(v4);
	return true;
}

int forwarders_init(struct forwarders *f, const char *const *addresses, size_t n, struct err *e)
{
	*f = (struct forwarders){ .address = calloc(n + 1, sizeof *f->address) };
	if (!f->address)
		return err_set(e, ERR_MEMORY, "proxies: out of memory");
	for (; f->n < n; f->n++)
		if (!parse(addresses[f->n], strlen(addresses[f->n]), &f->address[f->n]))
			return err_set(e, ERR_BAD_INPUT, "proxy: \"%.80s\" is no address",
				       addresses[f->n]);
	return 0;
}

void forwarders_done(struct forwarders *f)
{
	free(f->address);
	*f = (struct forwarders){ 0 };
}

bool forwarders_have(const struct forwarders *f, const struct sockaddr *peer)
{
	struct in6_addr address;

	if (!peer || (peer->sa_family != AF_INET && peer->sa_family != AF_INET6))
		return false;
	if (peer->sa_family == AF_INET)
		address = mapped(((const struct sockaddr_in *)(const void *)peer)->sin_addr);
	else
		address = ((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
	for (size_t i = 0; i < f->n; i++)
		if (IN6_ARE_ADDR_EQUAL(&f->address[i], &address))
			return true;
	return false;
}

bool forwarded_peer(const char *value, char peer[PEER_TEXT])
{
	const char *comma = strrchr(value, ',');
	const char *last = comma ? comma + 1 : value;
	struct sockaddr_in6 client = { .sin6_family = AF_INET6 };

	last += strspn(last, " \t");
	if (!parse(last, strcspn(last, " \t"), &client.sin6_addr))
		return false;
	peer_text((const struct sockaddr *)&client, peer);
	return true;
}
