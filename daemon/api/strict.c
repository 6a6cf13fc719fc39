#include "strict.h"

#include <string.h>

#include "utf8.h"

static int refuse(const char *text, const char *at, const char *what, struct err *e)
{
	return err_set(e, ERR_BAD_INPUT, "the body is not JSON: %s at byte %zu", what,
		       (size_t)(at - text));
}

static size_t digits(const char *at)
{
	return strspn(at, "0123456789");
}

/* Behind a number of JSON's grammar; NULL when it is none. */
static const char *skip_number(const char *at)
{
	at += *at == '-';
	if (digits(at) == 0 || (*at == '0' && digits(at) > 1))
		return NULL;
	at += digits(at);
	if (*at == '.') {
		if (digits(++at) == 0)
			return NULL;
		at += digits(at);
	}
	if (*at == 'e' || *at == 'E') {
		at += 1 + (at[1] == '+' || at[1] == '-');
		if (digits(at) == 0)
			return NULL;
		at += digits(at);
	}
	return at;
}

/* Behind the string that starts at at, or at the end of the text; NULL when it holds what it must not. */
static const char *skip_string(const char *at)
{
	for (at++; *at && *at != '"'; at++) {
		if ((unsigned char)*at < 0x20 || !strncmp(at, "\\u0000", 6))
			return NULL;
		at += *at == '\\' && at[1];
	}
	return *at ? at + 1 : at;
}

/* Behind the token at at; NULL with *what for one that is refused. */
static const char *skip_token(const char *at, const char **what)
{
	if (*at == '"') {
		*what = "a string with a control character";
		return skip_string(at);
	}
	if (*at == '-' || digits(at) > 0) {
		*what = "no number";
		return skip_number(at);
	}
	*what = "a control character";
	return (unsigned char)*at < 0x20 && !strchr("\t\n\r", *at) ? NULL : at + 1;
}

static unsigned deeper(unsigned depth, char c)
{
	if (c == '{' || c == '[')
		return depth + 1;
	return depth > 0 && (c == '}' || c == ']') ? depth - 1 : depth;
}

int strict_check(const char *text, size_t len, unsigned depth, struct err *e)
{
	unsigned now = 0;

	if (strlen(text) != len)
		return refuse(text, text + strlen(text), "a NUL", e);
	if (!utf8_is_valid(text, len))
		return err_set(e, ERR_BAD_INPUT, "the body is not UTF-8");
	for (const char *at = text; *at;) {
		const char *what, *next = skip_token(at, &what);

		if (!next)
			return refuse(text, at, what, e);
		now = deeper(now, *at);
		if (now > depth)
			return err_set(e, ERR_BAD_INPUT, "the body is nested deeper than %u levels",
				       depth);
		at = next;
	}
	return 0;
}
