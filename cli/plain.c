#include "plain.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* U+200E, 200F, 2028 to 202E, 2066 to 2069, FEFF: what is written is not what is read. */
static bool turns(const unsigned char *s)
{
	if (s[0] == 0xef)
		return s[1] == 0xbb && s[2] == 0xbf;
	if (s[0] != 0xe2)
		return false;
	if (s[1] == 0x80)
		return s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae);
	return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
}

/* How many bytes the code point at s has; 0 where s is no UTF-8, or nothing to look at. */
static size_t shown_len(const char *s)
{
	const size_t n = utf8_len(s, strnlen(s, 4));

	return n && !utf8_is_control(s) && !turns((const unsigned char *)s) ? n : 0;
}

static void clean(char *text, const char *keep)
{
	for (char *s = text; *s;) {
		const size_t n = shown_len(s);

		if (n == 0 && !strchr(keep, *s))
			*s = '?';
		s += n ? n : 1;
	}
}

void plain_clean(char *text)
{
	clean(text, "");
}

void plain_clean_lines(char *text)
{
	clean(text, "\n\t");
}

size_t plain_width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

void plain_bytes(int64_t bytes, char *out, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
		value /= 1024;
		unit++;
	}
	if (value >= 100 || value == floor(value))
		snprintf(out, size, "%.0f %s", value, units[unit]);
	else
		snprintf(out, size, "%.1f %s", value, units[unit]);
}

void plain_time(const char *rfc3339, char *out, size_t size)
{
	if (strlen(rfc3339) < 20 || rfc3339[10] != 'T') {
		snprintf(out, size, "%s", rfc3339);
		return;
	}
	snprintf(out, size, "%.10s %.8s", rfc3339, rfc3339 + 11);
}

void plain_seconds(int64_t seconds, char *out, size_t size)
{
	if (seconds < 60)
		snprintf(out, size, "%" PRId64 " s", seconds);
	else if (seconds < 3600)
		snprintf(out, size, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
	else
		snprintf(out, size, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
			 seconds / 60 % 60, seconds % 60);
}

/* ---- what stands at a path */

const cJSON *plain_find(const cJSON *o, const char *path)
{
	char name[64];

	for (const char *at = path; o && *at;) {
		const size_t len = strcspn(at, ".");

		if (len >= sizeof name)
			return NULL;
		snprintf(name, sizeof name, "%.*s", (int)len, at);
		o = cJSON_GetObjectItemCaseSensitive(o, name);
		at += len + (at[len] == '.');
	}
	return o;
}

static void print_number(double value, char *out, size_t size)
{
	if (value == floor(value) && fabs(value) < 1e15)
		snprintf(out, size, "%.0f", value);
	else
		snprintf(out, size, "%g", value);
}

static void print_value(const cJSON *v, char *out, size_t size)
{
	out[0] = '\0';
	if (cJSON_IsString(v))
		snprintf(out, size, "%s", v->valuestring);
	else if (cJSON_IsNumber(v))
		print_number(v->valuedouble, out, size);
	else if (cJSON_IsBool(v))
		snprintf(out, size, "%s", cJSON_IsTrue(v) ? "yes" : "no");
	plain_clean(out);
}

static void print_list(const cJSON *list, char *out, size_t size)
{
	const cJSON *item;
	size_t used = 0;

	out[0] = '\0';
	cJSON_ArrayForEach(item, list)
	{
		char one[200];

		print_value(item, one, sizeof one);
		used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", one);
		if (used >= size)
			return;
	}
}

void plain_field(const cJSON *o, const char *path, char *out, size_t size)
{
	const cJSON *v = plain_find(o, path);

	if (cJSON_IsArray(v))
		print_list(v, out, size);
	else
		print_value(v, out, size);
	plain_clean(out); /* what was cut in the middle of a code point */
}

const char *plain_text(const cJSON *o, const char *path)
{
	const cJSON *found = plain_find(o, path);

	return cJSON_IsString(found) ? found->valuestring : "";
}

int64_t plain_int(const cJSON *o, const char *path, int64_t fallback)
{
	const cJSON *v = plain_find(o, path);

	return cJSON_IsNumber(v) && fabs(v->valuedouble) < 9e15 ? (int64_t)v->valuedouble
								: fallback;
}
