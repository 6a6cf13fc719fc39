/* Everything that a client can make grow has a limit. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct http_limits {
	size_t json_body;     /* bytes: 413 above */
	uint64_t upload;      /* bytes: 413 above */
	unsigned uploads;     /* at a time, each takes memory: 429 above */
	size_t headers;       /* bytes of a request's head: 431 above */
	unsigned connections; /* then new ones wait to be accepted */
	unsigned per_address; /* connections from one address, then new ones are closed */
	unsigned streams;     /* followers of events: 429 above */
	unsigned errands;     /* requests that take long, and wait for others: 429 above */
	/*
	 * Milliseconds that a connection may take to complete a request's head from its first
	 * byte on, however its bytes trickle in; and how long one is kept that says nothing.
	 */
	unsigned head_ms;
	unsigned idle_s;        /* without any byte moving while a reply is sent */
	unsigned body_rate;     /* bytes a second on average while a body comes; 0: any */
	unsigned body_grace_ms; /* before that is looked at */
	unsigned heartbeat_ms;  /* between comments on a quiet stream */
};

/* The defaults of the contract. */
struct http_limits http_limits_default(void);
