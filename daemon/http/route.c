#include "route.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "parse.h"
#include "uri.h"

static const char *const methods[] = {
	[HTTP_GET] = "GET",     [HTTP_POST] = "POST",     [HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
};

enum http_method http_method_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (!strcmp(methods[i], name))
			return (enum http_method)i;
	return strcmp(name, "HEAD") != 0 ? HTTP_OTHER : HTTP_GET;
}

const char *http_method_name(enum http_method method)
{
	return method < HTTP_OTHER ? methods[method] : "";
}

const char *scope_name(enum scope scope)
{
	static const char *const names[] = {
		[SCOPE_NONE] = "",
		[SCOPE_READ] = "read",
		[SCOPE_OPERATE] = "operate",
		[SCOPE_ADMIN] = "admin",
	};

	return names[scope];
}

/* Ids are written in one way only: 7, not 07, 0x7 or +7. */
static bool take_id(const char *text, int64_t *id)
{
	uint64_t value;

	if (text[0] < '1' || text[0] > '9' || strspn(text, "0123456789") != strlen(text) ||
	    parse_u64(text, INT64_MAX, &value) < 0)
		return false;
	*id = (int64_t)value;
	return true;
}

static bool take_name(const char *text, char name[ROUTE_NAME])
{
	snprintf(name, ROUTE_NAME, "%s", text);
	return *text && uri_decode(name, URI_PLUS_IS_PLUS) == 0;
}

/* One segment, len bytes at path, against what the pattern has there. */
static bool segment_match(const char *pattern, size_t pattern_len, const char *path, size_t len,
			  struct route_args *args)
{
	char text[ROUTE_NAME];

	if (*pattern != '{')
		return pattern_len == len && !strncmp(pattern, path, len);
	if (len >= sizeof text)
		return false;
	memcpy(text, path, len);
	text[len] = '\0';
	if (!strncmp(pattern, "{id}", 4))
		return take_id(text, &args->id);
	if (!strncmp(pattern, "{other}", 7))
		return take_id(text, &args->other);
	return take_name(text, args->name);
}

bool route_match(const char *pattern, const char *path, struct route_args *args)
{
	*args = (struct route_args){ 0 };
	while (*pattern == '/' && *path == '/') {
		const size_t pattern_len = strcspn(++pattern, "/"), len = strcspn(++path, "/");

		if (!segment_match(pattern, pattern_len, path, len, args))
			return false;
		pattern += pattern_len;
		path += len;
	}
	return *pattern == '\0' && *path == '\0';
}

void route_allow(const struct route_table *table, const char *path, char allow[ROUTE_ALLOW])
{
	struct route_args args;
	size_t at = 0;

	allow[0] = '\0';
	for (size_t i = 0; i < table->n && at < ROUTE_ALLOW; i++) {
		const struct route *r = &table->routes[i];

		if (route_match(r->pattern, path, &args))
			at += (size_t)snprintf(allow + at, ROUTE_ALLOW - at, "%s%s%s",
					       at ? ", " : "", methods[r->method],
					       r->method == HTTP_GET ? ", HEAD" : "");
	}
}

const struct route *route_find(const struct route_table *table, enum http_method method,
			       const char *path, struct route_args *args, struct err *e)
{
	bool exists = false;

	for (size_t i = 0; i < table->n; i++) {
		const struct route *r = &table->routes[i];

		if (!route_match(r->pattern, path, args))
			continue;
		if (r->method == method)
			return r;
		exists = true;
	}
	if (exists)
		err_set(e, ERR_METHOD_NOT_ALLOWED, "%s does not take this method", path);
	else
		err_set(e, ERR_NOT_FOUND, "there is nothing at %s", path);
	return NULL;
}
