#include "args.h"

#include <stdio.h>
#include <string.h>

#include "option_words.h"

/* The option in a list like "out= force": its name there and whether it takes a value. */
struct known {
	const char *name;
	size_t len;
	bool value;
};

static bool find_in(const char *list, const char *name, size_t len, struct known *known)
{
	while (list && *list) {
		const size_t word = strcspn(list, " ");
		const bool value = list[word - 1] == '=';
		const size_t n = word - value;

		if (n == len && !memcmp(list, name, len)) {
			*known = (struct known){ list, n, value };
			return true;
		}
		list += word + strspn(list + word, " ");
	}
	return false;
}

struct parser {
	int argc, at;
	char **argv;
	const char *(*allow)(const char *command);
	struct args *args;
};

static int keep_option(struct parser *p, const struct known *known, const char *value,
		       struct err *e)
{
	struct args *a = p->args;

	if (a->options == ARGS_OPTIONS)
		return err_set(e, ERR_BAD_INPUT, "too many options");
	a->option[a->options].name = known->name;
	a->option[a->options].name_len = known->len;
	a->option[a->options++].value = value;
	return 0;
}

/* The name in a list that is nearest; best is how far it may be. */
static void find_near(const char *list, const char *name, size_t len, struct known *near,
		      size_t *best)
{
	char text[40];

	while (list && *list) {
		const size_t word = strcspn(list, " ");
		const size_t n = word - (list[word - 1] == '=');
		size_t far;

		snprintf(text, sizeof text, "%.*s", (int)n, list);
		far = option_distance(name, len, text);
		if (n > 2 && far < *best) {
			*best = far;
			*near = (struct known){ list, n, false };
		}
		list += word + strspn(list + word, " ");
	}
}

static int hint_at(const struct parser *p, const char *name, size_t len, const char *own,
		   struct err *e)
{
	struct known near = { .len = 0 };
	const char *command = p->args->command ? p->args->command : "";
	size_t best = 3;

	find_near(own, name, len, &near, &best);
	find_near(ARGS_COMMON, name, len, &near, &best);
	if (near.len > 0)
		return err_hint(e, "Did you mean --%.*s?", (int)near.len, near.name);
	return err_hint(e, "see flashrig %s%s--help", command, *command ? " " : "");
}

static int take_option(struct parser *p, const char *text, struct err *e)
{
	const bool is_long = text[1] == '-';
	const char *name = text + (is_long ? 2 : 1), *equals = strchr(name, '=');
	const size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const char *own = p->args->command ? p->allow(p->args->command) : NULL;
	struct known known;

	if (!find_in(own, name, len, &known) && !find_in(ARGS_COMMON, name, len, &known)) {
		err_set(e, ERR_BAD_INPUT, "%.60s: no such option", text);
		return hint_at(p, name, len, own, e);
	}
	if (known.value && !equals && p->at == p->argc)
		return err_set(e, ERR_BAD_INPUT, "%.60s: a value is wanted", text);
	if (!known.value && equals)
		return err_set(e, ERR_BAD_INPUT, "%.60s: takes no value", text);
	return keep_option(p, &known,
			   !known.value ? ""
			   : equals     ? equals + 1
					: p->argv[p->at++],
			   e);
}

static int take_word(struct parser *p, const char *text, struct err *e)
{
	struct args *a = p->args;

	if (!a->command) {
		a->command = text;
		return 0;
	}
	if (a->words == ARGS_WORDS)
		return err_set(e, ERR_BAD_INPUT, "more than %d words", ARGS_WORDS);
	a->word[a->words++] = text;
	return 0;
}

int args_parse(int argc, char **argv, const char *(*allow)(const char *command), struct args *args,
	       struct err *e)
{
	struct parser p = { .argc = argc, .at = 1, .argv = argv, .allow = allow, .args = args };
	bool only_words = false;

	*args = (struct args){ .command = NULL };
	while (p.at < argc) {
		const char *text = argv[p.at++];

		if (!only_words && !strcmp(text, "--"))
			only_words = true;
		else if (!only_words && text[0] == '-' && text[1]) {
			if (take_option(&p, !strcmp(text, "-h") ? "--help" : text, e) < 0)
				return -1;
		} else if (take_word(&p, text, e) < 0)
			return -1;
	}
	return 0;
}

const char *args_get(const struct args *args, const char *name)
{
	for (size_t i = args->options; i-- > 0;)
		if (args->option[i].name_len == strlen(name) &&
		    !memcmp(args->option[i].name, name, args->option[i].name_len))
			return args->option[i].value;
	return NULL;
}

bool args_has(const struct args *args, const char *name)
{
	return args_get(args, name) != NULL;
}
