/* What a client asks: a method, a path, a query, headers, and perhaps a body. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "route.h"
#include "sink.h"
#include "uri.h"

struct http_app;

/* What a client may do, and which token of the archive allows it; 0: none is needed. */
struct grant {
	enum scope scope;
	int64_t token;
};

#define REQUEST_WHAT 128 /* bytes, with NUL */

/* Everything is borrowed from the server until the handler returns. */
struct request {
	struct http_app *app;
	enum http_method method;
	bool head;                 /* HEAD: only the headers of the reply will be sent */
	const char *path;          /* as it came, without the query */
	const char *peer;          /* whose request it is: see peer.h */
	bool secure;               /* it came by TLS, to us or to a proxy that is believed */
	const struct route *route; /* NULL: there is none */
	uint64_t started_ns;       /* on the real clock: when its head was complete */
	struct grant grant; /* at least the scope of the route; all zero where that is SCOPE_NONE */
	char what[REQUEST_WHAT]; /* what it did, in words: request_note() */
	struct route_args args;
	struct query query;
	const char *body; /* body_len bytes, and a NUL after them */
	size_t body_len;
	struct body_sink *sink; /* BODY_STREAM: set by the handler; the server takes it */
	/* The value of a header, NULL when it was not sent. Use request_header(). */
	const char *(*header)(const struct request *req, const char *name);
};

const char *request_header(const struct request *req, const char *name);

/*
 * For the audit log, from a handler: "job 7: backup in slot left". Nothing secret, and no text of a
 * client that was not checked. A request that notes something is logged, whatever its method.
 */
void request_note(struct request *req, const char *fmt, ...) PRINTF(2, 3);

/* A parameter of the query; NULL when it was not given. */
const char *request_query(const struct request *req, const char *name);

/*
 * The same as a number, decimal or 0x..., from min to max; *out is left as it is when the
 * parameter was not given. ERR_BAD_INPUT.
 */
int request_query_int(const struct request *req, const char *name, int64_t min, int64_t max,
		      int64_t *out, struct err *e) MUST_CHECK;
