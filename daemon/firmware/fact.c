#include "fact.h"

#include <stdbool.h>
#include <string.h>

const char *sure_name(enum sure sure)
{
	switch (sure) {
	case SURE_NOT: return "";
	case SURE_ASSUMED: return "assumed";
	case SURE_PATTERN: return "pattern";
	case SURE_CHECKED: return "checked";
	}
	return "";
}

static bool follows(const uint8_t *bytes, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* The length of the character at bytes when it is one that may be shown; 0 else. */
static size_t character(const uint8_t *bytes, size_t len)
{
	const uint8_t c = bytes[0];
	const size_t n = c < 0x80   ? 1
			 : c < 0xc2 ? 0
			 : c < 0xe0 ? 2
			 : c < 0xf0 ? 3
			 : c < 0xf5 ? 4
				    : 0;

	if (n == 0 || n > len || !follows(bytes, n))
		return 0;
	if (n == 1)
		return c >= 0x20 && c != 0x7f;
	if (c == 0xc2 && bytes[1] < 0xa0) /* more control characters */
		return 0;
	if ((c == 0xe0 && bytes[1] < 0xa0) || (c == 0xf0 && bytes[1] < 0x90)) /* too long a form */
		return 0;
	if ((c == 0xed && bytes[1] > 0x9f) || (c == 0xf4 && bytes[1] > 0x8f)) /* no characters */
		return 0;
	return n;
}

void fact_text(char *out, size_t size, const uint8_t *bytes, size_t len)
{
	size_t at = 0;

	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		n = character(bytes + i, len - i);
		if (at + (n ? n : 1) >= size)
			break;
		if (n)
			memcpy(out + at, bytes + i, n);
		else
			out[at] = '?';
		at += n ? n : 1;
	}
	out[at] = '\0';
}
