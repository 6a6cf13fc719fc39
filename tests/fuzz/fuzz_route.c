/* A request line as a client sends it: path, query, and a Host and Range of the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "conditional.h"
#include "host.h"
#include "route.h"
#include "uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct route routes[] = {
	{ .method = HTTP_GET, .pattern = "/" },
	{ .method = HTTP_GET, .pattern = "/jobs/{id}" },
	{ .method = HTTP_POST, .pattern = "/jobs/{id}/cancel" },
	{ .method = HTTP_GET, .pattern = "/dumps/{id}/diff/{other}" },
	{ .method = HTTP_GET, .pattern = "/slots/{name}" },
};

static void route(const char *path)
{
	const struct route_table table = { routes, ARRAY_LEN(routes) };
	char allow[ROUTE_ALLOW];
	struct route_args args;
	struct err e = { 0 };

	if (!route_find(&table, HTTP_GET, path, &args, &e)) {
		if (e.code != ERR_NOT_FOUND && e.code != ERR_METHOD_NOT_ALLOWED)
			abort();
	} else if (args.id < 0 || args.other < 0 || !memchr(args.name, '\0', sizeof args.name)) {
		abort();
	}
	route_allow(&table, path, allow);
}

static void header(const char *text)
{
	uint64_t first = 0, length = 0;
	char host[HOST_NAME];

	if (range_parse(text, 1000, &first, &length) == RANGE_PART &&
	    (length == 0 || first >= 1000 || length > 1000 - first))
		abort();
	if (host_of_authority(text, host) == 0 && !host[0])
		abort();
	(void)etag_listed(text, "\"tag\"");
	(void)origin_allowed(text, "localhost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct query query;
	struct err e;
	char *at;

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	header(text);
	at = strchr(text, '?');
	if (at)
		*at++ = '\0';
	route(text);
	if (query_parse(at, &query, &e) == 0)
		(void)!query_check_known(&query, "slot state limit", &e);
	free(text);
	return 0;
}
