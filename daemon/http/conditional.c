#include "conditional.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parse.h"

bool etag_listed(const char *list, const char *etag)
{
	const size_t len = strlen(etag);

	while (list && *list) {
		list += strspn(list, " \t,");
		if (*list == '*')
			return true;
		if (!strncmp(list, "W/", 2))
			list += 2;
		if (!strncmp(list, etag, len) && (list[len] == '\0' || strchr(", \t", list[len])))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

bool etag_allows_range(const char *if_range, const char *etag)
{
	return !if_range || !strcmp(if_range, etag);
}

/* Digits only; more than fit read as the largest number, which is past every end. */
static bool number(const char *text, size_t len, uint64_t *out)
{
	char digits[24];

	if (len == 0 || strspn(text, "0123456789") < len)
		return false;
	*out = UINT64_MAX;
	if (len >= sizeof digits)
		return true;
	memcpy(digits, text, len);
	digits[len] = '\0';
	(void)parse_u64(digits, UINT64_MAX, out); /* on overflow *out stays the largest */
	return true;
}

static enum range_got last_bytes(uint64_t n, uint64_t size, uint64_t *first, uint64_t *length)
{
	if (n == 0 || size == 0)
		return RANGE_BAD;
	*length = n < size ? n : size;
	*first = size - *length;
	return RANGE_PART;
}

enum range_got range_parse(const char *header, uint64_t size, uint64_t *first, uint64_t *length)
{
	const char *from, *dash, *to;
	uint64_t start, end = UINT64_MAX;

	if (!header || strncasecmp(header, "bytes=", 6) != 0)
		return RANGE_ALL;
	from = header + 6 + strspn(header + 6, " \t");
	dash = strchr(from, '-');
	to = dash ? dash + 1 : "";
	if (!dash || (*to && !number(to, strlen(to), &end)))
		return RANGE_ALL;
	if (dash == from)
		return *to ? last_bytes(end, size, first, length) : RANGE_ALL;
	if (!number(from, (size_t)(dash - from), &start) || end < start)
		return RANGE_ALL;
	if (start >= size)
		return RANGE_BAD;
	*first = start;
	*length = (end < size ? end + 1 : size) - start;
	return RANGE_PART;
}
