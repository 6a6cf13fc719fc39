/* The socket that clients come to. */
#pragma once

#include <stdint.h>

#include "err.h"

#define LISTEN_ADDRESS 288 /* bytes of "HOST:PORT", with NUL */

/*
 * Listens on host (a name or an address, IPv6 without brackets; "::" takes IPv4 too) and port (0:
 * any free one); address becomes what it is really, with brackets where needed. ERR_IO names
 * host and port. Blocks for a name server when host is a name. The caller closes the descriptor.
 */
int listen_open(const char *host, uint16_t port, char address[LISTEN_ADDRESS], struct err *e)
	MUST_CHECK;
