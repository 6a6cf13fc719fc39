/* The body of a request while it comes: kept whole, or handed on to a sink. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "limits.h"
#include "route.h"
#include "sink.h"

/* Initialise with { 0 } and what of it is known. */
struct body {
	enum route_body kind;
	char *kept; /* owned; BODY_JSON: len bytes and a NUL, NULL when none came */
	size_t len;
	struct body_sink *sink; /* owned; BODY_STREAM */
	uint64_t came;          /* bytes so far, those that were thrown away too */
};

/* Does a sink take it? */
static inline bool body_streams(enum route_body kind)
{
	return kind == BODY_STREAM || kind == BODY_LONG;
}

/* Its Content-Type; NULL for none. ERR_MEDIA_TYPE. */
int body_check_type(enum route_body kind, const char *type, struct err *e) MUST_CHECK;

/* len bytes in all, declared or come; path is for the text. ERR_BAD_INPUT, ERR_TOO_LARGE. */
int body_check_size(enum route_body kind, const struct http_limits *limits, const char *path,
		    uint64_t len, struct err *e) MUST_CHECK;

/* The next bytes, whose size was checked. ERR_MEMORY, and what the sink says. */
int body_take(struct body *body, const struct http_limits *limits, const char *data, size_t len,
	      struct err *e) MUST_CHECK;

/* Gives back all it has: the sink is freed. */
void body_clear(struct body *body);
