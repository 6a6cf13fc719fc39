/*
 * The watchdog: knows every connection and what it is waiting for, cuts those that keep the
 * server waiting, and gives streams their heartbeat. libmicrohttpd's own timeout counts from the
 * last byte, so a client that sends one now and then would stay for ever.
 */
#pragma once

#include <stdint.h>

#include "err.h"
#include "hub.h"
#include "limits.h"

struct watch;
struct watched; /* a connection */

enum watch_phase {
	WATCH_HEAD, /* a request's head is awaited, or comes */
	WATCH_BODY, /* its body comes */
	WATCH_REPLY /* it is our turn: no limit here */
};

/* Starts the thread. limits is copied, hub borrowed. */
struct watch *watch_open(const struct http_limits *limits, struct hub *hub, struct err *e)
	MUST_CHECK;

/* Ends the thread; every connection must be removed. Accepts NULL. */
void watch_close(struct watch *watch);

/* A new connection, in WATCH_HEAD. NULL without memory. */
struct watched *watch_add(struct watch *watch, int fd);

/* Before the descriptor is closed. Accepts NULL. */
void watch_remove(struct watch *watch, struct watched *w);

void watch_enter(struct watch *watch, struct watched *w, enum watch_phase phase);

/* len more bytes of a body have come. */
void watch_body(struct watch *watch, struct watched *w, size_t len);
