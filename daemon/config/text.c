#include "text.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"

void text_shorten(const char *text, char cut[TEXT_SHORT])
{
	size_t len = strlen(text);
	const bool whole = len < TEXT_SHORT;

	if (!whole)
		for (len = TEXT_SHORT - sizeof "..."; ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	snprintf(cut, TEXT_SHORT, "%.*s%s", (int)len, text, whole ? "" : "...");
}

void text_quote(const char *text, char quoted[TEXT_QUOTED])
{
	char cut[TEXT_SHORT];

	text_shorten(text, cut);
	snprintf(quoted, TEXT_QUOTED, "\"%s\"", cut);
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* units: descending, the last one 1. */
static void with_unit(uint64_t value, const struct unit *units, char text[TEXT_NUMBER])
{
	while (value % units->factor != 0)
		units++;
	snprintf(text, TEXT_NUMBER, "%ju%s", (uintmax_t)(value / units->factor),
		 value ? units->name : "");
}

void text_size(uint64_t bytes, char text[TEXT_NUMBER])
{
	static const struct unit units[] = {
		{ "G", 1u << 30 }, { "M", 1u << 20 }, { "K", 1u << 10 }, { "", 1 }
	};

	with_unit(bytes, units, text);
}

void text_duration(uint64_t ms, char text[TEXT_NUMBER])
{
	static const struct unit units[] = {
		{ "h", 3600000 }, { "min", 60000 }, { "s", 1000 }, { "ms", 1 }
	};

	with_unit(ms, units, text);
}

bool text_is_name(const char *text)
{
	const size_t len = strlen(text);

	return len >= 1 && len <= 63 && strspn(text, TEXT_NAME_CHARS) == len;
}

/* How long a character is that starts with this byte, and the smallest that needs the length. */
static const struct {
	uint32_t mask, lead, least;
	size_t len;
} forms[] = {
	{ 0x80, 0x00, 0, 1 },
	{ 0xe0, 0xc0, 0x80, 2 },
	{ 0xf0, 0xe0, 0x800, 3 },
	{ 0xf8, 0xf0, 0x10000, 4 },
};

/* Bytes of the character at text, 0 when it is none (RFC 3629). */
static size_t decode(const unsigned char *text, size_t len, uint32_t *out)
{
	size_t form = 0;
	uint32_t c;

	while (form < ARRAY_LEN(forms) && (text[0] & forms[form].mask) != forms[form].lead)
		form++;
	if (form == ARRAY_LEN(forms) || forms[form].len > len)
		return 0;
	c = text[0] & ~forms[form].mask;
	for (size_t i = 1; i < forms[form].len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text[i] & 0x3f);
	}
	*out = c;
	return c < forms[form].least || c > 0x10ffff || (c & 0xfffff800) == 0xd800
		       ? 0
		       : forms[form].len;
}

const char *text_fault(const char *text, size_t len)
{
	while (len > 0) {
		uint32_t c;
		const size_t n = decode((const unsigned char *)text, len, &c);

		if (n == 0)
			return "contains bytes that are not UTF-8";
		if (c == 0)
			return "contains a NUL byte";
		if ((c < 0x20 && c != '\t') || (c >= 0x7f && c < 0xa0))
			return "contains a control character";
		text += n;
		len -= n;
	}
	return NULL;
}
