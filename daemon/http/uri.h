/* Pieces of a request line: percent-encoding and the query. Works in place, on a copy of the URI. */
#pragma once

#include <stddef.h>

#include "err.h"

#define QUERY_MAX 16 /* parameters in one query */

/*
 * Decodes %41 in text; -1 when a % is not followed by two hex digits, or when the result would
 * hold a NUL. plus_is_space: as in queries, not in paths.
 */
enum uri_plus { URI_PLUS_IS_PLUS, URI_PLUS_IS_SPACE };
int uri_decode(char *text, enum uri_plus plus) MUST_CHECK;

struct query {
	size_t n;
	struct {
		const char *name, *value; /* borrowed from the text that was parsed */
	} item[QUERY_MAX];
};

/* "slot=left&limit=5": cuts text into pieces. ERR_BAD_INPUT for broken encoding, a name that comes twice, too many. */
int query_parse(char *text, struct query *query, struct err *e) MUST_CHECK;

/* The value; "" when it was given without one, NULL when it was not given. */
const char *query_get(const struct query *query, const char *name);

/* ERR_BAD_INPUT when there is a parameter whose name is not among known, which holds names separated by spaces. */
int query_check_known(const struct query *query, const char *known, struct err *e) MUST_CHECK;
