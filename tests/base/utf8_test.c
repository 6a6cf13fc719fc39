#include "utf8.h"

#include "auto.h"
#include "check.h"

static void utf8_is_told_from_other_bytes(void)
{
	static const char *const good[] = { "",
					    "a",
					    "\xc3\xa4",
					    "\xe2\x82\xac",
					    "\xf0\x9f\x94\xa5",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80",
					   "\xc3",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xe0\x80\x80",
					   "\xe0\x9f\xbf",
					   "\xed\xa0\x80",
					   "\xf0\x80\x80\x80",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xff",
					   "a\xe2\x82",
					   "\xc3\x28" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CHECK(utf8_is_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(!utf8_is_valid(bad[i], strlen(bad[i])));
}

static void character_is_as_long_as_it_says(void)
{
	CHECK(utf8_len("ab", 2) == 1 && utf8_len("\xe2\x82\xac", 3) == 3);
	CHECK(utf8_len("\xe2\x82\xac", 2) == 0 && utf8_len("", 0) == 0);
	CHECK(utf8_len("\0", 1) == 1);
}

static void control_characters_are_known(void)
{
	CHECK(utf8_is_control("\n") && utf8_is_control("\x7f") && utf8_is_control("\xc2\x85"));
	CHECK(!utf8_is_control(" ") && !utf8_is_control("\xc2\xa0") &&
	      !utf8_is_control("\xc3\x85"));
}

static void what_is_broken_becomes_question_marks(void)
{
	char text[] = "a\xc3\xa4\xe2\x82"
		      "b\xff";

	utf8_repair(text);
	CHECK(!strcmp(text, "a\xc3\xa4??b?"));
}

static const struct check all[] = {
	{ "utf8 is told from other bytes", utf8_is_told_from_other_bytes },
	{ "a character is as long as it says", character_is_as_long_as_it_says },
	{ "control characters are known", control_characters_are_known },
	{ "what is broken becomes question marks", what_is_broken_becomes_question_marks },
};
CHECK_MAIN(all)
