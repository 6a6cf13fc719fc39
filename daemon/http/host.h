/*
 * Which names this daemon answers to. A page of another site that has its own name point to this
 * machine (DNS rebinding) sends that name as Host, and is refused.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define HOST_NAME 256 /* bytes, with NUL */

struct host_names {
	char (*name)[HOST_NAME];
	size_t n;
};

/*
 * localhost, the address it listens on, the machine's host name, that name without domain and
 * with ".local", and the n names of extra. ERR_MEMORY.
 */
int host_names_init(struct host_names *names, const char *listen, const char *const *extra,
		    size_t n, struct err *e) MUST_CHECK;
void host_names_done(struct host_names *names);

/* The host of "name:80", "[::1]:80" or "name", without brackets and final dot; -1 when it is none. */
int host_of_authority(const char *authority, char host[HOST_NAME]) MUST_CHECK;

/* True when the value of a Host header is one of the names, or an address this machine has now. */
bool host_allowed(const struct host_names *names, const char *authority);

/* True when there is no Origin, or when it is the page of this very Host. */
bool origin_allowed(const char *origin, const char *authority);
