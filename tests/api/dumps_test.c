/* Dumps and their bytes, asked for as the server asks. */
#include "auto.h"
#include "bench.h"
#include "check.h"

static struct err e;

static bool starts(const char *text, const char *with)
{
	return text && !strncmp(text, with, strlen(with));
}

static void dumps_are_listed_and_filtered(void)
{
	AUTO(bench_close) struct bench b;
	TALK page = { 0 };
	TALK rest = { 0 };
	TALK found = { 0 };
	TALK other = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "one", &e), e);
	CHECK_OK(add_dump(&b, "two", &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "old", &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "door", &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "", &e), e);
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

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "", &e), e);
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

static const struct check all[] = {
	{ "dumps are listed and filtered", dumps_are_listed_and_filtered },
	{ "dump takes label, notes and tags", dump_takes_label_notes_and_tags },
	{ "content is what was stored", content_is_what_was_stored },
	{ "content comes in parts", content_comes_in_parts },
	{ "content that the client has is not sent again",
	  content_that_the_client_has_is_not_sent_again },
};

CHECK_MAIN(all)
