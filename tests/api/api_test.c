/* The handlers, called as the server calls them, over a real archive and a rig whose slot is offline. */
#include "api.h"

#include <inttypes.h>
#include <stdlib.h>

#include "archive.h"
#include "auto.h"
#include "check.h"
#include "dump_store.h"
#include "target.h"

#define CONTENT 20000u /* several blocks, and not a multiple of one */

struct bench {
	char dir[32], path[64];
	struct db db;
	struct rig *rig;
	struct hub *hub;
	struct api *api;
};

static struct err e;

static void bench_close(struct bench *b)
{
	char command[64];

	rig_free(b->rig);
	api_free(b->api);
	hub_free(b->hub);
	db_close(&b->db);
	snprintf(command, sizeof command, "rm -r %s", b->dir);
	(void)!system(command);
}

static int bench_open(struct bench *b)
{
	const struct rig_slot slot = { .name = "left",
				       .target = target_by_name("nor"),
				       .why = "no such device",
				       .backend = "sim" };
	const struct rig_limits limits = { .queued = 64, .log_bytes = 1 << 20 };
	const struct api_info info = { .name = "bench-1", .version = "1.2.3", .demo = true };

	*b = (struct bench){ .dir = "/tmp/api_test.XXXXXX" };
	if (!mkdtemp(b->dir))
		return err_set(&e, ERR_IO, "mkdtemp");
	snprintf(b->path, sizeof b->path, "%s/archive.db", b->dir);
	if (db_open(&b->db, b->path, &e) < 0)
		return -1;
	b->rig = rig_new(&b->db, &slot, 1, &limits, &e);
	b->hub = hub_new(1, &e);
	b->api = b->rig && b->hub ? api_new(b->rig, &b->db, b->hub, &info, &e) : NULL;
	if (!b->api)
		return -1;
	rig_observe(b->rig, api_observer(b->api));
	return rig_start(b->rig, &e);
}

static bool starts(const char *text, const char *with)
{
	return text && !strncmp(text, with, strlen(with));
}

/* ---- asking without a server */

struct header {
	const char *name, *value;
};

/* A request and what came of it. */
struct talk {
	struct request req; /* first */
	struct header header[3];
	char uri[256];
	struct reply reply;
	unsigned status;
	char *body; /* text, or what the source gave */
	size_t len;
};

static void talk_done(struct talk *t)
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

		if (source->read(source, at, (uint8_t *)t->body + at, n, &e) < 0)
			return -1;
		at += n;
	}
	return 0;
}

static int take_body(struct talk *t)
{
	t->len = t->reply.size;
	t->body = calloc(1, t->len + 1);
	if (!t->body)
		return err_set(&e, ERR_MEMORY, "body");
	if (t->reply.kind == REPLY_SOURCE)
		return pull(t);
	if (t->len)
		memcpy(t->body, t->reply.text ? t->reply.text : t->reply.bytes, t->len);
	return 0;
}

/* Status of the answer; an error's code is in e, its text in no body. */
static unsigned ask(struct bench *b, struct talk *t, enum http_method method, const char *uri,
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
				   .body = body,
				   .body_len = strlen(body),
				   .header = talk_header };
	route = route_find(&app->table, method, t->uri, &t->req.args, &e);
	if (!route || query_parse(query, &t->req.query, &e) < 0 ||
	    query_check_known(&t->req.query, route->query ? route->query : "", &e) < 0 ||
	    route->handler(&t->req, &t->reply, &e) < 0 || take_body(t) < 0)
		return reply_status_of(e.code);
	return t->reply.status;
}

static unsigned get(struct bench *b, struct talk *t, const char *uri)
{
	return ask(b, t, HTTP_GET, uri, "");
}

#define TALK AUTO(talk_done) struct talk

/* ---- a dump in the archive */

static uint8_t byte_at(size_t i)
{
	return i / 4096 == 1 ? 0xff : (uint8_t)(i * 7 + i / 251);
}

static int store(struct bench *b, struct dump *dump, struct content *content)
{
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&b->db, &e);
	static uint8_t bytes[CONTENT];

	for (size_t i = 0; i < CONTENT; i++)
		bytes[i] = byte_at(i);
	if (!in || ingest_append(in, bytes, CONTENT, &e) < 0 || ingest_seal(in, content, &e) < 0)
		return -1;
	AUTO(tx_end) struct tx tx = tx_begin(&b->db);
	if (ingest_commit(in, &tx, content, &e) < 0)
		return -1;
	dump->content = *content;
	return dump_add(&tx, dump, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static int add_dump(struct bench *b, const char *label)
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
	return store(b, &dump, &content);
}

/* ---- tests */

static void info_says_who_answers(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK(get(&b, &t, "/api/v1/info") == 200);
	CHECK(strstr(t.body, "\"name\":\"bench-1\",\"version\":\"1.2.3\",\"api\":1,\"schema\":"));
	CHECK(strstr(t.body, "\"demo\":true}"));
}

static void healthz_is_ok_while_the_archive_can_be_written(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK(get(&b, &t, "/healthz") == 200);
	CHECK(!strcmp(t.body, "{\"status\":\"ok\"}"));
}

static void slots_tell_why_they_are_offline(void)
{
	AUTO(bench_close) struct bench b;
	TALK list = { 0 };
	TALK one = { 0 };
	TALK none = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK(get(&b, &list, "/api/v1/slots") == 200);
	CHECK(starts(list.body, "{\"slots\":[{\"name\":\"left\""));
	CHECK(strstr(list.body, "],\"next\":null}"));
	CHECK(get(&b, &one, "/api/v1/slots/left") == 200);
	CHECK(strstr(one.body, "\"state\":\"offline\""));
	CHECK(strstr(one.body, "no such device"));
	CHECK(get(&b, &none, "/api/v1/slots/right") == 404);
}

static void reset_of_an_offline_slot_says_so(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };
	TALK with_body = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK(ask(&b, &t, HTTP_POST, "/api/v1/slots/left/reset", "") == 503);
	CHECK(e.code == ERR_OFFLINE);
	CHECK(ask(&b, &with_body, HTTP_POST, "/api/v1/slots/left/reset", "{\"x\":1}") == 400);
}

static void job_is_accepted_and_repeated_by_its_key(void)
{
	static const char body[] = "{\"type\":\"identify\",\"slot\":\"left\"}";
	AUTO(bench_close) struct bench b;
	TALK first = { .header = { { "Idempotency-Key", "k-1" } } };
	TALK again = { .header = { { "Idempotency-Key", "k-1" } } };
	TALK other = { .header = { { "Idempotency-Key", "k-1" } } };
	TALK jobs = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK(ask(&b, &first, HTTP_POST, "/api/v1/jobs", body) == 202);
	CHECK(!strcmp(reply_header_get(&first.reply, "Location"), "/api/v1/jobs/1"));
	CHECK(starts(first.body, "{\"id\":1,\"type\":\"identify\",\"slot\":\"left\""));
	CHECK(ask(&b, &again, HTTP_POST, "/api/v1/jobs", body) == 202);
	CHECK(starts(again.body, "{\"id\":1,"));
	CHECK(ask(&b, &other, HTTP_POST, "/api/v1/jobs",
		  "{\"type\":\"backup\",\"slot\":\"left\"}") == 409);
	CHECK(get(&b, &jobs, "/api/v1/jobs?slot=left&type=identify&limit=5") == 200);
	CHECK(starts(jobs.body, "{\"jobs\":[{\"id\":1,"));
	CHECK(strstr(jobs.body, "],\"next\":null}"));
}

static void keys_that_are_none_are_refused(void)
{
	static const char *const bad[] = { "", "a\x01", "\xc3\xa4" };
	static const char body[] = "{\"type\":\"identify\",\"slot\":\"left\"}";
	AUTO(bench_close) struct bench b;
	char too_long[JOB_KEY + 1];

	CHECK_OK(bench_open(&b), e);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		TALK t = { .header = { { "Idempotency-Key", bad[i] } } };

		CHECK(ask(&b, &t, HTTP_POST, "/api/v1/jobs", body) == 400);
	}
	memset(too_long, 'k', JOB_KEY);
	too_long[JOB_KEY] = '\0';
	TALK t = { .header = { { "Idempotency-Key", too_long } } };
	CHECK(ask(&b, &t, HTTP_POST, "/api/v1/jobs", body) == 400);
}

static void job_for_an_unknown_slot_makes_no_sense(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK(ask(&b, &t, HTTP_POST, "/api/v1/jobs", "{\"type\":\"identify\",\"slot\":\"x\"}") ==
	      422);
}

static void filters_that_are_none_are_refused(void)
{
	static const char *const bad[] = {
		"/api/v1/jobs?state=sleeping", "/api/v1/jobs?type=flash",
		"/api/v1/jobs?limit=0",        "/api/v1/jobs?limit=201",
		"/api/v1/jobs?limit=x",        "/api/v1/jobs?limit=",
		"/api/v1/jobs?before=0",       "/api/v1/jobs?before=-1",
		"/api/v1/jobs?batch=x",        "/api/v1/jobs?stat=done",
		"/api/v1/jobs/1?x=1",          "/api/v1/dumps?device=0",
		"/api/v1/dumps?jedec_id=0B40", "/api/v1/dumps?jedec_id=0B401G",
		"/api/v1/dumps?sha256=xyz",    "/api/v1/dumps?sha256=",
		"/api/v1/devices?q=x",         "/api/v1/chips?after=12",
		"/api/v1/chips?limit=1001",    "/api/v1/dumps/1/content?length=0",
	};
	AUTO(bench_close) struct bench b;

	CHECK_OK(bench_open(&b), e);
	CHECK_OK(add_dump(&b, ""), e);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		TALK t = { 0 };
		const unsigned status = get(&b, &t, bad[i]);

		if (status != 400)
			fprintf(stderr, "%s: %u\n", bad[i], status);
		CHECK(status == 400);
	}
}

static void what_is_not_there_is_not_found(void)
{
	static const char *const none[] = {
		"/api/v1/jobs/99",
		"/api/v1/jobs/99/log",
		"/api/v1/dumps/99",
		"/api/v1/devices/99",
		"/api/v1/dumps/99/content",
		"/api/v1/nothing",
		"/api/v1",
		"/nothing.js",
	};
	AUTO(bench_close) struct bench b;

	CHECK_OK(bench_open(&b), e);
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		TALK t = { 0 };

		CHECK(get(&b, &t, none[i]) == 404);
	}
}

static void dumps_are_listed_and_filtered(void)
{
	AUTO(bench_close) struct bench b;
	TALK page = { 0 };
	TALK rest = { 0 };
	TALK found = { 0 };
	TALK other = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK_OK(add_dump(&b, "one"), e);
	CHECK_OK(add_dump(&b, "two"), e);
	CHECK(get(&b, &page, "/api/v1/dumps?limit=1") == 200);
	CHECK(starts(page.body, "{\"dumps\":[{\"id\":2,"));
	CHECK(strstr(page.body, "],\"next\":2}"));
	CHECK(get(&b, &rest, "/api/v1/dumps?limit=1&before=2") == 200);
	CHECK(strstr(rest.body, "\"id\":1,") && strstr(rest.body, "\"next\":null}"));
	CHECK(get(&b, &found, "/api/v1/dumps?jedec_id=0b4016&q=ONE") == 200);
	CHECK(strstr(found.body, "\"label\":\"one\"") && !strstr(found.body, "\"label\":\"two\""));
	CHECK(get(&b, &other, "/api/v1/dumps?jedec_id=EF4016") == 200);
	CHECK(!strcmp(other.body, "{\"dumps\":[],\"next\":null}"));
}

static void dump_takes_label_notes_and_tags(void)
{
	AUTO(bench_close) struct bench b;
	TALK patched = { 0 };
	TALK again = { 0 };
	TALK bad = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK_OK(add_dump(&b, "old"), e);
	CHECK(ask(&b, &patched, HTTP_PATCH, "/api/v1/dumps/1",
		  "{\"label\":\"new\",\"tags\":[\"a\",\"b\"]}") == 200);
	CHECK(strstr(patched.body, "\"label\":\"new\""));
	CHECK(hub_last(b.hub) == 1);
	CHECK(get(&b, &again, "/api/v1/dumps/1") == 200);
	CHECK(!strcmp(patched.body, again.body));
	CHECK(ask(&b, &bad, HTTP_PATCH, "/api/v1/dumps/1", "{\"size\":1}") == 400);
	CHECK(hub_last(b.hub) == 1);
}

static bool has_bytes(const struct talk *t, size_t from, size_t len)
{
	if (t->len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)t->body[i] != byte_at(from + i))
			return false;
	return true;
}

static void content_is_what_was_stored(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK_OK(add_dump(&b, "door"), e);
	CHECK(get(&b, &t, "/api/v1/dumps/1/content") == 200);
	CHECK(has_bytes(&t, 0, CONTENT));
	CHECK(strlen(reply_header_get(&t.reply, "ETag")) == 66);
	CHECK(!strcmp(reply_header_get(&t.reply, "Accept-Ranges"), "bytes"));
	CHECK(starts(reply_header_get(&t.reply, "Content-Disposition"),
		     "attachment; filename=\"flashrig_door_XT25F32B_0B4016_20261122_0x"));
}

static void content_comes_in_parts(void)
{
	static const struct {
		const char *query, *range;
		unsigned status;
		size_t from, len;
		const char *content_range;
	} cases[] = {
		{ "", "bytes=0-99", 206, 0, 100, "bytes 0-99/20000" },
		{ "", "bytes=4000-", 206, 4000, 16000, "bytes 4000-19999/20000" },
		{ "", "bytes=-1", 206, 19999, 1, "bytes 19999-19999/20000" },
		{ "", "bytes=0-1,5-6", 200, 0, CONTENT, NULL },
		{ "", "bytes=20000-", 416, 0, 0, "bytes */20000" },
		{ "?offset=0x1000", NULL, 200, 4096, 15904, NULL },
		{ "?length=5", NULL, 200, 0, 5, NULL },
		{ "?offset=4095&length=4098", NULL, 200, 4095, 4098, NULL },
		{ "?offset=19999&length=1", NULL, 200, 19999, 1, NULL },
		{ "?offset=20000", NULL, 416, 0, 0, "bytes */20000" },
		{ "?offset=1&length=20000", NULL, 416, 0, 0, "bytes */20000" },
		{ "?offset=9223372036854775807&length=9223372036854775807", NULL, 416, 0, 0,
		  "bytes */20000" },
		{ "?offset=100&length=50", "bytes=10-19", 206, 110, 10, "bytes 10-19/50" },
		{ "?offset=100&length=50", "bytes=50-", 416, 0, 0, "bytes */50" },
	};
	AUTO(bench_close) struct bench b;
	char uri[128];

	CHECK_OK(bench_open(&b), e);
	CHECK_OK(add_dump(&b, ""), e);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		TALK t = { .header = { { "Range", cases[i].range } } };
		const char *content_range;

		snprintf(uri, sizeof uri, "/api/v1/dumps/1/content%s", cases[i].query);
		CHECK(get(&b, &t, uri) == cases[i].status);
		CHECK(cases[i].status == 416 || has_bytes(&t, cases[i].from, cases[i].len));
		content_range = reply_header_get(&t.reply, "Content-Range");
		CHECK(cases[i].content_range
			      ? content_range && !strcmp(content_range, cases[i].content_range)
			      : !content_range);
	}
}

static void content_that_the_client_has_is_not_sent_again(void)
{
	AUTO(bench_close) struct bench b;
	TALK first = { 0 };
	TALK same = { 0 };
	TALK part = { 0 };
	TALK old = { 0 };
	char etag[80];

	CHECK_OK(bench_open(&b), e);
	CHECK_OK(add_dump(&b, ""), e);
	CHECK(get(&b, &first, "/api/v1/dumps/1/content") == 200);
	snprintf(etag, sizeof etag, "%s", reply_header_get(&first.reply, "ETag"));
	same.header[0] = (struct header){ "If-None-Match", etag };
	same.header[1] = (struct header){ "Range", "bytes=0-9" };
	CHECK(get(&b, &same, "/api/v1/dumps/1/content") == 304);
	CHECK(!reply_header_get(&same.reply, "Content-Range"));
	part.header[0] = (struct header){ "If-None-Match", etag };
	CHECK(get(&b, &part, "/api/v1/dumps/1/content?offset=5") == 200);
	old.header[0] = (struct header){ "If-Range", "\"other\"" };
	old.header[1] = (struct header){ "Range", "bytes=0-9" };
	CHECK(get(&b, &old, "/api/v1/dumps/1/content") == 200);
	CHECK(has_bytes(&old, 0, CONTENT));
}

static void archive_tells_its_totals(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK_OK(add_dump(&b, ""), e);
	CHECK(get(&b, &t, "/api/v1/archive") == 200);
	CHECK(starts(t.body, "{\"dumps\":1,\"devices\":0,\"bytes_logical\":20000,"));
}

static void chips_are_found_and_paged(void)
{
	AUTO(bench_close) struct bench b;
	TALK found = { 0 };
	TALK page = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK(get(&b, &found, "/api/v1/chips?q=XT25F32B") == 200);
	CHECK(starts(found.body, "{\"chips\":[{\"jedec_id\":\"0B4016\",\"vendor\":"));
	CHECK(get(&b, &page, "/api/v1/chips?limit=1&after=0B4015") == 200);
	CHECK(strstr(page.body, "\"next\":\"0B4016\"}"));
}

static void page_is_served_and_kept_by_the_browser(void)
{
	AUTO(bench_close) struct bench b;
	TALK first = { 0 };
	TALK again = { 0 };
	TALK yaml = { 0 };
	TALK beside = { 0 };

	CHECK_OK(bench_open(&b), e);
	CHECK(get(&b, &yaml, "/api/v1/openapi.yaml") == 200);
	CHECK(starts(yaml.body, "openapi: 3.1"));
	CHECK(get(&b, &beside, "/openapi.yaml") == 404);
	if (get(&b, &first, "/") == 404)
		SKIP("there is no index.html");
	CHECK(!strcmp(first.reply.type, "text/html; charset=utf-8"));
	CHECK(!strcmp(reply_header_get(&first.reply, "Cache-Control"), "no-cache"));
	again.header[0] =
		(struct header){ "If-None-Match", reply_header_get(&first.reply, "ETag") };
	CHECK(get(&b, &again, "/") == 304);
}

static void snapshot_has_slots_jobs_and_batches(void)
{
	AUTO(bench_close) struct bench b;
	AUTO(auto_free) char *text = NULL;
	struct http_app *app;

	CHECK_OK(bench_open(&b), e);
	app = api_app(b.api);
	CHECK_OK(app->snapshot(app, &text, &e), e);
	CHECK(strstr(text, "\"jobs\":[]"));
	CHECK(strstr(text, "\"slots\":[{\"name\":\"left\""));
	CHECK(strstr(text, "\"batches\":[]"));
	CHECK(!strchr(text, '\n'));
}

static void error_body_is_as_in_the_contract(void)
{
	AUTO(bench_close) struct bench b;
	AUTO(auto_free) char *text = NULL;
	struct http_app *app;

	CHECK_OK(bench_open(&b), e);
	app = api_app(b.api);
	err_set(&e, ERR_TOO_MANY, "64 jobs wait already");
	err_hint(&e, "Wait.");
	text = app->error_body(app, &e);
	CHECK(!strcmp(text,
		      "{\"error\":{\"code\":\"too-many\",\"message\":\"64 jobs wait already\","
		      "\"hint\":\"Wait.\"}}"));
}

static const struct check all[] = {
	{ "info says who answers", info_says_who_answers },
	{ "healthz is ok while the archive can be written",
	  healthz_is_ok_while_the_archive_can_be_written },
	{ "slots tell why they are offline", slots_tell_why_they_are_offline },
	{ "reset of an offline slot says so", reset_of_an_offline_slot_says_so },
	{ "job is accepted, and repeated by its key", job_is_accepted_and_repeated_by_its_key },
	{ "keys that are none are refused", keys_that_are_none_are_refused },
	{ "job for an unknown slot makes no sense", job_for_an_unknown_slot_makes_no_sense },
	{ "filters that are none are refused", filters_that_are_none_are_refused },
	{ "what is not there is not found", what_is_not_there_is_not_found },
	{ "dumps are listed and filtered", dumps_are_listed_and_filtered },
	{ "dump takes label, notes and tags", dump_takes_label_notes_and_tags },
	{ "content is what was stored", content_is_what_was_stored },
	{ "content comes in parts", content_comes_in_parts },
	{ "content that the client has is not sent again",
	  content_that_the_client_has_is_not_sent_again },
	{ "archive tells its totals", archive_tells_its_totals },
	{ "chips are found and paged", chips_are_found_and_paged },
	{ "page is served, and kept by the browser", page_is_served_and_kept_by_the_browser },
	{ "snapshot has slots, jobs and batches", snapshot_has_slots_jobs_and_batches },
	{ "error body is as in the contract", error_body_is_as_in_the_contract },
};

CHECK_MAIN(all)
