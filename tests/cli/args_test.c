#include "args.h"
#include "auto.h"
#include "check.h"
#include "cli.h"
#include "option_words.h"

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

/* Like "offset= force" of a command. */
static bool are_described(const char *options)
{
	while (options && *options) {
		const size_t word = strcspn(options, " ");
		const bool value = options[word - 1] == '=';
		const struct option_word *found = option_word(options, word - value);

		if (!found || !found->help[0] || value != (found->value != NULL)) {
			fprintf(stderr, "%.*s\n", (int)word, options);
			return false;
		}
		options += word + strspn(options + word, " ");
	}
	return true;
}

static void every_option_of_every_command_is_described(void)
{
	const struct command *c;

	for (size_t i = 0; (c = command_at(i)) != NULL; i++)
		CHECK(are_described(c->options));
}

static void slips_are_near(void)
{
	CHECK(option_distance("ofset", 5, "offset") == 1);
	CHECK(option_distance("backup", 6, "backup") == 0);
	CHECK(option_distance("", 0, "all") == 3 && option_distance("bakcup", 6, "backup") == 2);
}

static const struct check checks[] = {
	{ "words and options come apart", words_and_options_come_apart },
	{ "value may stand behind an equals sign", value_may_stand_behind_an_equals_sign },
	{ "unknown option is named", unknown_option_is_named },
	{ "missing value is told", missing_value_is_told },
	{ "two dashes end the options", two_dashes_end_the_options },
	{ "nothing is no command", nothing_is_no_command },
	{ "every option of every command is described",
	  every_option_of_every_command_is_described },
	{ "slips are near", slips_are_near },
};

CHECK_MAIN(checks)
