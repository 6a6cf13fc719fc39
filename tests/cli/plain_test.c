#include "plain.h"

#include "auto.h"
#include "check.h"

static void nothing_moves_a_terminal(void)
{
	static const struct {
		const char *text, *clean, *lines;
	} cases[] = {
		{ "door \xc3\xa4\xf0\x9f\x94\xa5", "door \xc3\xa4\xf0\x9f\x94\xa5",
		  "door \xc3\xa4\xf0\x9f\x94\xa5" },
		{ "a\x1b[2Jb\x7f", "a?[2Jb?", "a?[2Jb?" },
		{ "a\n\tb\r", "a??b?", "a\n\tb?" },
		{ "\xc2\x9b"
		  "31m\xc2\xa0",
		  "??31m\xc2\xa0", "??31m\xc2\xa0" },
		{ "\xff\xc0\x80\xed\xa0\x80", "??????", "??????" },
		{ "cut \xe2\x82", "cut ??", "cut ??" },
		{ "bin\xe2\x80\xae"
		  "cod",
		  "bin???cod", "bin???cod" },
		{ "\xef\xbb\xbf"
		  "a",
		  "???a", "???a" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[64], lines[64];

		snprintf(text, sizeof text, "%s", cases[i].text);
		snprintf(lines, sizeof lines, "%s", cases[i].text);
		plain_clean(text);
		plain_clean_lines(lines);
		CHECK(!strcmp(text, cases[i].clean));
		CHECK(!strcmp(lines, cases[i].lines));
	}
}

static const struct check all[] = {
	{ "nothing moves a terminal", nothing_moves_a_terminal },
};
CHECK_MAIN(all)
