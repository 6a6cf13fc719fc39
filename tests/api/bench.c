#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "auto.h"
#include "dump_store.h"
#include "target.h"

void bench_close(struct bench *b)
{
	char command[64];

	rig_free(b->rig);
	api_free(b->api);
	hub_free(b->hub);
	db_close(&b->db);
	snprintf(command, sizeof command, "rm -r %s", b->dir);
	(void)!system(command);
}

int bench_open(struct bench *b, struct err *e)
{
	const struct rig_slot slot = { .name = "left",
				       .target = target_by_name("nor"),
				       .why = "no such device",
				       .backend = "sim" };
	const struct rig_limits limits = { .queued = 64, .log_bytes = 1 << 20 };
	const struct api_info info = { .name = "bench-1", .version = "1.2.3", .demo = true };

	*b = (struct bench){ .dir = "/tmp/api_test.XXXXXX" };
	if (!mkdtemp(b->dir))
		return err_set(e, ERR_IO, "mkdtemp");
	snprintf(b->path, sizeof b->path, "%s/archive.db", b->dir);
	if (db_open(&b->db, b->path, e) < 0)
		return -1;
	b->rig = rig_new(&b->db, &slot, 1, &limits, e);
	b->hub = hub_new(1, e);
	b->api = b->rig && b->hub ? api_new(b->rig, &b->db, b->hub, &info, e) : NULL;
	if (!b->api)
		return -1;
	rig_observe(b->rig, api_observer(b->api));
	return rig_start(b->rig, e);
}

/* ---- asking without a server */

void talk_done(struct talk *t)
{
	reply_clear(&t->reply);
	free(t->body);
}

static const char *talk_header(const struct request *req, const char *name)
{
	const struct talk *t = (const struct talk *)req;

	for (size_t i = 0; i < ARRAY_LEN(t->header); i++)
		if (t->header[i].name && !strcmp(t->header[i].name, name))
			return t->header[i].value;
	return NULL;
}

static int pull(struct talk *t)
{
	struct reply_source *source = t->reply.source;

	for (uint64_t at = 0; at < t->len;) {
		const size_t n = t->len - at < 5000 ? (size_t)(t->len - at) : 5000;

		if (source->read(source, at, (uint8_t *)t->body + at, n, &t->err) < 0)
			return -1;
		at += n;
	}
	return 0;
}

/* Of a source that does not know how much there will be. */
static int pull_flow(struct talk *t)
{
	struct reply_source *source = t->reply.source;

	for (size_t got = 1; got > 0; t->len += got) {
		char *more = realloc(t->body, t->len + 5001);

		if (!more)
			return err_set(&t->err, ERR_MEMORY, "body");
		t->body = more;
		if (source->next(source, (uint8_t *)more + t->len, 5000, &got, &t->err) < 0)
			return -1;
		more[t->len + got] = '\0';
	}
	return 0;
}

static int take_body(struct talk *t)
{
	if (t->reply.size == REPLY_UNKNOWN)
		return pull_flow(t);
	t->len = t->reply.size;
	t->body = calloc(1, t->len + 1);
	if (!t->body)
		return err_set(&t->err, ERR_MEMORY, "body");
	if (t->reply.kind == REPLY_SOURCE)
		return pull(t);
	if (t->len)
		memcpy(t->body, t->reply.text ? t->reply.text : t->reply.bytes, t->len);
	return 0;
}

/* What the server does with a sink: the body goes into it in pieces. */
static int pour(struct talk *t)
{
	struct body_sink *sink = t->req.sink;
	int rc = 0;

	if (!sink)
		return 0;
	for (size_t at = 0, n; rc == 0 && at < t->req.body_len; at += n) {
		n = t->req.body_len - at < 3000 ? t->req.body_len - at : 3000;
		rc = sink->write(sink, t->req.body + at, n, &t->err);
	}
	if (rc == 0)
		rc = sink->finish(sink, &t->req, &t->reply, &t->err);
	sink->free(sink);
	return rc;
}

unsigned ask(struct bench *b, struct talk *t, enum http_method method, const char *uri,
	     const char *body)
{
	struct http_app *app = api_app(b->api);
	const struct route *route;
	char *query;

	snprintf(t->uri, sizeof t->uri, "%s", uri);
	query = strchr(t->uri, '?');
	if (query)
		*query++ = '\0';
	t->req = (struct request){ .app = app,
				   .method = method,
				   .path = t->uri,
				   .peer = "192.0.2.7",
				   .body = body,
				   .body_len = t->upload ? t->upload : strlen(body),
				   .header = talk_header };
	route = route_find(&app->table, method, t->uri, &t->req.args, &t->err);
	if (!route ||
	    (route->scope != SCOPE_NONE &&
	     app->authorize(app, &t->req, route->scope, &t->req.grant, &t->err) < 0) ||
	    query_parse(query, &t->req.query, &t->err) < 0 ||
	    query_check_known(&t->req.query, route->query ? route->query : "", &t->err) < 0 ||
	    route->handler(&t->req, &t->reply, &t->err) < 0 || pour(t) < 0 || take_body(t) < 0)
		return reply_status_of(t->err.code);
	return t->reply.status;
}

unsigned get(struct bench *b, struct talk *t, const char *uri)
{
	return ask(b, t, HTTP_GET, uri, "");
}

/* ---- a dump in the archive */

uint8_t byte_at(size_t i)
{
	return i / 4096 == 1 ? 0xff : (uint8_t)(i * 7 + i / 251);
}

static int store(struct bench *b, struct dump *dump, struct content *content, struct err *e)
{
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&b->db, e);
	static uint8_t bytes[CONTENT];

	for (size_t i = 0; i < CONTENT; i++)
		bytes[i] = byte_at(i);
	if (!in || ingest_append(in, bytes, CONTENT, e) < 0 || ingest_seal(in, content, e) < 0)
		return -1;
	AUTO(tx_end) struct tx tx = tx_begin(&b->db);
	if (ingest_commit(in, &tx, content, e) < 0)
		return -1;
	dump->content = *content;
	return dump_add(&tx, dump, e) < 0 ? -1 : tx_commit(&tx, e);
}

int add_dump(struct bench *b, const char *label, struct err *e)
{
	struct dump dump = { .device = -1,
			     .job = -1,
			     .slot = "left",
			     .jedec_id = "0B4016",
			     .chip = "XT25F32B",
			     .source = DUMP_SPI,
			     .created_ms = 1795343724123 };
	struct content content;

	snprintf(dump.label, sizeof dump.label, "%s", label);
	return store(b, &dump, &content, e);
}
