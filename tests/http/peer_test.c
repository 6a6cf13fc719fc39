#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "check.h"

static bool is_4(const char *address, const char *wanted)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	char text[PEER_TEXT];

	inet_pton(AF_INET, address, &in.sin_addr);
	peer_text((const struct sockaddr *)&in, text);
	return !strcmp(text, wanted);
}

static bool is_6(const char *address, const char *wanted)
{
	struct sockaddr_in6 in = { .sin6_family = AF_INET6 };
	char text[PEER_TEXT];

	inet_pton(AF_INET6, address, &in.sin6_addr);
	peer_text((const struct sockaddr *)&in, text);
	return !strcmp(text, wanted);
}

static void ipv4_counts_as_a_whole(void)
{
	CHECK(is_4("192.0.2.7", "192.0.2.7"));
	CHECK(is_6("::ffff:192.0.2.7", "192.0.2.7"));
}

static void ipv6_counts_by_its_network(void)
{
	CHECK(is_6("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"));
	CHECK(is_6("::1", "::"));
}

static void what_is_neither_has_a_name_too(void)
{
	const struct sockaddr other = { .sa_family = AF_UNIX };
	char text[PEER_TEXT];

	peer_text(NULL, text);
	CHECK(!strcmp(text, "?"));
	peer_text(&other, text);
	CHECK(!strcmp(text, "?"));
}

static const struct check all[] = {
	{ "IPv4 counts as a whole", ipv4_counts_as_a_whole },
	{ "IPv6 counts by its network", ipv6_counts_by_its_network },
	{ "what is neither has a name too", what_is_neither_has_a_name_too },
};
CHECK_MAIN(all)
