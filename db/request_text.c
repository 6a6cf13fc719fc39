#include "request_text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"

#define ESCAPE '%'

/* ---- writing */

static bool is_plain(char c)
{
	return c != ESCAPE && (unsigned char)c >= 0x20;
}

/* Text that stands on one line. */
static size_t put_text(char *to, size_t room, const char *text)
{
	size_t at = 0;

	for (; *text; text++) {
		assert(at + 4 < room);
		at += (size_t)snprintf(to + at, room - at, is_plain(*text) ? "%c" : "%%%02X",
				       is_plain(*text) ? *text : (unsigned char)*text);
	}
	return at;
}

static size_t put_field(char *to, size_t room, const struct job_field *field, const void *request)
{
	const char *at = (const char *)request + field->at;
	size_t len = (size_t)snprintf(to, room, "%s=", field->column);
	int64_t number;

	if (field->kind == JOB_FIELD_TEXT) {
		if (!*at)
			return 0;
		len += put_text(to + len, room - len, at);
	} else {
		memcpy(&number, at, sizeof number);
		if (number < 0)
			return 0;
		len += (size_t)snprintf(to + len, room - len, "%lld", (long long)number);
	}
	return len + (size_t)snprintf(to + len, room - len, "\n");
}

void request_text_write(const struct job_request *request, char text[REQUEST_TEXT])
{
	size_t n;
	const struct job_field *fields = job_asks(&n);
	size_t len =
		(size_t)snprintf(text, REQUEST_TEXT, "type=%s\n", job_type_name(request->type));

	for (size_t i = 0; i < n; i++)
		len += put_field(text + len, REQUEST_TEXT - len, &fields[i], request);
	assert(len < REQUEST_TEXT);
	text[len] = '\0';
}

/* ---- reading */

static const struct job_field *find(const char *column, size_t len)
{
	size_t n;
	const struct job_field *fields = job_asks(&n);

	for (size_t i = 0; i < n; i++)
		if (strlen(fields[i].column) == len && !memcmp(fields[i].column, column, len))
			return &fields[i];
	return NULL;
}

static void get_text(const char *from, size_t len, char *to, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < len && at + 1 < size; i++) {
		char hex[3] = { 0 };

		if (from[i] != ESCAPE || len - i < 3) {
			to[at++] = from[i];
			continue;
		}
		memcpy(hex, from + i + 1, 2);
		to[at++] = (char)strtoul(hex, NULL, 16);
		i += 2;
	}
	to[at] = '\0';
}

static void get_field(const struct job_field *field, const char *value, size_t len, void *request)
{
	char *at = (char *)request + field->at;
	int64_t number;

	if (field->kind == JOB_FIELD_TEXT) {
		get_text(value, len, at, field->size);
		return;
	}
	number = strtoll(value, NULL, 10);
	memcpy(at, &number, sizeof number);
}

static int get_type(const char *text, enum job_type *type)
{
	char name[32] = "";
	const char *end = strchr(text, '\n');

	if (strncmp(text, "type=", 5) != 0 || !end)
		return -1;
	snprintf(name, sizeof name, "%.*s", (int)(end - text - 5), text + 5);
	return job_type_parse(name, type);
}

int request_text_read(const char *text, struct job_request *request, struct err *e)
{
	enum job_type type;

	if (get_type(text, &type) < 0)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "a request that is none: \"%.60s\"", text);
	*request = job_request(type);
	for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		const char *equals = memchr(line, '=', (size_t)(end - line));
		const struct job_field *field = equals ? find(line, (size_t)(equals - line)) : NULL;

		if (field)
			get_field(field, equals + 1, (size_t)(end - equals - 1), request);
	}
	return 0;
}
