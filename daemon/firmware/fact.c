#include "fact.h"

#include <stdbool.h>
#include <string.h>

#include "utf8.h"

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

/* The length of the character at bytes when it is one that may be shown; 0 else. */
static size_t character(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	const size_t n = utf8_len(text, len);

	return n && !utf8_is_control(text) ? n : 0;
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
