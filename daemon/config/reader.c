#include "reader.h"

#include <ctype.h>
#include <ini.h>
#include <stdbool.h>
#include <string.h>

#include "config.h"
#include "text.h"

static const char bom[] = "\xef\xbb\xbf";

static bool is_space(char c)
{
	return isspace((unsigned char)c);
}

/* The next line without the blanks around it; false at the end. */
static bool next_line(struct reader *reader, const char **line, size_t *len)
{
	const char *at = reader->at;
	const size_t left = (size_t)(reader->end - at);
	const char *stop = left ? memchr(at, '\n', left) : NULL;

	if (left == 0)
		return false;
	reader->line++;
	reader->at = stop ? stop + 1 : reader->end;
	stop = stop ? stop : reader->end;
	while (at < stop && is_space(*at))
		at++;
	while (stop > at && is_space(stop[-1]))
		stop--;
	*line = at;
	*len = (size_t)(stop - at);
	return true;
}

/* "[name] ; comment": the name without the blanks around it, in place; NULL when it is broken. */
static char *section_name(char *line)
{
	char *close = strchr(line, ']'), *rest;

	if (!close)
		return NULL;
	rest = close + 1 + strspn(close + 1, " \t");
	if (*rest && !(strchr(";#", *rest) && rest > close + 1))
		return NULL;
	do
		*close = '\0';
	while (is_space(*--close));
	return line + 1 + strspn(line + 1, " \t");
}

static void take_section(struct reader *reader, char *line)
{
	const char *name = section_name(line);

	if (name)
		reader->ops->section(reader, name);
	else
		reader->ops->fault(reader, "is no section: write [name] and nothing behind it");
}

/* Puts the line into str for inih. False when it was dealt with here. */
static bool take_line(struct reader *reader, const char *line, size_t len, char *str, size_t size)
{
	const char *fault = text_fault(line, len);

	if (len == 0 || ((line[0] == ';' || line[0] == '#') && !fault))
		return false;
	if (!fault && len >= size)
		fault = "is too long";
	if (fault) {
		reader->ops->fault(reader, fault);
		return false;
	}
	memcpy(str, line, len);
	str[len] = '\0';
	if (str[0] == '[')
		take_section(reader, str);
	return str[0] != '[';
}

/* inih's way of asking for a line, in the manner of fgets(). */
static char *give_line(char *str, int size, void *user)
{
	struct reader *reader = user;
	const char *line;
	size_t len;

	while (next_line(reader, &line, &len))
		if (take_line(reader, line, len, str, (size_t)size))
			return str;
	return NULL;
}

/* Always 1: a mistake of one line does not end the file. */
static int on_pair(void *user, const char *section, const char *name, const char *value)
{
	struct reader *reader = user;

	(void)section;
	if (value)
		reader->ops->pair(reader, name, value);
	else
		reader->ops->fault(reader, "is neither [section] nor key = value");
	return 1;
}

void reader_run(struct reader *reader, const char *text, size_t len)
{
	const size_t skip = len >= strlen(bom) && !memcmp(text, bom, strlen(bom)) ? strlen(bom) : 0;

	/* Debian's inih has its compile-time options as variables. Lines are 200 bytes long by
	 * default, an indented line would go on with the value above it, and a line without '='
	 * would only be counted. */
	ini_max_line = CONFIG_LINE_MAX;
	ini_allow_multiline = false;
	ini_allow_no_value = true;

	reader->line = 0;
	reader->at = text + skip;
	reader->end = text + len;
	(void)ini_parse_stream(give_line, reader, on_pair, reader);
}
