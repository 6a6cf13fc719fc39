/*
 * What a reverse proxy says of the client behind it. Only of a proxy whose address is in the
 * configuration is it believed: anybody can send these headers.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "peer.h"

/* The addresses that are believed. */
struct forwarders {
	struct in6_addr *address; /* IPv4 as ::ffff:192.0.2.7 */
	size_t n;
};

/* ERR_BAD_INPUT names what is no address. */
int forwarders_init(struct forwarders *f, const char *const *addresses, size_t n, struct err *e)
	MUST_CHECK;
void forwarders_done(struct forwarders *f);

/* True for one of them; NULL is none. */
bool forwarders_have(const struct forwarders *f, const struct sockaddr *peer);

/*
 * The client in the value of an X-Forwarded-For header: its last address, which is the one that the
 * proxy itself has seen. False, and peer as it was, when it is none.
 */
bool forwarded_peer(const char *value, char peer[PEER_TEXT]);
