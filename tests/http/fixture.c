#include "fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auto.h"
#include "client.h"

#define BIG (300u << 10) /* several pieces */

static int get_text(struct request *req, struct reply *reply, struct err *e)
{
	char *text;

	if (asprintf(&text, "id %" PRId64 ", name %s, q %s", req->args.id, req->args.name,
		     request_query(req, "q") ? request_query(req, "q") : "-") < 0)
		text = NULL;
	return reply_text(reply, HTTP_OK, "text/plain; charset=utf-8", text, e);
}

static int get_page(struct request *req, struct reply *reply, struct err *e)
{
	static const char page[] = "<!doctype html>";

	(void)req, (void)e;
	reply_static(reply, "text/html; charset=utf-8", page, sizeof page - 1);
	reply_header(reply, "Cache-Control", "no-cache");
	return 0;
}

static int post_echo(struct request *req, struct reply *reply, struct err *e)
{
	return reply_text(reply, HTTP_ACCEPTED, "application/json", strdup(req->body), e);
}

static int post_nothing(struct request *req, struct reply *reply, struct err *e)
{
	(void)req, (void)e;
	reply_empty(reply, HTTP_NO_CONTENT);
	return 0;
}

static int get_failure(struct request *req, struct reply *reply, struct err *e)
{
	reply_header(reply, "X-Kept", "yes");
	(void)req;
	err_set(e, ERR_CONFLICT, "the job has ended");
	return err_hint(e, "Start another one.");
}

static int get_slow(struct request *req, struct reply *reply, struct err *e)
{
	nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL);
	return get_text(req, reply, e);
}

static int get_long(struct request *req, struct reply *reply, struct err *e)
{
	struct fixture *f = (struct fixture *)req->app;

	atomic_fetch_add(&f->entered, 1);
	while (!f->let_go)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	return get_text(req, reply, e);
}

static bool takes_long(const struct request *req)
{
	return !strncmp(req->path, "/long", 5);
}

static int get_events(struct request *req, struct reply *reply, struct err *e)
{
	(void)req, (void)e;
	reply_stream(reply);
	return 0;
}

struct counter {
	struct reply_source base;
	struct fixture *f;
	uint64_t damaged_at; /* 0: never */
};

static int counter_read(struct reply_source *source, uint64_t at, uint8_t *buf, size_t len,
			struct err *e)
{
	const struct counter *c = (const struct counter *)source;

	if (c->damaged_at && at + len > c->damaged_at)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "block is damaged");
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)((at + i) % 251);
	return 0;
}

static void counter_free(struct reply_source *source)
{
	struct counter *c = (struct counter *)source;

	atomic_fetch_add(&c->f->freed, 1);
	free(c);
}

static int get_bytes(struct request *req, struct reply *reply, struct err *e)
{
	struct counter *c = calloc(1, sizeof *c);

	if (!c)
		return err_set(e, ERR_MEMORY, "counter");
	*c = (struct counter){ .base = { .read = counter_read, .free = counter_free },
			       .f = (struct fixture *)req->app,
			       .damaged_at = request_query(req, "damaged") ? BIG / 2 : 0 };
	reply_source(reply, HTTP_OK, "application/octet-stream", &c->base, BIG);
	return 0;
}

/* ---- a sink that counts */

struct pit {
	struct body_sink base;
	struct fixture_upload *upload;
	unsigned long long came;
	unsigned sum;
};

static int pit_write(struct body_sink *sink, const void *bytes, size_t len, struct err *e)
{
	struct pit *pit = (struct pit *)sink;

	for (size_t i = 0; i < len; i++)
		pit->sum = pit->sum * 31 + ((const unsigned char *)bytes)[i];
	pit->came += len;
	atomic_fetch_add(&pit->upload->bytes, len);
	if (pit->upload->damaged_at && pit->came >= pit->upload->damaged_at)
		return err_set(e, ERR_ARCHIVE_FULL, "no room");
	return 0;
}

static int pit_finish(struct body_sink *sink, struct request *req, struct reply *reply,
		      struct err *e)
{
	const struct pit *pit = (const struct pit *)sink;
	char *text;

	if (request_query(req, "wrong"))
		return err_set(e, ERR_UNPROCESSABLE, "wrong");
	atomic_fetch_add(&pit->upload->finished, 1);
	if (asprintf(&text, "%llu bytes, sum %u", pit->came, pit->sum) < 0)
		text = NULL;
	return reply_text(reply, HTTP_CREATED, "text/plain", text, e);
}

static void pit_free(struct body_sink *sink)
{
	atomic_fetch_add(&((struct pit *)sink)->upload->freed, 1);
	free(sink);
}

static int post_upload(struct request *req, struct reply *reply, struct err *e)
{
	struct fixture *f = (struct fixture *)req->app;
	struct pit *pit = request_query(req, "no") ? NULL : calloc(1, sizeof *pit);

	(void)reply;
	if (!pit)
		return err_set(e, ERR_CONFLICT, "no");
	*pit = (struct pit){ .base = { pit_write, pit_finish, pit_free }, .upload = &f->upload };
	atomic_fetch_add(&f->upload.opened, 1);
	req->sink = &pit->base;
	return 0;
}

static const struct route routes[] = {
	{ HTTP_GET, "/", get_page, SCOPE_NONE, BODY_NONE, NULL },
	{ HTTP_GET, "/text", get_text, SCOPE_READ, BODY_NONE, "q limit" },
	{ HTTP_GET, "/items/{id}", get_text, SCOPE_READ, BODY_NONE, NULL },
	{ HTTP_GET, "/names/{name}", get_text, SCOPE_READ, BODY_NONE, NULL },
	{ HTTP_POST, "/echo", post_echo, SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_POST, "/nothing", post_nothing, SCOPE_OPERATE, BODY_NONE, NULL },
	{ HTTP_POST, "/upload", post_upload, SCOPE_OPERATE, BODY_STREAM, "no wrong" },
	{ HTTP_GET, "/failure", get_failure, SCOPE_NONE, BODY_NONE, NULL },
	{ HTTP_GET, "/slow", get_slow, SCOPE_NONE, BODY_NONE, NULL },
	{ HTTP_GET, "/long", get_long, SCOPE_READ, BODY_NONE, "q" },
	{ HTTP_GET, "/long-text", get_text, SCOPE_READ, BODY_NONE, "q" },
	{ HTTP_GET, "/long-failure", get_failure, SCOPE_NONE, BODY_NONE, NULL },
	{ HTTP_GET, "/bytes", get_bytes, SCOPE_NONE, BODY_NONE, "damaged" },
	{ HTTP_GET, "/events", get_events, SCOPE_NONE, BODY_NONE, NULL },
};

static char *error_body(struct http_app *app, const struct err *e)
{
	char *text;

	(void)app;
	return asprintf(&text, "{\"code\":\"%s\"}", err_name(e->code)) < 0 ? NULL : text;
}

static int snapshot(struct http_app *app, char **text, struct err *e)
{
	struct fixture *f = (struct fixture *)app;

	atomic_fetch_add(&f->snapshots, 1);
	*text = strdup("{\"slots\":[]}");
	return *text ? 0 : err_set(e, ERR_MEMORY, "snapshot");
}

static int authorize(struct http_app *app, const struct request *req, enum scope needed,
		     struct grant *granted, struct err *e)
{
	const struct fixture *f = (const struct fixture *)app;

	(void)req, (void)granted, (void)needed;
	return f->closed_door ? err_set(e, ERR_UNAUTHORIZED, "a token is needed") : 0;
}

static int fixture_start(struct fixture *f, const struct http_config *config, struct err *e)
{
	*f = (struct fixture){ .hub = hub_new(1, e) };
	if (!f->hub)
		return -1;
	f->app = (struct http_app){ .table = { routes, ARRAY_LEN(routes) },
				    .hub = f->hub,
				    .error_body = error_body,
				    .snapshot = snapshot,
				    .authorize = authorize,
				    .takes_long = takes_long };
	f->server = http_server_open(config, &f->app, e);
	if (!f->server)
		return -1;
	f->address = http_server_address(f->server);
	return 0;
}

int fixture_open(struct fixture *f, const struct http_limits *limits, struct err *e)
{
	return fixture_start(
		f,
		&(struct http_config){ .host = "127.0.0.1",
				       .limits = limits ? *limits : http_limits_default() },
		e);
}

int fixture_open_host(struct fixture *f, const char *host, struct err *e)
{
	return fixture_start(
		f, &(struct http_config){ .host = host, .limits = http_limits_default() }, e);
}

int fixture_open_tls(struct fixture *f, const char *cert, const char *key, struct err *e)
{
	return fixture_start(f,
			     &(struct http_config){ .host = "127.0.0.1",
						    .limits = http_limits_default(),
						    .tls_cert = cert,
						    .tls_key = key },
			     e);
}

void fixture_close(struct fixture *f)
{
	f->let_go = true;
	http_server_close(f->server);
	hub_free(f->hub);
	*f = (struct fixture){ 0 };
}

bool fixture_ask(struct fixture *f, const char *request, char *reply, size_t size)
{
	AUTO(auto_close) int fd = client_connect(f->address);
	size_t n;

	if (fd < 0 || !client_say(fd, request) ||
	    !client_say(fd, "Host: localhost\r\nConnection: close\r\n\r\n"))
		return false;
	if (client_read(fd, reply, size - 1, 5000, &n) < 0)
		return false;
	reply[n] = '\0';
	return true;
}

int fixture_status(const char *reply)
{
	return strncmp(reply, "HTTP/1.1 ", 9) != 0 ? 0 : atoi(reply + 9);
}

const char *fixture_body(const char *reply)
{
	const char *end = strstr(reply, "\r\n\r\n");

	return end ? end + 4 : "";
}
