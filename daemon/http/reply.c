#include "reply.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auto.h"

/* What is not here is a fault on this side: 500. */
static const struct {
	enum err_code code;
	unsigned status;
} statuses[] = {
	{ ERR_BAD_INPUT, 400 },          { ERR_UNAUTHORIZED, 401 },
	{ ERR_FORBIDDEN, 403 },          { ERR_NOT_FOUND, 404 },
	{ ERR_METHOD_NOT_ALLOWED, 405 }, { ERR_CONFLICT, 409 },
	{ ERR_TOO_LARGE, 413 },          { ERR_MEDIA_TYPE, 415 },
	{ ERR_BAD_RANGE, 416 },          { ERR_WRONG_HOST, 421 },
	{ ERR_UNPROCESSABLE, 422 },      { ERR_TOO_MANY, 429 },
	{ ERR_UNAVAILABLE, 503 },        { ERR_OFFLINE, 503 },
	{ ERR_ARCHIVE_FULL, 503 },       { ERR_IO, 503 },
};

unsigned reply_status_of(enum err_code code)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].code == code)
			return statuses[i].status;
	return 500;
}

void reply_clear(struct reply *reply)
{
	free(reply->text);
	if (reply->source)
		reply->source->free(reply->source);
	reply->kind = REPLY_EMPTY;
	reply->type = NULL;
	reply->text = NULL;
	reply->source = NULL;
	reply->bytes = NULL;
	reply->size = 0;
}

int reply_text(struct reply *reply, unsigned status, const char *type, char *text, struct err *e)
{
	if (!text)
		return err_set(e, ERR_MEMORY, "out of memory for a reply");
	reply->kind = REPLY_TEXT;
	reply->status = status;
	reply->type = type;
	reply->text = text;
	reply->size = strlen(text);
	return 0;
}

void reply_static(struct reply *reply, const char *type, const void *bytes, size_t len)
{
	reply->kind = REPLY_STATIC;
	reply->status = HTTP_OK;
	reply->type = type;
	reply->bytes = bytes;
	reply->size = len;
}

void reply_source(struct reply *reply, unsigned status, const char *type,
		  struct reply_source *source, uint64_t size)
{
	reply->kind = REPLY_SOURCE;
	reply->status = status;
	reply->type = type;
	reply->source = source;
	reply->size = size;
}

void reply_flow(struct reply *reply, const char *type, struct reply_source *source)
{
	reply_source(reply, HTTP_OK, type, source, REPLY_UNKNOWN);
}

void reply_empty(struct reply *reply, unsigned status)
{
	reply->kind = REPLY_EMPTY;
	reply->status = status;
}

void reply_not_modified(struct reply *reply)
{
	reply->status = HTTP_NOT_MODIFIED;
}

void reply_stream(struct reply *reply)
{
	reply->kind = REPLY_STREAM;
	reply->status = HTTP_OK;
	reply->type = "text/event-stream";
	reply_header(reply, "X-Accel-Buffering", "no"); /* nginx would keep events back */
}

void reply_stream_of(struct reply *reply, const char *topic)
{
	reply_stream(reply);
	snprintf(reply->topic, sizeof reply->topic, "%s", topic);
}

static size_t header_at(const struct reply *reply, const char *name)
{
	size_t i = 0;

	while (i < reply->n_headers && strcasecmp(reply->header[i].name, name) != 0)
		i++;
	return i;
}

void reply_header(struct reply *reply, const char *name, const char *fmt, ...)
{
	const size_t at = header_at(reply, name);
	va_list ap;
	int len;

	assert(at < REPLY_HEADERS);
	reply->n_headers += at == reply->n_headers;
	reply->header[at].name = name;
	va_start(ap, fmt);
	len = vsnprintf(reply->header[at].value, REPLY_VALUE, fmt, ap);
	va_end(ap);
	assert(len >= 0 && len < REPLY_VALUE);
	(void)len;
}

const char *reply_header_get(const struct reply *reply, const char *name)
{
	const size_t at = header_at(reply, name);

	return at < reply->n_headers ? reply->header[at].value : NULL;
}
