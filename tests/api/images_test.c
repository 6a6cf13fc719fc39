/* Images and imported dumps, asked for as the server asks. */
#include <stdlib.h>

#include "auto.h"
#include "bench.h"
#include "check.h"

static struct err e;
static char content[CONTENT + 1]; /* what byte_at() says */

static void fill(void)
{
	for (size_t i = 0; i < CONTENT; i++)
		content[i] = (char)byte_at(i);
}

static unsigned upload(struct bench *b, struct talk *t, const char *uri, size_t len)
{
	fill();
	t->upload = len;
	return ask(b, t, HTTP_POST, uri, len ? content : "");
}

static int64_t rows(struct bench *b, const char *sql)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&b->db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, sql);

	return stmt_row(&s) ? stmt_col_int(&s, "n") : -1;
}

static int64_t contents(struct bench *b)
{
	return rows(b, "SELECT count(*) AS n FROM content");
}

/* Of other bytes. */
static const char sum[] = "60f6e3a4f8dd2ed5c9a0c4ff32bbf9f2f83a3f47cfa4c5e3a84b2b2e1b8fd07e";

static void image_is_stored_and_told(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };
	TALK again = { 0 };
	TALK list = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(upload(&b, &t, "/api/v1/images?name=a%20b.bin", CONTENT) == 201);
	CHECK(!strcmp(reply_header_get(&t.reply, "Location"), "/api/v1/images/1"));
	CHECK(strstr(t.body, "{\"id\":1,\"name\":\"a b.bin\",\"size\":20000,\"crc32\":\""));
	CHECK(strstr(t.body, "\"kind\":\"bin\",\"created_at\":\"2"));
	CHECK(hub_last(b.hub) == 1);
	CHECK(get(&b, &again, "/api/v1/images/1") == 200 && !strcmp(t.body, again.body));
	CHECK(get(&b, &list, "/api/v1/images") == 200);
	CHECK(strstr(list.body, "{\"images\":[{\"id\":1,") && strstr(list.body, "\"next\":null}"));
}

static void image_content_is_what_came(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };
	TALK whole = { 0 };
	TALK part = { .header = { { "Range", "bytes=4090-4100" } } };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(upload(&b, &t, "/api/v1/images?name=..%2Fetc%2Fp%C3%A4ss_1.bin", CONTENT) == 201);
	CHECK(get(&b, &whole, "/api/v1/images/1/content") == 200);
	CHECK(whole.len == CONTENT && !memcmp(whole.body, content, CONTENT));
	CHECK(!strcmp(reply_header_get(&whole.reply, "Content-Disposition"),
		      "attachment; filename=\"-etc-p--ss_1.bin\""));
	CHECK(strlen(reply_header_get(&whole.reply, "ETag")) == 66);
	CHECK(get(&b, &part, "/api/v1/images/1/content") == 206);
	CHECK(part.len == 11 && !memcmp(part.body, content + 4090, 11));
}

static void upload_that_is_refused_leaves_nothing(void)
{
	static const struct {
		const char *uri;
		size_t len;
		unsigned status;
		bool with_sum;
	} cases[] = {
		{ "/api/v1/images?sha256=", CONTENT, 422, true },
		{ "/api/v1/images?sha256=12", CONTENT, 400, false },
		{ "/api/v1/images?name=%ff", CONTENT, 400, false },
		{ "/api/v1/images?name=a%0a", CONTENT, 400, false },
		{ "/api/v1/images", 0, 422, false },
		{ "/api/v1/dumps", 0, 422, false },
		{ "/api/v1/dumps?jedec_id=12345", CONTENT, 400, false },
		{ "/api/v1/dumps?jedec_id=EF3010X", CONTENT, 400, false },
	};
	AUTO(bench_close) struct bench b;

	CHECK_OK(bench_open(&b, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		TALK t = { 0 };
		char uri[128];

		snprintf(uri, sizeof uri, "%s%s", cases[i].uri, cases[i].with_sum ? sum : "");
		CHECK(upload(&b, &t, uri, cases[i].len) == cases[i].status);
		CHECK(contents(&b) == 0);
	}
	CHECK(hub_last(b.hub) == 0);
}

static void name_can_be_changed_to_another(void)
{
	static const char *const bad[] = { "{\"name\":\"\"}", "{\"name\":1}", "{\"kind\":\"ua\"}",
					   "{", "" };
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };
	TALK named = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(upload(&b, &t, "/api/v1/images", CONTENT) == 201);
	CHECK(strstr(t.body, "\"name\":\"image_0x"));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		TALK refused = { 0 };

		CHECK(ask(&b, &refused, HTTP_PATCH, "/api/v1/images/1", bad[i]) == 400);
	}
	CHECK(ask(&b, &named, HTTP_PATCH, "/api/v1/images/1", "{\"name\":\"x\"}") == 200);
	CHECK(strstr(named.body, "\"name\":\"x\"") && hub_last(b.hub) == 2);
}

static void removed_image_is_gone_with_its_bytes(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };
	TALK gone = { 0 };
	TALK twice = { 0 };
	TALK bytes = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(upload(&b, &t, "/api/v1/images", CONTENT) == 201);
	CHECK(ask(&b, &gone, HTTP_DELETE, "/api/v1/images/1", "") == 204);
	CHECK(contents(&b) == 0 && rows(&b, "SELECT count(*) AS n FROM block") == 0);
	CHECK(hub_last(b.hub) == 2);
	CHECK(ask(&b, &twice, HTTP_DELETE, "/api/v1/images/1", "") == 404);
	CHECK(get(&b, &bytes, "/api/v1/images/1/content") == 404);
	CHECK(hub_last(b.hub) == 2);
}

static void import_is_a_dump_of_no_slot(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };
	TALK bytes = { 0 };
	TALK large = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(upload(&b, &t, "/api/v1/dumps?label=old%20one&jedec_id=ef4016", CONTENT) == 201);
	CHECK(!strcmp(reply_header_get(&t.reply, "Location"), "/api/v1/dumps/1"));
	CHECK(strstr(t.body, "\"device\":null,\"slot\":null,\"job\":null,\"jedec_id\":\"EF4016\""));
	CHECK(strstr(t.body, "\"complete\":false") && strstr(t.body, "\"verified\":false"));
	CHECK(strstr(t.body, "\"source\":\"import\"") && strstr(t.body, "\"label\":\"old one\""));
	CHECK(get(&b, &bytes, "/api/v1/dumps/1/content") == 200);
	CHECK(bytes.len == CONTENT && !memcmp(bytes.body, content, CONTENT));
	CHECK(upload(&b, &large, "/api/v1/dumps", 1) == 201);
	CHECK(strstr(large.body, "\"jedec_id\":null,\"chip\":null"));
}

static void dump_is_removed_by_its_handler(void)
{
	AUTO(bench_close) struct bench b;
	TALK bad = { 0 };
	TALK gone = { 0 };
	TALK twice = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "x", &e), e);
	CHECK(ask(&b, &bad, HTTP_DELETE, "/api/v1/dumps/1?force=true", "") == 400);
	CHECK(ask(&b, &gone, HTTP_DELETE, "/api/v1/dumps/1", "") == 204);
	CHECK(contents(&b) == 0 && hub_last(b.hub) == 1);
	CHECK(ask(&b, &twice, HTTP_DELETE, "/api/v1/dumps/1?force=1", "") == 404);
}

static const struct check all[] = {
	{ "image is stored and told", image_is_stored_and_told },
	{ "image content is what came", image_content_is_what_came },
	{ "upload that is refused leaves nothing", upload_that_is_refused_leaves_nothing },
	{ "name can be changed to another", name_can_be_changed_to_another },
	{ "removed image is gone with its bytes", removed_image_is_gone_with_its_bytes },
	{ "import is a dump of no slot", import_is_a_dump_of_no_slot },
	{ "dump is removed by its handler", dump_is_removed_by_its_handler },
};

CHECK_MAIN(all)
