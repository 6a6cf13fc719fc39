#include "forwarded.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "auto.h"
#include "check.h"

static struct err e;

static void last_address_is_the_client(void)
{
	static const struct {
		const char *value, *peer;
	} cases[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "198.51.100.1, 192.0.2.7", "192.0.2.7" },
		{ "made up, 192.0.2.7 ", "192.0.2.7" },
		{ "198.51.100.1,192.0.2.7:4711", "192.0.2.7" },
		{ "2001:db8:1:2:3::4", "2001:db8:1:2::" },
		{ "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
	};
	char peer[PEER_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(forwarded_peer(cases[i].value, peer));
		CHECK(!strcmp(peer, cases[i].peer));
	}
}

static void what_is_no_address_changes_nothing(void)
{
	static const char *const cases[] = {
		"",
		" ",
		",",
		"192.0.2.7,",
		"192.0.2.7, ",
		"unknown",
		"192.0.2",
		"192.0.2.7.8",
		"[]:1",
		"192.0.2.7/24",
		"_hidden",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999",
		"00000000000000000000000000000000000000000000000000000000000000000000000",
	};
	char peer[PEER_TEXT] = "as it was";

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(!forwarded_peer(cases[i], peer) && !strcmp(peer, "as it was"));
}

static bool has(const struct forwarders *f, const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return forwarders_have(f, (struct sockaddr *)&v4);
	return inet_pton(AF_INET6, text, &v6.sin6_addr) == 1 &&
	       forwarders_have(f, (struct sockaddr *)&v6);
}

static void only_listed_addresses_are_believed(void)
{
	AUTO(forwarders_done) struct forwarders f;
	const char *const listed[] = { "192.0.2.1", "2001:db8::1" };

	CHECK_OK(forwarders_init(&f, listed, 2, &e), e);
	CHECK(has(&f, "192.0.2.1") && has(&f, "::ffff:192.0.2.1") && has(&f, "2001:db8::1"));
	CHECK(!has(&f, "192.0.2.2") && !has(&f, "2001:db8::2") && !has(&f, "::1"));
	CHECK(!forwarders_have(&f, NULL));
}

static void nobody_is_believed_without_a_list(void)
{
	AUTO(forwarders_done) struct forwarders f;

	CHECK_OK(forwarders_init(&f, NULL, 0, &e), e);
	CHECK(!has(&f, "127.0.0.1") && !has(&f, "::"));
}

static void listed_nonsense_is_named(void)
{
	AUTO(forwarders_done) struct forwarders f;
	const char *const listed[] = { "192.0.2.1", "proxy.example" };

	CHECK(forwarders_init(&f, listed, 2, &e) < 0 && e.code == ERR_BAD_INPUT);
	CHECK(strstr(e.text, "proxy.example"));
}

static const struct check all[] = {
	{ "the last address is the client", last_address_is_the_client },
	{ "what is no address changes nothing", what_is_no_address_changes_nothing },
	{ "only listed addresses are believed", only_listed_addresses_are_believed },
	{ "nobody is believed without a list", nobody_is_believed_without_a_list },
	{ "listed nonsense is named", listed_nonsense_is_named },
};
CHECK_MAIN(all)
