#include "params.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "utf8.h"

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

int param_text(const struct request *req, const char *name, char *out, size_t size, struct err *e)
{
	const char *given = request_query(req, name);
	const char *text = given ? given : "";
	const size_t len = strlen(text);

	if (len >= size)
		return err_set(e, ERR_BAD_INPUT, "query: %s has at most %zu bytes, this has %zu",
			       name, size - 1, len);
	if (!utf8_is_valid(text, len) || has_control(text))
		return err_set(e, ERR_BAD_INPUT,
			       "query: %s must be UTF-8 without control characters", name);
	snprintf(out, size, "%s", text);
	return 0;
}

static int bad_hex(const struct param_hex *param, struct err *e)
{
	if (param->min == param->max)
		return err_set(e, ERR_BAD_INPUT, "query: %s has %zu hex digits", param->name,
			       param->max);
	return err_set(e, ERR_BAD_INPUT, "query: %s has %zu to %zu hex digits", param->name,
		       param->min, param->max);
}

int param_hex(const struct request *req, const struct param_hex *param, char *out, struct err *e)
{
	const char *text = request_query(req, param->name);
	const size_t len = text ? strlen(text) : 0;

	out[0] = '\0';
	if (!text)
		return 0;
	if (len < param->min || len > param->max || strspn(text, "0123456789abcdefABCDEF") != len)
		return bad_hex(param, e);
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(param->to == PARAM_UPPER ? toupper((unsigned char)text[i])
							 : tolower((unsigned char)text[i]));
	out[len] = '\0';
	return 0;
}

int param_flag(const struct request *req, const char *name, bool *on, struct err *e)
{
	const char *text = request_query(req, name);

	if (text && strcmp(text, "1") != 0 && strcmp(text, "0") != 0)
		return err_set(e, ERR_BAD_INPUT, "query: %s is 1 or 0", name);
	*on = text && *text == '1';
	return 0;
}

/* What stands behind the seconds: nothing but ".123" and "Z". */
static bool read_fraction(const char *at, int64_t *ms)
{
	int64_t scale = 100;

	*ms = 0;
	if (*at == '.' && isdigit((unsigned char)at[1]))
		for (at++; isdigit((unsigned char)*at); at++, scale /= 10)
			*ms += (*at - '0') * scale;
	return !strcmp(at, "Z");
}

bool param_parse_time(const char *text, int64_t *wall_ms)
{
	struct tm tm = { 0 };
	int64_t ms = 0;
	const char *end = strptime(text, "%Y-%m-%d", &tm);

	if (end && *end) {
		end = strptime(end, "T%H:%M:%S", &tm);
		if (end && !read_fraction(end, &ms))
			end = NULL;
	}
	if (end)
		*wall_ms = (int64_t)timegm(&tm) * 1000 + ms;
	return end != NULL;
}

int param_time(const struct request *req, const char *name, int64_t *wall_ms, struct err *e)
{
	const char *text = request_query(req, name);

	if (!text || param_parse_time(text, wall_ms))
		return 0;
	return err_set(e, ERR_BAD_INPUT, "query: %s is a time like 2026-11-22T10:35:24Z or a day",
		       name);
}
