#include "body.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auto.h"

/* Is it this type, whatever its parameters? */
static bool is_type(const char *type, const char *name)
{
	const size_t len = strlen(name);

	return !strncasecmp(type, name, len) && strchr("; \t", type[len]) != NULL; /* its NUL too */
}

static int check_json(const char *type, struct err *e)
{
	if (is_type(type, "application/json"))
		return 0;
	err_set(e, ERR_MEDIA_TYPE, "the body is \"%.80s\"", type);
	return err_hint(e, "Send JSON, with Content-Type: application/json.");
}

/* Forms wrap the bytes in text of their own, which would be stored with them. */
static int check_stream(const char *type, struct err *e)
{
	static const char *const forms[] = { "multipart/form-data",
					     "application/x-www-form-urlencoded" };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (!is_type(type, forms[i]))
			continue;
		err_set(e, ERR_MEDIA_TYPE, "the body is \"%.80s\"", type);
		return err_hint(e, "Send the bytes themselves as the body, with Content-Type: "
				   "application/octet-stream (curl --data-binary @FILE -H ...).");
	}
	return 0;
}

int body_check_type(enum route_body kind, const char *type, struct err *e)
{
	if (!type)
		return 0;
	switch (kind) {
	case BODY_NONE: break;
	case BODY_JSON: return check_json(type, e);
	case BODY_STREAM:
	case BODY_LONG: return check_stream(type, e);
	}
	return 0;
}

static uint64_t size_max(enum route_body kind, const struct http_limits *limits)
{
	if (kind == BODY_LONG)
		return UINT64_MAX;
	return kind == BODY_STREAM ? limits->upload : limits->json_body;
}

int body_check_size(enum route_body kind, const struct http_limits *limits, const char *path,
		    uint64_t len, struct err *e)
{
	const uint64_t max = size_max(kind, limits);

	if (len > 0 && kind == BODY_NONE)
		return err_set(e, ERR_BAD_INPUT, "a request to %s takes no body", path);
	if (len <= max)
		return 0;
	err_set(e, ERR_TOO_LARGE, "the body is larger than %llu bytes", (unsigned long long)max);
	return kind == BODY_STREAM ? err_hint(e, "The limit is max_upload in [http].") : -1;
}

static int keep(struct body *body, size_t max, const char *data, size_t len, struct err *e)
{
	if (!body->kept)
		body->kept = malloc(max + 1);
	if (!body->kept)
		return err_set(e, ERR_MEMORY, "out of memory for the body of a request");
	memcpy(body->kept + body->len, data, len);
	body->len += len;
	body->kept[body->len] = '\0';
	return 0;
}

int body_take(struct body *body, const struct http_limits *limits, const char *data, size_t len,
	      struct err *e)
{
	if (body_streams(body->kind)) {
		assert(body->sink);
		return body->sink->write(body->sink, data, len, e);
	}
	return keep(body, limits->json_body, data, len, e);
}

void body_clear(struct body *body)
{
	if (body->sink)
		body->sink->free(body->sink);
	body->sink = NULL;
	free(TAKE(body->kept));
	body->len = 0;
}
