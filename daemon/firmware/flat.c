#include "flat.h"

#include <stdbool.h>
#include <string.h>

#define MEMBERS 512

struct walk {
	const uint8_t *at, *end;
	char name[FLAT_NAME];
	uint8_t value[FLAT_VALUE];
	size_t len;
};

static bool ends(const struct walk *w)
{
	return w->at == w->end;
}

static void skip_blank(struct walk *w)
{
	while (!ends(w) && (*w->at == ' ' || *w->at == '\t' || *w->at == '\n' || *w->at == '\r'))
		w->at++;
}

static bool take(struct walk *w, uint8_t c)
{
	skip_blank(w);
	if (ends(w) || *w->at != c)
		return false;
	w->at++;
	return true;
}

static void put(struct walk *w, uint8_t c)
{
	if (w->len < sizeof w->value)
		w->value[w->len++] = c;
}

static uint8_t unescaped(uint8_t c)
{
	switch (c) {
	case 'n': return '\n';
	case 't': return '\t';
	case 'r': return '\r';
	case 'b': return '\b';
	case 'f': return '\f';
	default: return c;
	}
}

static unsigned digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 16;
}

/* \u00e4: as UTF-8. Halves of pairs become what nobody can show. */
static void put_unicode(struct walk *w)
{
	uint32_t c = 0;

	if (w->end - w->at < 4)
		return;
	for (size_t i = 0; i < 4; i++) {
		if (digit(w->at[i]) > 15)
			return;
		c = c << 4 | digit(w->at[i]);
	}
	w->at += 4;
	if (c >= 0x800)
		put(w, (uint8_t)(0xe0 | c >> 12));
	if (c >= 0x80)
		put(w, (uint8_t)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6));
	put(w, (uint8_t)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
}

/* From behind the first quote to behind the last. */
static bool read_string(struct walk *w)
{
	w->len = 0;
	while (!ends(w) && *w->at != '"') {
		const uint8_t c = *w->at++;

		if (c != '\\') {
			put(w, c);
			continue;
		}
		if (ends(w))
			return false;
		if (*w->at++ == 'u')
			put_unicode(w);
		else
			put(w, unescaped(w->at[-1]));
	}
	return take(w, '"');
}

/* A number, a word, or something with brackets, which are counted; up to the comma or bracket after it. */
static bool read_plain(struct walk *w)
{
	unsigned depth = 0;
	bool quoted = false;

	for (w->len = 0; !ends(w); w->at++) {
		const uint8_t c = *w->at;

		if (c == '"' && w->at[-1] != '\\')
			quoted = !quoted;
		if (!quoted && depth == 0 && (c == ',' || c == '}' || c == ']'))
			break;
		if (!quoted && (c == '{' || c == '['))
			depth++;
		if (!quoted && (c == '}' || c == ']'))
			depth--;
		put(w, c);
	}
	while (w->len > 0 && w->value[w->len - 1] == ' ')
		w->len--;
	if (w->len == 0 || ends(w))
		return false;
	if (w->len == 4 && !memcmp(w->value, "null", 4)) /* there, and nothing in it */
		w->len = 0;
	return true;
}

static bool read_name(struct walk *w)
{
	bool ok;

	if (take(w, '"')) {
		ok = read_string(w);
	} else {
		w->len = 0;
		while (!ends(w) && *w->at != ':' && *w->at > ' ' && *w->at != '}' && *w->at != ',')
			put(w, *w->at++);
		ok = w->len > 0;
	}
	if (!ok || w->len >= sizeof w->name || memchr(w->value, 0, w->len))
		return false;
	memcpy(w->name, w->value, w->len);
	w->name[w->len] = '\0';
	return take(w, ':');
}

static bool read_value(struct walk *w)
{
	skip_blank(w);
	if (take(w, '"'))
		return read_string(w);
	return read_plain(w);
}

size_t flat_walk(struct flat *flat, const uint8_t *text, size_t len)
{
	struct walk w = { .at = text, .end = text + len };
	size_t n = 0;

	if (!take(&w, '{'))
		return 0;
	while (n < MEMBERS && read_name(&w) && read_value(&w)) {
		flat->member(flat, w.name, w.value, w.len);
		n++;
		if (!take(&w, ','))
			break;
	}
	return n;
}
