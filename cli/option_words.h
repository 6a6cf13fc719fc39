/* What each option means, for the help: one name means one thing in all commands. */
#pragma once

#include <stddef.h>

struct option_word {
	const char *name;
	const char *value; /* what its value is called; NULL: it takes none */
	const char *help;
};

/* NULL when nobody has described it. */
const struct option_word *option_word(const char *name, size_t len);

/* How many letters must be changed to make the one of the other: for "did you mean". */
size_t option_distance(const char *a, size_t len, const char *b);
