#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* The digits at the start of text; *rest is what follows them. */
static int leading_u64(const char *text, uint64_t *out, const char **rest)
{
	const int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
	const char *digits = base == 16 ? text + 2 : text;
	char *end;

	if (!isxdigit((unsigned char)digits[0]) || digits[1] == 'x' || digits[1] == 'X')
		return -1; /* strtoull would take "-1", " 1" and "0x0x1" */
	errno = 0;
	*out = strtoull(digits, &end, base);
	*rest = end;
	return errno == 0 && end != digits ? 0 : -1;
}

static int with_unit(const char *text, const struct unit *units, size_t n, uint64_t max,
		     uint64_t *out)
{
	const char *rest;
	uint64_t value;

	if (leading_u64(text, &value, &rest) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rest, units[i].name) != 0)
			continue;
		if (value > max / units[i].factor)
			return -1;
		*out = value * units[i].factor;
		return 0;
	}
	return -1;
}

int parse_u64(const char *text, uint64_t max, uint64_t *out)
{
	static const struct unit none[] = { { "", 1 } };

	return with_unit(text, none, ARRAY_LEN(none), max, out);
}

int parse_size(const char *text, uint64_t max, uint64_t *out)
{
	static const struct unit units[] = {
		{ "", 1 }, { "K", 1u << 10 }, { "M", 1u << 20 }, { "G", 1u << 30 }
	};

	return with_unit(text, units, ARRAY_LEN(units), max, out);
}

int parse_duration_ms(const char *text, uint64_t max_ms, uint64_t *out)
{
	static const struct unit units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 }
	};

	if (!strcmp(text, "0")) {
		*out = 0;
		return 0;
	}
	return with_unit(text, units, ARRAY_LEN(units), max_ms, out);
}

int parse_chance(const char *text, double *out)
{
	char *end;
	double value;

	if (!isdigit((unsigned char)text[0]) && text[0] != '.')
		return -1;
	errno = 0;
	if (strpbrk(text, "xX"))
		return -1; /* strtod knows hexadecimal floats, people do not */
	value = strtod(text, &end);
	if (end == text || *end || !(value >= 0.0 && value <= 1.0))
		return -1;
	*out = value;
	return 0;
}
