#include "conditional.h"

#include "auto.h"
#include "check.h"

static void etag_is_found_in_a_list(void)
{
	CHECK(etag_listed("\"abc\"", "\"abc\""));
	CHECK(etag_listed("\"x\", \"abc\" , \"y\"", "\"abc\""));
	CHECK(etag_listed("W/\"abc\"", "\"abc\""));
	CHECK(etag_listed("*", "\"abc\""));
	CHECK(!etag_listed(NULL, "\"abc\""));
	CHECK(!etag_listed("", "\"abc\""));
	CHECK(!etag_listed("\"ab\"", "\"abc\""));
	CHECK(!etag_listed("\"abcd\"", "\"abc\""));
	CHECK(!etag_listed("abc", "\"abc\""));
	CHECK(!etag_listed("\"abc\"x", "\"abc\""));
	CHECK(!etag_listed(",,,", "\"abc\""));
}

static void range_is_only_for_the_same_content(void)
{
	CHECK(etag_allows_range(NULL, "\"abc\""));
	CHECK(etag_allows_range("\"abc\"", "\"abc\""));
	CHECK(!etag_allows_range("\"abd\"", "\"abc\""));
	CHECK(!etag_allows_range("W/\"abc\"", "\"abc\""));
	CHECK(!etag_allows_range("Sun, 22 Nov 2026 10:00:00 GMT", "\"abc\""));
}

static void ranges_are_what_the_standard_says(void)
{
	static const struct {
		const char *header;
		enum range_got got;
		uint64_t first, length;
	} cases[] = {
		{ NULL, RANGE_ALL, 0, 0 },
		{ "", RANGE_ALL, 0, 0 },
		{ "bytes=0-0", RANGE_PART, 0, 1 },
		{ "bytes=0-99", RANGE_PART, 0, 100 },
		{ "Bytes=10-", RANGE_PART, 10, 90 },
		{ "bytes=10-1000", RANGE_PART, 10, 90 },
		{ "bytes=99-99", RANGE_PART, 99, 1 },
		{ "bytes=-1", RANGE_PART, 99, 1 },
		{ "bytes=-100", RANGE_PART, 0, 100 },
		{ "bytes=-1000", RANGE_PART, 0, 100 },
		{ "bytes=0-18446744073709551615", RANGE_PART, 0, 100 },
		{ "bytes=0-99999999999999999999999999", RANGE_PART, 0, 100 },
		{ "bytes=100-", RANGE_BAD, 0, 0 },
		{ "bytes=100-200", RANGE_BAD, 0, 0 },
		{ "bytes=99999999999999999999999999-", RANGE_BAD, 0, 0 },
		{ "bytes=-0", RANGE_BAD, 0, 0 },
		{ "bytes=5-4", RANGE_ALL, 0, 0 },
		{ "bytes=-", RANGE_ALL, 0, 0 },
		{ "bytes=5", RANGE_ALL, 0, 0 },
		{ "bytes=a-b", RANGE_ALL, 0, 0 },
		{ "bytes=0x1-", RANGE_ALL, 0, 0 },
		{ "bytes=0-1,5-6", RANGE_ALL, 0, 0 },
		{ "bytes=--1", RANGE_ALL, 0, 0 },
		{ "sectors=0-1", RANGE_ALL, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t first = 0, length = 0;

		CHECK(range_parse(cases[i].header, 100, &first, &length) == cases[i].got);
		CHECK(first == cases[i].first && length == cases[i].length);
	}
}

static void nothing_has_no_parts(void)
{
	uint64_t first, length;

	CHECK(range_parse("bytes=0-", 0, &first, &length) == RANGE_BAD);
	CHECK(range_parse("bytes=-5", 0, &first, &length) == RANGE_BAD);
}

static const struct check all[] = {
	{ "etag is found in a list", etag_is_found_in_a_list },
	{ "range is only for the same content", range_is_only_for_the_same_content },
	{ "ranges are what the standard says", ranges_are_what_the_standard_says },
	{ "nothing has no parts", nothing_has_no_parts },
};

CHECK_MAIN(all)
