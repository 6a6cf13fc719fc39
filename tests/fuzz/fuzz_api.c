/*
 * Every route with any query and any body: the first byte chooses the route, a line is the query,
 * the rest is the body. What comes back is an answer or a clear error, never one that is ours.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bench bench;

static void close_bench(void)
{
	bench_close(&bench);
}

static void open_bench(void)
{
	struct err e;

	if (bench_open(&bench, &e) < 0 || add_dump(&bench, "first", &e) < 0 ||
	    atexit(close_bench) != 0)
		abort();
}

static void check_error(struct bench *b, struct talk *t)
{
	struct http_app *app = api_app(b->api);
	AUTO(auto_free) char *body = app->error_body(app, &t->err);

	if (t->err.code == ERR_NONE || t->err.code == ERR_INTERNAL || !t->err.text[0] ||
	    reply_status_of(t->err.code) == 500 || !body || !strstr(body, "\"message\""))
		abort();
}

/* The pattern with something in the place of each parameter. */
static void fill(const char *pattern, char *path, size_t size)
{
	size_t at = 0;

	for (; *pattern && at + 5 < size; pattern++) {
		if (*pattern != '{') {
			path[at++] = *pattern;
			continue;
		}
		at += (size_t)snprintf(path + at, size - at, "%s",
				       strncmp(pattern, "{name}", 6) != 0 ? "1" : "left");
		pattern = strchr(pattern, '}');
	}
	path[at] = '\0';
}

static void ask_one(const struct route *route, const char *query, const char *body, size_t len)
{
	AUTO(auto_free) struct talk *t = calloc(1, sizeof *t);
	char uri[sizeof t->uri];
	unsigned status;

	if (!t || !body)
		return;
	fill(route->pattern, uri, sizeof uri);
	snprintf(uri + strlen(uri), sizeof uri - strlen(uri), "?%s", query);
	t->upload = len;
	status = ask(&bench, t, route->method, uri, body);
	if (status >= 400)
		check_error(&bench, t);
	talk_done(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(auto_free) char *text = malloc(size + 1);
	const struct route_table *table;
	const struct route *route;
	char *body;

	if (!text || size == 0)
		return 0;
	if (!bench.api)
		open_bench();
	memcpy(text, data, size);
	text[size] = '\0';
	table = &api_app(bench.api)->table;
	route = &table->routes[(unsigned char)text[0] % table->n];
	body = strchr(text + 1, '\n');
	if (body)
		*body++ = '\0';
	else
		body = text + size;
	/* A stream is the server's to follow. */
	if (!strstr(route->pattern, "/events") && route->body != BODY_STREAM)
		ask_one(route, text + 1, body, (size_t)(text + size - body));
	return 0;
}
