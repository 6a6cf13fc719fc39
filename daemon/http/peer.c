#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void text_of_6(struct in6_addr address, char text[PEER_TEXT])
{
	if (IN6_IS_ADDR_V4MAPPED(&address)) {
		inet_ntop(AF_INET, &address.s6_addr[12], text, PEER_TEXT);
		return;
	}
	memset(&address.s6_addr[8], 0, 8);
	inet_ntop(AF_INET6, &address, text, PEER_TEXT);
}

void peer_text(const struct sockaddr *address, char text[PEER_TEXT])
{
	snprintf(text, PEER_TEXT, "?");
	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text,
			  PEER_TEXT);
	if (address && address->sa_family == AF_INET6)
		text_of_6(((const struct sockaddr_in6 *)address)->sin6_addr, text);
}
