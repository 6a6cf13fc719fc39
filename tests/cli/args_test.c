#include "args.h"
#include "auto.h"
#include "check.h"

static const char *allow(const char *command)
{
	return !strcmp(command, "backup") ? "out= o= force" : NULL;
}

static int parse(struct args *args, struct err *e, int argc, char **argv)
{
	return args_parse(argc, argv, allow, args, e);
}

#define PARSE(args, e, ...) \
	parse(args, e, (int)ARRAY_LEN(((const char *[]){ "flashrig", __VA_ARGS__ })), \
	      (char **)(const char *[]){ "flashrig", __VA_ARGS__ })

static void words_and_options_come_apart(void)
{
	struct args a;
	struct err e;

	CHECK_OK(PARSE(&a, &e, "--json", "backup", "left", "--out", "a.bin", "--force"), e);
	CHECK(!strcmp(a.command, "backup") && a.words == 1 && !strcmp(a.word[0], "left"));
	CHECK(!strcmp(args_get(&a, "out"), "a.bin") && args_has(&a, "force") &&
	      args_has(&a, "json"));
	CHECK(!args_has(&a, "o") && !args_get(&a, "quiet"));
}

static void value_may_stand_behind_an_equals_sign(void)
{
	struct args a;
	struct err e;

	CHECK_OK(PARSE(&a, &e, "backup", "--out=", "-o", "x", "-o=y"), e);
	CHECK(!strcmp(args_get(&a, "out"), "") && !strcmp(args_get(&a, "o"), "y"));
}

static void unknown_option_is_named(void)
{
	struct args a;
	struct err e;

	CHECK(PARSE(&a, &e, "backup", "left", "--colour") < 0 && e.code == ERR_BAD_INPUT);
	CHECK(strstr(e.text, "--colour") && strstr(e.hint, "backup --help"));
	CHECK(PARSE(&a, &e, "slots", "--out", "x") < 0); /* another command's */
	CHECK(PARSE(&a, &e, "backup", "--ou", "x") <
	      0); /* no abbreviations: they would change meaning */
	CHECK(PARSE(&a, &e, "backup", "--force=1") < 0);
}

static void missing_value_is_told(void)
{
	struct args a;
	struct err e;

	CHECK(PARSE(&a, &e, "backup", "--out") < 0 && strstr(e.text, "value"));
}

static void two_dashes_end_the_options(void)
{
	struct args a;
	struct err e;

	CHECK_OK(PARSE(&a, &e, "backup", "--", "--left", "-"), e);
	CHECK(a.words == 2 && !strcmp(a.word[0], "--left") && !strcmp(a.word[1], "-"));
}

static void nothing_is_no_command(void)
{
	struct args a;
	struct err e;

	CHECK_OK(parse(&a, &e, 1, (char **)(const char *[]){ "flashrig" }), e);
	CHECK(!a.command && a.words == 0);
}

static const struct check checks[] = {
	{ "words and options come apart", words_and_options_come_apart },
	{ "value may stand behind an equals sign", value_may_stand_behind_an_equals_sign },
	{ "unknown option is named", unknown_option_is_named },
	{ "missing value is told", missing_value_is_told },
	{ "two dashes end the options", two_dashes_end_the_options },
	{ "nothing is no command", nothing_is_no_command },
};

CHECK_MAIN(checks)
