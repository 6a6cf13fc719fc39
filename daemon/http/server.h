/*
 * The HTTP server: connections, limits, who may ask, and the way from a request to the handler in
 * the route table and back. What is answered is the app's business.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "hub.h"
#include "limits.h"
#include "reply.h"
#include "request.h"
#include "route.h"

/* What answers. First member of the app's own struct; the functions run in threads of the server. */
struct http_app {
	struct route_table table;
	struct hub *hub; /* whose events streams follow; closed by http_server_close() */

	/* The body of an error reply, as JSON, from malloc; NULL without memory. */
	char *(*error_body)(struct http_app *app, const struct err *e);

	/* How things are now, one line of JSON from malloc: the first event of a stream. */
	int (*snapshot)(struct http_app *app, char **text, struct err *e);

	/* The same of a stream of one topic: what is kept of it. NULL: there are no topics. */
	int (*recent)(struct http_app *app, const char *topic, char **text, struct err *e);

	/* ERR_UNAUTHORIZED, ERR_FORBIDDEN or ERR_TOO_MANY when the request lacks the scope; asked
	 * for every route that needs one. With ERR_FORBIDDEN *granted says whose it is. NULL:
	 * everything is allowed. */
	int (*authorize)(struct http_app *app, const struct request *req, enum scope needed,
			 struct grant *granted, struct err *e);

	/* False ends a stream: what it was granted is no longer. Asked at most once a second for
	 * each stream, before something is said. NULL: it always is. */
	bool (*still_granted)(struct http_app *app, const struct grant *granted);

	/* True when the handler takes long: it runs in a thread for such, where nobody else waits
	 * for it. NULL: none does. */
	bool (*takes_long)(const struct request *req);

	/* Told of every request, right before its reply goes out; why is that of an error, NULL
	 * without one. Must not block. NULL: nobody is. */
	void (*answered)(struct http_app *app, const struct request *req, const struct reply *reply,
			 const struct err *why);
};

struct http_config {
	const char *host; /* a name or an address to listen on, IPv6 without brackets */
	uint16_t port;    /* 0: any free one */
	const char *const *names;
	size_t n_names;                 /* further host names that clients may use */
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
	const char *const *proxies;
	size_t n_proxies; /* addresses of proxies that are believed: see forwarded.h */
	struct http_limits limits;
};

struct http_server;

/* Tries what a server does with the two files, without one. ERR_BAD_INPUT, as tls_open(). */
int http_check_tls(const char *cert, const char *key, struct err *e) MUST_CHECK;

/*
 * Listens and answers, with threads of its own, from before this returns. app is borrowed. ERR_IO
 * names host and port when they cannot be had, ERR_BAD_INPUT what is wrong with a file for TLS.
 */
struct http_server *http_server_open(const struct http_config *config, struct http_app *app,
				     struct err *e) MUST_CHECK;

/* "127.0.0.1:8471": where it really listens. */
const char *http_server_address(const struct http_server *server);

/* Closes the hub, ends streams and connections; a handler that runs ends first. Accepts NULL. */
void http_server_close(struct http_server *server);
