/* A server with a small app behind it, on a free port of the loopback address. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "server.h"

struct fixture {
	struct http_app app; /* first: the handlers find the fixture by it */
	struct hub *hub;
	struct http_server *server;
	const char *address;
	atomic_uint freed;     /* sources that were given back */
	atomic_uint snapshots; /* that were made */
	bool closed_door;      /* authorize says no */
	atomic_uint entered;   /* GET /long, which takes until let_go */
	atomic_bool let_go;
	struct fixture_upload {
		atomic_uint opened, finished, freed; /* sinks */
		atomic_ullong bytes;                 /* that came, of all uploads */
		unsigned long long damaged_at;       /* then the sink fails; 0: never */
	} upload;
};

/* limits NULL: the defaults. */
int fixture_open(struct fixture *f, const struct http_limits *limits, struct err *e) MUST_CHECK;
int fixture_open_host(struct fixture *f, const char *host, struct err *e) MUST_CHECK;
int fixture_open_tls(struct fixture *f, const char *cert, const char *key, struct err *e)
	MUST_CHECK;
void fixture_close(struct fixture *f);

/* Sends a request, ends it with "Connection: close" and an empty line, and reads the whole reply. */
bool fixture_ask(struct fixture *f, const char *request, char *reply, size_t size);

/* The status of a reply; 0 when it is none. */
int fixture_status(const char *reply);

/* Its body. */
const char *fixture_body(const char *reply);
