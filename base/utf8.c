#include "utf8.h"

#include <string.h>

static bool follows(const unsigned char *text, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* Table 3-7 of the Unicode standard. */
size_t utf8_len(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text, c = len ? s[0] : 0xff;
	const size_t n = c < 0x80   ? 1
			 : c < 0xc2 ? 0
			 : c < 0xe0 ? 2
			 : c < 0xf0 ? 3
			 : c < 0xf5 ? 4
				    : 0;

	if (n > len || !follows(s, n))
		return 0;
	if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] > 0x9f) ||
	    (c == 0xf0 && s[1] < 0x90) || (c == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

bool utf8_is_control(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

bool utf8_is_valid(const char *text, size_t len)
{
	while (len > 0) {
		const size_t n = utf8_len(text, len);

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
		size_t n = utf8_len(text, len);

		if (n == 0) {
			*text = '?';
			n = 1;
		}
		text += n;
		len -= n;
	}
}
