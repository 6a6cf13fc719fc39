/* Who is at the other end of a connection, as the text under which it is counted. */
#pragma once

#include <sys/socket.h>

#define PEER_TEXT 48 /* bytes, with NUL */

/*
 * "192.0.2.7"; of an IPv6 address the first 64 bits, "2001:db8:1:2::", because a client has all of
 * the others to itself. "?" for what is neither.
 */
void peer_text(const struct sockaddr *address, char text[PEER_TEXT]);
