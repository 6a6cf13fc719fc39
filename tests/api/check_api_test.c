#include "check.h"

#include "audit_store.h"
#include "auto.h"
#include "bench.h"
#include "clock.h"

static struct err e;

static bool run(struct db *db, const char *sql)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, sql);

	return stmt_end(&s, &e) == 0 && tx_commit(&tx, &e) == 0;
}

/* Asks for the first job until it has ended. */
static bool wait_for_job(struct bench *b)
{
	for (int i = 0; i < 5000; i++) {
		TALK t = { 0 };

		if (get(b, &t, "/api/v1/jobs/1") != 200)
			return false;
		if (strstr(t.body, "\"state\":\"done\""))
			return true;
		clock_sleep_ns(clock_real(), CLOCK_MS);
	}
	return false;
}

static void check_is_a_job_without_a_slot(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(ask(&b, &t, HTTP_POST, "/api/v1/archive/check", "") == 202);
	CHECK(!strcmp(reply_header_get(&t.reply, "Location"), "/api/v1/jobs/1"));
	CHECK(strstr(t.body, "\"type\":\"check\",\"slot\":null"));
}

static void result_lists_the_damage(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 }, got = { 0 }, all = { 0 }, archive = { 0 };
	static const char wanted[] =
		"\"result\":{\"checked\":1,\"damages\":1,\"damaged\":[{\"dump\":1,\"offset\":0,"
		"\"length\":4096,\"reason\":\"content 1 at 0x0: block 1 is lost\","
		"\"remedy\":\"Back the same board up again, or import the dump from an export or "
		"another archive: its good bytes take the place of the damaged ones.\"}]}";

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "door", &e), e);
	CHECK(run(&b.db, "DELETE FROM block WHERE id = 1"));
	CHECK(ask(&b, &t, HTTP_POST, "/api/v1/archive/check", "{}") == 202);
	CHECK(wait_for_job(&b));
	CHECK(get(&b, &got, "/api/v1/jobs/1") == 200 && strstr(got.body, wanted));
	CHECK(get(&b, &all, "/api/v1/jobs") == 200 && strstr(all.body, wanted));
	CHECK(get(&b, &archive, "/api/v1/archive") == 200);
	CHECK(strstr(archive.body, "\"checked\":1,\"damaged\":1}"));
}

static void archive_that_was_never_checked_says_null(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(get(&b, &t, "/api/v1/archive") == 200);
	CHECK(strstr(t.body, "\"last_check\":null"));
}

static void check_takes_no_parameters(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 }, job = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK(ask(&b, &t, HTTP_POST, "/api/v1/archive/check", "{\"fast\":true}") == 400);
	CHECK(ask(&b, &job, HTTP_POST, "/api/v1/jobs", "{\"type\":\"check\"}") == 400);
	CHECK(strstr(job.err.text, "/archive/check"));
}

static void equal_dumps_have_no_difference(void)
{
	AUTO(bench_close) struct bench b;
	TALK t = { 0 }, lost = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "one", &e), e);
	CHECK_OK(add_dump(&b, "two", &e), e);
	CHECK(get(&b, &t, "/api/v1/dumps/1/diff/2") == 200);
	CHECK(!strcmp(t.body, "{\"equal\":true,\"sector_size\":4096,\"differing_sectors\":0,"
			      "\"differing_bytes\":0,\"ranges\":[],\"truncated\":false,"
			      "\"partitions\":[]}"));
	CHECK(get(&b, &lost, "/api/v1/dumps/1/diff/3") == 404);
}

static void lookup_wants_one_way_to_know_bytes(void)
{
	static const struct {
		const char *body;
		unsigned status;
	} cases[] = {
		{ "{}", 400 },
		{ "[]", 400 },
		{ "{\"sha256\":\"12\"}", 400 },
		{ "{\"crc32\":\"00000000\"}", 400 },
		{ "{\"size\":1}", 400 },
		{ "{\"crc32\":\"0000000G\",\"size\":1}", 400 },
		{ "{\"crc32\":\"00000000\",\"size\":1}", 200 },
	};
	AUTO(bench_close) struct bench b;

	CHECK_OK(bench_open(&b, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		TALK t = { 0 };

		CHECK(ask(&b, &t, HTTP_POST, "/api/v1/dumps/lookup", cases[i].body) ==
		      cases[i].status);
	}
}

static const struct check all[] = {
	{ "a check is a job without a slot", check_is_a_job_without_a_slot },
	{ "the result lists the damage", result_lists_the_damage },
	{ "an archive that was never checked says null", archive_that_was_never_checked_says_null },
	{ "a check takes no parameters", check_takes_no_parameters },
	{ "equal dumps have no difference", equal_dumps_have_no_difference },
	{ "lookup wants one way to know bytes", lookup_wants_one_way_to_know_bytes },
};
CHECK_MAIN(all)
