#include <arpa/inet.h>
#include <string.h>

#include "config.h"
#include "parse.h"
#include "text.h"

/* The host without its brackets; -1 when it can be none. */
static int host_parse(const char *text, size_t len, char host[256])
{
	const bool bracketed = len > 2 && text[0] == '[' && text[len - 1] == ']';
	struct in6_addr address;

	text += bracketed;
	len -= bracketed ? 2 : 0;
	if (len == 0 || len >= 256)
		return -1;
	memcpy(host, text, len);
	host[len] = '\0';
	if (bracketed)
		return inet_pton(AF_INET6, host, &address) == 1 ? 0 : -1;
	return strspn(host, TEXT_NAME_CHARS) == len ? 0 : -1;
}

int config_listen_parse(const char *text, struct config_listen *listen, struct err *e)
{
	const char *colon = strrchr(text, ':');
	struct config_listen parsed;
	char quoted[TEXT_QUOTED];
	uint64_t port;

	text_quote(text, quoted);
	if (!colon || host_parse(text, (size_t)(colon - text), parsed.host) < 0)
		return err_set(e, ERR_BAD_INPUT,
			       "%s is no HOST:PORT such as 0.0.0.0:8471 or [::1]:8471", quoted);
	if (parse_u64(colon + 1, UINT16_MAX, &port) < 0)
		return err_set(e, ERR_BAD_INPUT, "%s has no port from 0 to 65535", quoted);
	parsed.port = (uint16_t)port;
	*listen = parsed;
	return 0;
}
