#include "request.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "parse.h"

const char *request_header(const struct request *req, const char *name)
{
	return req->header(req, name);
}

void request_note(struct request *req, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(req->what, sizeof req->what, fmt, ap);
	va_end(ap);
}

const char *request_query(const struct request *req, const char *name)
{
	return query_get(&req->query, name);
}

int request_query_int(const struct request *req, const char *name, int64_t min, int64_t max,
		      int64_t *out, struct err *e)
{
	const char *text = request_query(req, name);
	uint64_t value;

	if (!text)
		return 0;
	if (parse_u64(text, (uint64_t)max, &value) < 0 || (int64_t)value < min)
		return err_set(e, ERR_BAD_INPUT,
			       "query: %s must be a number from %" PRId64 " to %" PRId64, name, min,
			       max);
	*out = (int64_t)value;
	return 0;
}
