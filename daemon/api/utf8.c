#include "utf8.h"

#include <stdint.h>
#include <string.h>

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* How many bytes the character at text has; 0 when it is malformed. Table 3-7 of the Unicode standard. */
static size_t character(const unsigned char *text, size_t len)
{
	const unsigned char c = text[0];
	const size_t n = c < 0x80   ? 1
			 : c < 0xc2 ? 0
			 : c < 0xe0 ? 2
			 : c < 0xf0 ? 3
			 : c < 0xf5 ? 4
				    : 0;

	if (n < 2 || n > len)
		return n > len ? 0 : n;
	for (size_t i = 1; i < n; i++)
		if (!is_tail(text[i]))
			return 0;
	if ((c == 0xe0 && text[1] < 0xa0) || (c == 0xed && text[1] > 0x9f) ||
	    (c == 0xf0 && text[1] < 0x90) || (c == 0xf4 && text[1] > 0x8f))
		return 0;
	return n;
}

bool utf8_is_valid(const char *text, size_t len)
{
	while (len > 0) {
		const size_t n = character((const unsigned char *)text, len);

		if (n == 0)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

void utf8_repair(char *text)
{
	for (size_t len = strlen(text); len > 0;) {
		size_t n = character((const unsigned char *)text, len);

		if (n == 0) {
			*text = '?';
			n = 1;
		}
		text += n;
		len -= n;
	}
}
