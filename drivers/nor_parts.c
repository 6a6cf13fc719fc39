#include "nor_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "nor_table.h"

#define ID_DIGITS 6
#define IDS_SHOWN 12

/* Ordered: the better fit is the larger. */
enum fit { FIT_NONE, FIT_BEGINNING, FIT_WHOLE };

const struct nor_part *nor_parts(size_t *n)
{
	*n = nor_table_len;
	return nor_table;
}

static int compare_id(const void *key, const void *member)
{
	const uint32_t id = *(const uint32_t *)key;
	const struct nor_part *part = member;

	return (id > part->jedec_id) - (id < part->jedec_id);
}

const struct nor_part *nor_part_by_id(uint32_t jedec_id)
{
	return bsearch(&jedec_id, nor_table, nor_table_len, sizeof *nor_table, compare_id);
}

/* A '.' of the table stands for any one character. */
static bool same_char(char table, char c)
{
	return c && (table == '.' || tolower((unsigned char)table) == tolower((unsigned char)c));
}

/* name ends at a '/' or at the end of the text. */
static enum fit name_fit(const char *name, const char *text)
{
	for (; *text; name++, text++)
		if (!*name || *name == '/' || !same_char(*name, *text))
			return FIT_NONE;
	return !*name || *name == '/' ? FIT_WHOLE : FIT_BEGINNING;
}

static enum fit part_fit(const struct nor_part *part, const char *text)
{
	enum fit best = FIT_NONE;

	for (const char *name = part->names; name; name = strchr(name, '/')) {
		enum fit fit;

		name += *name == '/';
		fit = name_fit(name, text);
		best = fit > best ? fit : best;
	}
	return best;
}

/* How many parts fit that well; the first of them. */
static size_t find(const char *text, enum fit fit, const struct nor_part **first)
{
	size_t n = 0;

	for (size_t i = nor_table_len; i-- > 0;) {
		if (part_fit(&nor_table[i], text) != fit)
			continue;
		*first = &nor_table[i];
		n++;
	}
	return n;
}

static void list_ids(const char *text, enum fit fit, char *list, size_t size)
{
	size_t shown = 0, len = 0;

	list[0] = '\0';
	for (size_t i = 0; i < nor_table_len && shown <= IDS_SHOWN && len < size; i++) {
		if (part_fit(&nor_table[i], text) != fit)
			continue;
		if (shown++ == IDS_SHOWN)
			snprintf(list + len, size - len, " ...");
		else
			len += (size_t)snprintf(list + len, size - len, "%s%06X",
						shown > 1 ? ", " : "", nor_table[i].jedec_id);
	}
}

static const struct nor_part *ambiguous(const char *text, enum fit fit, struct err *e)
{
	char ids[(IDS_SHOWN + 1) * (ID_DIGITS + 2)];

	list_ids(text, fit, ids, sizeof ids);
	err_set(e, ERR_BAD_INPUT, "parts with several JEDEC IDs fit \"%.40s\": %s", text, ids);
	err_hint(e, "give the JEDEC ID instead of the name");
	return NULL;
}

static bool parse_id(const char *text, uint32_t *jedec_id)
{
	uint8_t id[ID_DIGITS / 2];

	if (hash_unhex(text, id, sizeof id) < 0)
		return false;
	*jedec_id = (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8 | id[2];
	return true;
}

static const struct nor_part *by_name(const char *text, struct err *e)
{
	const struct nor_part *part = NULL;

	for (enum fit fit = FIT_WHOLE; *text && fit > FIT_NONE; fit--) {
		const size_t n = find(text, fit, &part);

		if (n > 0)
			return n == 1 ? part : ambiguous(text, fit, e);
	}
	err_set(e, ERR_BAD_INPUT, "no known part is called \"%.40s\"", text);
	return NULL;
}

const struct nor_part *nor_part_by_name(const char *text, struct err *e)
{
	const struct nor_part *part;
	uint32_t id;

	if (!parse_id(text, &id))
		return by_name(text, e);
	part = nor_part_by_id(id);
	if (!part)
		err_set(e, ERR_BAD_INPUT, "no known part has the JEDEC ID %06X", id);
	return part;
}

static bool begins(const char *table, const char *q)
{
	while (*q && *table && same_char(*table, *q))
		table++, q++;
	return !*q;
}

static bool contains(const char *table, const char *q)
{
	for (; *table; table++)
		if (begins(table, q))
			return true;
	return false;
}

bool nor_part_matches(const struct nor_part *part, const char *q)
{
	char id[ID_DIGITS + 1];

	snprintf(id, sizeof id, "%06X", part->jedec_id & 0xffffff);
	return !*q || begins(id, q) || contains(part->vendor, q) || contains(part->names, q);
}
