/* Parameters of a query that are more than numbers (request.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "request.h"

/*
 * A text that will be stored; out is "" when it was not given. ERR_BAD_INPUT when it is no UTF-8,
 * has control characters, or does not fit into size bytes with its NUL.
 */
int param_text(const struct request *req, const char *name, char *out, size_t size, struct err *e)
	MUST_CHECK;

enum param_case { PARAM_UPPER, PARAM_LOWER };

/* min to max hex digits, brought to the case in which they are stored; out (max + 1 bytes) is "" when it was not given. */
struct param_hex {
	const char *name;
	size_t min, max;
	enum param_case to;
};
int param_hex(const struct request *req, const struct param_hex *param, char *out, struct err *e)
	MUST_CHECK;

/* "1", or "0", which is what it is when it was not given. */
int param_flag(const struct request *req, const char *name, bool *on, struct err *e) MUST_CHECK;

/*
 * A moment, "2026-11-22T10:35:24Z" (or .123Z), or a day, "2026-11-22", which is its first moment,
 * both in UTC: milliseconds since 1970; not touched when it was not given. ERR_BAD_INPUT.
 */
bool param_parse_time(const char *text, int64_t *wall_ms);
int param_time(const struct request *req, const char *name, int64_t *wall_ms, struct err *e)
	MUST_CHECK;
