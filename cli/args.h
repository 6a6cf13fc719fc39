/*
 * A command line taken apart: the command's name, its words, its options. Which options there are
 * is said in one string: "out= o= force" are --out VALUE (or --out=VALUE), -o VALUE and --force.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define ARGS_WORDS   2000
#define ARGS_OPTIONS 24

/* What stands in front of a command or behind it, whatever it is. */
#define ARGS_COMMON "url= token= cacert= insecure json quiet help version"

struct args {
	const char *command; /* NULL: none was given */
	size_t words, options;
	const char *word[ARGS_WORDS];
	struct {
		const char *name; /* as in the string that allows it */
		size_t name_len;
		const char *value; /* "" for an option without one */
	} option[ARGS_OPTIONS];
};

/*
 * Strings are borrowed from argv. allow(name) says which options a command has, beside
 * ARGS_COMMON; NULL for a command that is not there. ERR_BAD_INPUT.
 */
int args_parse(int argc, char **argv, const char *(*allow)(const char *command), struct args *args,
	       struct err *e) MUST_CHECK;

/* The last value given; NULL when it was not. */
const char *args_get(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);
