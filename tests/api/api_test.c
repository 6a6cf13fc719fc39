/* The handlers, called as the server calls them, over a real archive and a rig whose slot is offline. */
#include <stdlib.h>

#include "auto.h"
#include "bench.h"
#include "check.h"

static struct err e;

static bool starts(const char *text, const char *with)
{
	return text && !strncmp(text, with, strlen(with));
}

static void info_says_who_answers(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(get(&b, &t, "/api/v1/info") == 200);
	CHECK(strstr(t.body, "\"name\":\"bench-1\",\"version\":\"1.2.3\",\"api\":1,\"schema\":"));
	CHECK(strstr(t.body, "\"demo\":true,\"auth\":{\"needed\":false,\"scope\":\"admin\"}}"));
}

static void healthz_is_ok_while_the_archive_can_be_written(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(get(&b, &t, "/healthz") == 200);
	CHECK(!strcmp(t.body, "{\"status\":\"ok\"}"));
}

static void slots_tell_why_they_are_offline(void)
{
	AUTO(bench_close) struct bench b;
	TALK list = { 0 };
	TALK one = { 0 };
	TALK none = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(ask(&b, &t, HTTP_POST, "/api/v1/slots/left/reset", "") == 503);
	CHECK(t.err.code == ERR_OFFLINE);
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

	CHECK_OK(bench_open(&b, &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
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
		"/api/v1/devices?tag=x",       "/api/v1/chips?after=12",
		"/api/v1/chips?limit=1001",    "/api/v1/dumps/1/content?length=0",
	};
	AUTO(bench_close) struct bench b;

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "", &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		TALK t = { 0 };

		CHECK(get(&b, &t, none[i]) == 404);
	}
}

static void archive_tells_its_totals(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "", &e), e);
	CHECK(get(&b, &t, "/api/v1/archive") == 200);
	CHECK(starts(t.body, "{\"dumps\":1,\"devices\":0,\"bytes_logical\":20000,"));
}

static void chips_are_found_and_paged(void)
{
	AUTO(bench_close) struct bench b;
	TALK found = { 0 };
	TALK page = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
	app = api_app(b.api);
	CHECK_OK(app->snapshot(app, &text, &e), e);
	CHECK(strstr(text, "\"jobs\":[]"));
	CHECK(strstr(text, "\"slots\":[{\"name\":\"left\""));
	CHECK(strstr(text, "\"batches\":[]"));
	CHECK(!strchr(text, '\n'));
}

static bool takes_long(struct bench *b, const char *path, const char *query)
{
	struct http_app *app = api_app(b->api);
	struct request req = { .app = app, .method = HTTP_GET };
	char text[80];

	snprintf(text, sizeof text, "%s", query);
	req.route = route_find(&app->table, HTTP_GET, path, &req.args, &e);
	return req.route && query_parse(text, &req.query, &e) == 0 && app->takes_long(&req);
}

static void what_unpacks_dumps_takes_long(void)
{
	AUTO(bench_close) struct bench b;

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(takes_long(&b, "/api/v1/dumps", "limit=5&contains=abc"));
	CHECK(takes_long(&b, "/api/v1/dumps/1/find", "contains=abc"));
	CHECK(takes_long(&b, "/api/v1/dumps/1/analysis", ""));
	CHECK(takes_long(&b, "/api/v1/dumps/1/diff/2", ""));
	CHECK(takes_long(&b, "/api/v1/images/1/map", ""));
	CHECK(!takes_long(&b, "/api/v1/dumps", "limit=5&q=abc"));
	CHECK(!takes_long(&b, "/api/v1/dumps/1", ""));
	CHECK(!takes_long(&b, "/api/v1/info", ""));
}

static void error_body_is_as_in_the_contract(void)
{
	AUTO(bench_close) struct bench b;
	AUTO(auto_free) char *text = NULL;
	struct http_app *app;

	CHECK_OK(bench_open(&b, &e), e);
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
	{ "archive tells its totals", archive_tells_its_totals },
	{ "chips are found and paged", chips_are_found_and_paged },
	{ "page is served, and kept by the browser", page_is_served_and_kept_by_the_browser },
	{ "snapshot has slots, jobs and batches", snapshot_has_slots_jobs_and_batches },
	{ "what unpacks dumps takes long", what_unpacks_dumps_takes_long },
	{ "error body is as in the contract", error_body_is_as_in_the_contract },
};

CHECK_MAIN(all)
