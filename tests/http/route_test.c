#include "route.h"

#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "uri.h"

static int nothing(struct request *req, struct reply *reply, struct err *e)
{
	(void)req, (void)reply, (void)e;
	return 0;
}

static const struct route routes[] = {
	{ HTTP_GET, "/", nothing, SCOPE_NONE, BODY_NONE, NULL },
	{ HTTP_GET, "/jobs", nothing, SCOPE_READ, BODY_NONE, NULL },
	{ HTTP_POST, "/jobs", nothing, SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET, "/jobs/{id}", nothing, SCOPE_READ, BODY_NONE, NULL },
	{ HTTP_POST, "/jobs/{id}/cancel", nothing, SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET, "/dumps/{id}/diff/{other}", nothing, SCOPE_READ, BODY_NONE, NULL },
	{ HTTP_GET, "/slots/{name}", nothing, SCOPE_READ, BODY_NONE, NULL },
};

static const struct route_table table = { routes, ARRAY_LEN(routes) };

static void paths_find_their_route(void)
{
	static const struct {
		const char *method, *path;
		int index; /* -1: not found, -2: method not allowed */
		int64_t id, other;
		const char *name;
	} cases[] = {
		{ "GET", "/", 0, 0, 0, "" },
		{ "HEAD", "/", 0, 0, 0, "" },
		{ "GET", "/jobs", 1, 0, 0, "" },
		{ "POST", "/jobs", 2, 0, 0, "" },
		{ "GET", "/jobs/7", 3, 7, 0, "" },
		{ "GET", "/jobs/9223372036854775807", 3, INT64_MAX, 0, "" },
		{ "POST", "/jobs/12/cancel", 4, 12, 0, "" },
		{ "GET", "/dumps/3/diff/4", 5, 3, 4, "" },
		{ "GET", "/slots/left", 6, 0, 0, "left" },
		{ "GET", "/slots/left%20one", 6, 0, 0, "left one" },
		{ "GET", "/slots/a%2Fb", 6, 0, 0, "a/b" },
		{ "GET", "/slots/a+b", 6, 0, 0, "a+b" },
		{ "GET", "/slots/%C3%A4", 6, 0, 0, "\xc3\xa4" },
		{ "GET", "/jobs/0", -1, 0, 0, "" },
		{ "GET", "/jobs/-1", -1, 0, 0, "" },
		{ "GET", "/jobs/+1", -1, 0, 0, "" },
		{ "GET", "/jobs/07", -1, 0, 0, "" },
		{ "GET", "/jobs/0x7", -1, 0, 0, "" },
		{ "GET", "/jobs/7a", -1, 0, 0, "" },
		{ "GET", "/jobs/%37", -1, 0, 0, "" },
		{ "GET", "/jobs/9223372036854775808", -1, 0, 0, "" },
		{ "GET", "/jobs/99999999999999999999999999", -1, 0, 0, "" },
		{ "GET", "/jobs/", -1, 0, 0, "" },
		{ "GET", "/jobs//", -1, 0, 0, "" },
		{ "GET", "//jobs", -1, 0, 0, "" },
		{ "GET", "/jobs/7/", -1, 0, 0, "" },
		{ "GET", "/jobs/7/cance", -1, 0, 0, "" },
		{ "GET", "/jobs/7/cancel/x", -1, 0, 0, "" },
		{ "GET", "/job", -1, 0, 0, "" },
		{ "GET", "/jobss", -1, 0, 0, "" },
		{ "GET", "/Jobs", -1, 0, 0, "" },
		{ "GET", "jobs", -1, 0, 0, "" },
		{ "GET", "", -1, 0, 0, "" },
		{ "GET", "*", -1, 0, 0, "" },
		{ "GET", "/slots/", -1, 0, 0, "" },
		{ "GET", "/slots/%00", -1, 0, 0, "" },
		{ "GET", "/slots/a%00b", -1, 0, 0, "" },
		{ "GET", "/slots/%4", -1, 0, 0, "" },
		{ "GET", "/slots/%zz", -1, 0, 0, "" },
		{ "GET", "/slots/a/b", -1, 0, 0, "" },
		{ "DELETE", "/jobs", -2, 0, 0, "" },
		{ "GET", "/jobs/7/cancel", -2, 0, 0, "" },
		{ "OPTIONS", "/jobs/7", -2, 0, 0, "" },
		{ "get", "/jobs", -2, 0, 0, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		struct route_args args;
		const struct route *r = route_find(&table, http_method_parse(cases[i].method),
						   cases[i].path, &args, &e);
		const bool as_expected =
			cases[i].index >= 0
				? r == &routes[cases[i].index] && args.id == cases[i].id &&
					  args.other == cases[i].other &&
					  !strcmp(args.name, cases[i].name)
				: !r && e.code == (cases[i].index == -1 ? ERR_NOT_FOUND
									: ERR_METHOD_NOT_ALLOWED);

		if (!as_expected)
			fprintf(stderr, "%s %s\n", cases[i].method, cases[i].path);
		CHECK(as_expected);
	}
}

static void name_that_is_too_long_is_not_found(void)
{
	struct route_args args;
	char path[ROUTE_NAME + 8] = "/slots/";

	memset(path + 7, 'n', ROUTE_NAME - 1);
	CHECK(route_match("/slots/{name}", path, &args));
	CHECK(strlen(args.name) == ROUTE_NAME - 1);
	path[7 + ROUTE_NAME - 1] = 'n';
	CHECK(!route_match("/slots/{name}", path, &args));
}

static void allow_lists_the_methods_of_a_path(void)
{
	char allow[ROUTE_ALLOW];

	route_allow(&table, "/jobs", allow);
	CHECK(!strcmp(allow, "GET, HEAD, POST"));
	route_allow(&table, "/jobs/7/cancel", allow);
	CHECK(!strcmp(allow, "POST"));
	route_allow(&table, "/nowhere", allow);
	CHECK(!strcmp(allow, ""));
}

static void query_is_decoded(void)
{
	char text[] = "slot=left+one&q=%26%3d%2B&empty=&bare&&limit=5";
	struct query query;
	struct err e;

	CHECK_OK(query_parse(text, &query, &e), e);
	CHECK(!strcmp(query_get(&query, "slot"), "left one"));
	CHECK(!strcmp(query_get(&query, "q"), "&=+"));
	CHECK(!strcmp(query_get(&query, "empty"), ""));
	CHECK(!strcmp(query_get(&query, "bare"), ""));
	CHECK(!strcmp(query_get(&query, "limit"), "5"));
	CHECK(!query_get(&query, "other"));
}

static void no_query_is_an_empty_one(void)
{
	struct query query;
	struct err e;

	CHECK_OK(query_parse(NULL, &query, &e), e);
	CHECK(query.n == 0);
}

static bool is_refused(const char *query, const char *word)
{
	char text[512];
	struct query parsed;
	struct err e = { 0 };

	snprintf(text, sizeof text, "%s", query);
	if (query_parse(text, &parsed, &e) == 0 &&
	    query_check_known(&parsed, "slot state limit", &e) == 0)
		return false;
	return e.code == ERR_BAD_INPUT && strstr(e.text, word);
}

static void query_that_makes_no_sense_is_refused(void)
{
	CHECK(is_refused("slot=%", "percent"));
	CHECK(is_refused("slot=%4", "percent"));
	CHECK(is_refused("slot=%00", "percent"));
	CHECK(is_refused("%zz=1", "percent"));
	CHECK(is_refused("slot=a&slot=b", "twice"));
	CHECK(is_refused("slo=a", "\"slo\""));
	CHECK(is_refused("slot+state=a", "\"slot state\""));
	CHECK(is_refused("=a", "\"\""));
	CHECK(is_refused("a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1&n=1&o=1&p=1&q=1",
			 "more than"));
	CHECK(!is_refused("slot=a&state=&limit=5", ""));
}

static const struct check all[] = {
	{ "paths find their route", paths_find_their_route },
	{ "name that is too long is not found", name_that_is_too_long_is_not_found },
	{ "allow lists the methods of a path", allow_lists_the_methods_of_a_path },
	{ "query is decoded", query_is_decoded },
	{ "no query is an empty one", no_query_is_an_empty_one },
	{ "query that makes no sense is refused", query_that_makes_no_sense_is_refused },
};

CHECK_MAIN(all)
