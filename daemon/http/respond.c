#include "respond.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "log.h"

#define PAGE_POLICY \
	"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " \
	"frame-ancestors 'none'"

/* What libmicrohttpd reads from; owns the source. */
struct sending {
	struct reply_source *source;
	uint64_t size;
};

static ssize_t sending_next(const struct sending *s, char *buf, size_t max)
{
	size_t got = 0;
	struct err e;

	if (s->source->next(s->source, (uint8_t *)buf, max, &got, &e) < 0) {
		log_error("sending bytes: connection cut: %s", e.text);
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	return got ? (ssize_t)got : MHD_CONTENT_READER_END_OF_STREAM;
}

static ssize_t sending_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	const struct sending *s = cls;

	if (s->size == REPLY_UNKNOWN)
		return sending_next(s, buf, max);

	const size_t len = s->size - pos < max ? (size_t)(s->size - pos) : max;
	struct err e;

	if (len == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (s->source->read(s->source, pos, (uint8_t *)buf, len, &e) < 0) {
		log_error("sending bytes: connection cut: %s", e.text);
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	return (ssize_t)len;
}

static void sending_free(void *cls)
{
	struct sending *s = cls;

	s->source->free(s->source);
	free(s);
}

static struct MHD_Response *make_source(struct reply *reply)
{
	struct sending *s = calloc(1, sizeof *s);
	struct MHD_Response *res;

	if (!s)
		return NULL;
	*s = (struct sending){ .source = reply->source, .size = reply->size };
	static_assert(REPLY_UNKNOWN == MHD_SIZE_UNKNOWN, "both say so in the same way");
	res = MHD_create_response_from_callback(reply->size, REPLY_PIECE, sending_read, s,
						sending_free);
	if (res)
		reply->source = NULL;
	else
		free(s);
	return res;
}

static struct MHD_Response *make_text(struct reply *reply)
{
	struct MHD_Response *res = MHD_create_response_from_buffer((size_t)reply->size, reply->text,
								   MHD_RESPMEM_MUST_FREE);

	if (res)
		reply->text = NULL;
	return res;
}

/* libmicrohttpd takes a pointer to writable bytes, and does not write to them. */
static struct MHD_Response *make_static(const struct reply *reply)
{
	union {
		const void *read;
		void *write;
	} bytes = { .read = reply->bytes ? reply->bytes : "" };

	return MHD_create_response_from_buffer((size_t)reply->size, bytes.write,
					       MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *make(struct reply *reply)
{
	switch (reply->kind) {
	case REPLY_TEXT: return make_text(reply);
	case REPLY_SOURCE: return make_source(reply);
	case REPLY_EMPTY:
	case REPLY_STATIC:
	case REPLY_STREAM: break;
	}
	return make_static(reply);
}

struct MHD_Response *respond_make(struct reply *reply, struct err *e)
{
	struct MHD_Response *res = make(reply);

	if (!res)
		err_set(e, ERR_MEMORY, "out of memory for a reply");
	return res;
}

static bool is_page(const struct reply *reply)
{
	return reply->type && !strncmp(reply->type, "text/html", 9);
}

static bool add_if(struct MHD_Response *res, bool wanted, const char *name, const char *value)
{
	return !wanted || MHD_add_response_header(res, name, value) == MHD_YES;
}

static bool add_own(struct MHD_Response *res, const struct reply *reply)
{
	for (size_t i = 0; i < reply->n_headers; i++)
		if (!add_if(res, true, reply->header[i].name, reply->header[i].value))
			return false;
	return true;
}

int respond_headers(struct MHD_Response *res, const struct reply *reply, struct err *e)
{
	if (add_own(res, reply) && add_if(res, reply->type, "Content-Type", reply->type) &&
	    add_if(res, !reply_header_get(reply, "Cache-Control"), "Cache-Control", "no-store") &&
	    add_if(res, is_page(reply), "Content-Security-Policy", PAGE_POLICY) &&
	    add_if(res, true, "X-Content-Type-Options", "nosniff") &&
	    add_if(res, true, "Referrer-Policy", "no-referrer") &&
	    add_if(res, true, "Cross-Origin-Resource-Policy", "same-origin"))
		return 0;
	return err_set(e, ERR_MEMORY, "out of memory for the headers of a reply");
}
