/*
 * Which handler answers which method and path: a const table, searched from its top. A pattern is
 * a path whose segments may be {id} or {other} (a positive integer) or {name} (text, percent-
 * decoded).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define ROUTE_NAME  64 /* bytes of a {name}, with NUL */
#define ROUTE_ALLOW 64 /* bytes of an Allow header, with NUL */

struct reply;
struct request;

enum http_method {
	HTTP_GET, /* HEAD too: the server leaves the body out */
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OTHER /* never in a table */
};

/* "HEAD" gives HTTP_GET. Case counts, as the standard says. */
enum http_method http_method_parse(const char *name);

/* "GET"; "" for HTTP_OTHER. */
const char *http_method_name(enum http_method method);

/* What a client must be allowed to do. */
enum scope { SCOPE_NONE, SCOPE_READ, SCOPE_OPERATE, SCOPE_ADMIN };

/* "read"; "" for SCOPE_NONE. */
const char *scope_name(enum scope scope);

enum route_body {
	BODY_NONE,   /* a body is ERR_BAD_INPUT */
	BODY_JSON,   /* bytes up to the limit for JSON; their Content-Type, if any, must be JSON */
	BODY_STREAM, /* bytes up to the limit for uploads, of any type but a form: see sink.h */
	BODY_LONG    /* the same without a limit: its sink has one for each part of them */
};

struct route {
	enum http_method method;
	const char *pattern; /* "/api/v1/jobs/{id}" */
	/* Fills reply, or with BODY_STREAM and _LONG req->sink; -1 with *e becomes the error reply. Runs in
	 * a thread of the server, or of its errands. */
	int (*handler)(struct request *req, struct reply *reply, struct err *e);
	enum scope scope;
	enum route_body body;
	const char *query; /* the parameters it knows, separated by spaces; NULL: none */
};

struct route_table {
	const struct route *routes;
	size_t n;
};

/* What stood in the place of {id}, {other} and {name}; 0 and "" where the pattern has none. */
struct route_args {
	int64_t id, other;
	char name[ROUTE_NAME];
};

/* True when the path (still percent-encoded, without query) is one of the pattern's; fills *args. */
bool route_match(const char *pattern, const char *path, struct route_args *args);

/* The route and its args; NULL with ERR_NOT_FOUND or ERR_METHOD_NOT_ALLOWED. */
const struct route *route_find(const struct route_table *table, enum http_method method,
			       const char *path, struct route_args *args, struct err *e) MUST_CHECK;

/* The value for an Allow header: the methods that the path takes, "" for a path that is none. */
void route_allow(const struct route_table *table, const char *path, char allow[ROUTE_ALLOW]);
