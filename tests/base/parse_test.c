#include "parse.h"

#include "auto.h"
#include "check.h"

typedef int parser(const char *text, uint64_t max, uint64_t *out);

/* One text, the largest value allowed, and what comes of it. */
struct sample {
	const char *text;
	uint64_t max, value;
};

static void all_are(parser *parse, const struct sample *samples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t value = 0;

		if (parse(samples[i].text, samples[i].max, &value) != 0)
			fprintf(stderr, "refused: \"%s\"\n", samples[i].text);
		CHECK(value == samples[i].value);
	}
}

/* And the output stays as it was. */
static void all_are_refused(parser *parse, const struct sample *samples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t value = 42;

		if (parse(samples[i].text, samples[i].max, &value) == 0)
			fprintf(stderr, "taken: \"%s\"\n", samples[i].text);
		CHECK(value == 42);
		CHECK(parse(samples[i].text, samples[i].max, &value) == -1);
	}
}

static void whole_numbers_are_decimal_or_hexadecimal(void)
{
	static const struct sample good[] = {
		{ "0", 0, 0 },
		{ "7", 7, 7 },
		{ "4096", UINT64_MAX, 4096 },
		{ "0x1000", UINT64_MAX, 4096 },
		{ "0XfF", 255, 255 },
		{ "010", 10, 10 }, /* not octal */
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX },
		{ "0xffffffffffffffff", UINT64_MAX, UINT64_MAX },
	};

	all_are(parse_u64, good, ARRAY_LEN(good));
}

static void what_is_no_whole_number_is_refused(void)
{
	static const struct sample bad[] = {
		{ "", 9, 0 },      { " 1", 9, 0 },       { "1 ", 9, 0 },  { "-1", UINT64_MAX, 0 },
		{ "+1", 9, 0 },    { "0x", 9, 0 },       { "x1", 9, 0 },  { "0x-1", UINT64_MAX, 0 },
		{ "1.0", 9, 0 },   { "1e3", 9, 0 },      { "abc", 9, 0 }, { "0xg", 9, 0 },
		{ "1K", 9999, 0 }, { "8 apples", 9, 0 },
	};

	all_are_refused(parse_u64, bad, ARRAY_LEN(bad));
}

static void a_second_prefix_is_no_number(void)
{
	static const struct sample bad[] = { { "0x0x10", 99, 0 } };

	all_are_refused(parse_u64, bad, ARRAY_LEN(bad));
}

static void numbers_past_the_limit_are_refused(void)
{
	static const struct sample bad[] = {
		{ "8", 7, 0 },
		{ "0x100", 255, 0 },
		{ "18446744073709551616", UINT64_MAX, 0 },
		{ "0x10000000000000000", UINT64_MAX, 0 },
		{ "99999999999999999999999999", UINT64_MAX, 0 },
	};

	all_are_refused(parse_u64, bad, ARRAY_LEN(bad));
}

static void sizes_have_units_of_1024(void)
{
	static const struct sample good[] = {
		{ "0", 0, 0 },
		{ "512", 512, 512 },
		{ "64K", 65536, 65536 },
		{ "64M", UINT64_MAX, 64ull << 20 },
		{ "4G", 1ull << 32, 1ull << 32 },
		{ "0x10K", UINT64_MAX, 16384 },
		{ "17179869183G", UINT64_MAX, 17179869183ull << 30 },
	};

	all_are(parse_size, good, ARRAY_LEN(good));
}

static void what_is_no_size_is_refused(void)
{
	static const struct sample bad[] = {
		{ "", 9, 0 },
		{ "K", 9999, 0 },
		{ "1k", 9999, 0 },
		{ "1KB", 9999, 0 },
		{ "1 K", 9999, 0 },
		{ "1T", UINT64_MAX, 0 },
		{ "-1K", UINT64_MAX, 0 },
		{ "1K1", 9999, 0 },
		{ "65K", 65536, 0 },
		{ "17179869184G", UINT64_MAX, 0 }, /* 2^64 */
	};

	all_are_refused(parse_size, bad, ARRAY_LEN(bad));
}

static void durations_are_in_milliseconds(void)
{
	static const struct sample good[] = {
		{ "0", 0, 0 },
		{ "0s", 0, 0 },
		{ "250ms", 250, 250 },
		{ "30s", 30000, 30000 },
		{ "10min", UINT64_MAX, 600000 },
		{ "24h", 86400000, 86400000 },
	};

	all_are(parse_duration_ms, good, ARRAY_LEN(good));
}

static void what_is_no_duration_is_refused(void)
{
	static const struct sample bad[] = {
		{ "", 9, 0 },
		{ "30", 99, 0 }, /* of what? */
		{ "1m", UINT64_MAX, 0 },
		{ "1S", UINT64_MAX, 0 },
		{ "1.5s", UINT64_MAX, 0 },
		{ "1h30min", UINT64_MAX, 0 },
		{ "10 min", UINT64_MAX, 0 },
		{ "25h", 86400000, 0 },
		{ "5124095576030432h", UINT64_MAX, 0 }, /* past 2^64 ms */
	};

	all_are_refused(parse_duration_ms, bad, ARRAY_LEN(bad));
}

static void chances_go_from_nothing_to_certain(void)
{
	static const struct {
		const char *text;
		double value;
	} good[] = { { "0", 0.0 },         { "1", 1.0 },     { "1.0", 1.0 },
		     { "0.0025", 0.0025 }, { "1e-6", 1e-6 }, { ".5", 0.5 } };

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		double value = -1.0;

		CHECK(parse_chance(good[i].text, &value) == 0 && value == good[i].value);
	}
}

static void what_is_no_chance_is_refused(void)
{
	static const char *const bad[] = { "",     "-0.1", "1.01", "nan", "inf", ".",
					   "0.5x", " 0.5", "0.5 ", "+1",  "50%", "1e3" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		double value = 42.0;

		if (parse_chance(bad[i], &value) == 0)
			fprintf(stderr, "taken: \"%s\"\n", bad[i]);
		CHECK(value == 42.0 && parse_chance(bad[i], &value) == -1);
	}
}

static const struct check all[] = {
	{ "whole numbers are decimal or hexadecimal", whole_numbers_are_decimal_or_hexadecimal },
	{ "what is no whole number is refused", what_is_no_whole_number_is_refused },
	{ "a second prefix is no number", a_second_prefix_is_no_number },
	{ "numbers past the limit are refused", numbers_past_the_limit_are_refused },
	{ "sizes have units of 1024", sizes_have_units_of_1024 },
	{ "what is no size is refused", what_is_no_size_is_refused },
	{ "durations are in milliseconds", durations_are_in_milliseconds },
	{ "what is no duration is refused", what_is_no_duration_is_refused },
	{ "chances go from nothing to certain", chances_go_from_nothing_to_certain },
	{ "what is no chance is refused", what_is_no_chance_is_refused },
};
CHECK_MAIN(all)
