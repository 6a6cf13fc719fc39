#include "uri.h"

#include <stdbool.h>
#include <string.h>

#include "hash.h"

/* The byte behind "%41" at text; -1 when it is none. */
static int escaped(const char *text)
{
	const char digits[3] = { text[1], text[1] ? text[2] : '\0', '\0' };
	uint8_t byte;

	return hash_unhex(digits, &byte, 1) < 0 || byte == 0 ? -1 : byte;
}

int uri_decode(char *text, enum uri_plus plus)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		int c = (unsigned char)*in;

		if (c == '%') {
			c = escaped(in);
			if (c < 0)
				return -1;
			in += 2;
		} else if (c == '+' && plus == URI_PLUS_IS_SPACE) {
			c = ' ';
		}
		*out++ = (char)c;
	}
	*out = '\0';
	return 0;
}

const char *query_get(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->n; i++)
		if (!strcmp(query->item[i].name, name))
			return query->item[i].value;
	return NULL;
}

static int query_add(struct query *query, char *item, struct err *e)
{
	char *value = strchr(item, '=');

	if (value)
		*value++ = '\0';
	else
		value = item + strlen(item);
	if (uri_decode(item, URI_PLUS_IS_SPACE) < 0 || uri_decode(value, URI_PLUS_IS_SPACE) < 0)
		return err_set(e, ERR_BAD_INPUT, "query: broken percent-encoding");
	if (query_get(query, item))
		return err_set(e, ERR_BAD_INPUT, "query: \"%s\" is given twice", item);
	if (query->n == QUERY_MAX)
		return err_set(e, ERR_BAD_INPUT, "query: more than %d parameters", QUERY_MAX);
	query->item[query->n].name = item;
	query->item[query->n++].value = value;
	return 0;
}

int query_parse(char *text, struct query *query, struct err *e)
{
	char *rest = text;

	*query = (struct query){ 0 };
	for (char *item; (item = strsep(&rest, "&"));)
		if (*item && query_add(query, item, e) < 0)
			return -1;
	return 0;
}

static bool is_listed(const char *list, const char *name)
{
	const size_t len = strlen(name);

	for (const char *at = list; len > 0 && (at = strstr(at, name)); at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

int query_check_known(const struct query *query, const char *known, struct err *e)
{
	for (size_t i = 0; i < query->n; i++) {
		if (strchr(query->item[i].name, ' ') || !is_listed(known, query->item[i].name)) {
			err_set(e, ERR_BAD_INPUT, "query: unknown parameter \"%s\"",
				query->item[i].name);
			return err_hint(e, *known ? "Known here: %s." : "There are none here.%s",
					known);
		}
	}
	return 0;
}
