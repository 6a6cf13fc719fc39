#include "read.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "json.h"
#include "parse.h"
#include "strict.h"

#define SIZE_LIMIT 9007199254740991 /* 2^53 - 1: above, a double has no room for every integer */

static const char *type_name(const cJSON *value)
{
	if (cJSON_IsString(value))
		return "a string";
	if (cJSON_IsNumber(value))
		return "a number";
	if (cJSON_IsBool(value))
		return "true or false";
	if (cJSON_IsArray(value))
		return "an array";
	return cJSON_IsObject(value) ? "an object" : "null";
}

static int wrong(const struct field *field, const cJSON *value, const char *wanted, struct err *e)
{
	return err_set(e, ERR_BAD_INPUT, "%s: %s is wanted, this is %s", field->name, wanted,
		       type_name(value));
}

int read_text(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsString(value))
		return wrong(field, value, "a string", e);
	if (strlen(value->valuestring) >= field->size)
		return err_set(e, ERR_BAD_INPUT, "%s: at most %zu bytes, this has %zu", field->name,
			       field->size - 1, strlen(value->valuestring));
	snprintf(at, field->size, "%s", value->valuestring);
	return 0;
}

static bool size_of_text(const char *text, uint64_t *size)
{
	return !strncmp(text, "0x", 2) && parse_u64(text, SIZE_LIMIT, size) == 0;
}

static bool size_of_number(double number, uint64_t *size)
{
	if (!(number >= 0 && number <= (double)SIZE_LIMIT))
		return false;
	*size = (uint64_t)number;
	return (double)*size == number;
}

int read_size(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	uint64_t size;

	if (!cJSON_IsNumber(value) && !cJSON_IsString(value))
		return wrong(field, value, "a number", e);
	if (cJSON_IsString(value) ? !size_of_text(value->valuestring, &size)
				  : !size_of_number(value->valuedouble, &size))
		return err_set(e, ERR_BAD_INPUT,
			       "%s: a whole number from 0 to 2^53 - 1 is wanted, or a string such "
			       "as \"0x11000\"",
			       field->name);
	*(int64_t *)at = (int64_t)size;
	return 0;
}

int read_json(const char *text, size_t len, unsigned depth, cJSON **json, struct err *e)
{
	const char *end = text;

	if (len == 0)
		return err_set(e, ERR_BAD_INPUT, "the request has no body");
	if (strict_check(text, len, depth, e) < 0)
		return -1;
	/* The NUL is counted in, so that it can ask for the end of the text behind the value. */
	*json = cJSON_ParseWithLengthOpts(text, len + 1, &end, true);
	if (*json)
		return 0;
	return err_set(e, ERR_BAD_INPUT, "the body is not JSON: trouble at byte %zu",
		       (size_t)(end - text));
}

static const struct field *find(const struct field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

static int unknown(const struct field *fields, size_t n, const char *name, struct err *e)
{
	char known[sizeof e->hint] = "";
	size_t at = 0;

	for (size_t i = 0; i < n && at < sizeof known; i++)
		at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i ? ", " : "",
				       fields[i].name);
	err_set(e, ERR_BAD_INPUT, "unknown field \"%.80s\"", name);
	return err_hint(e, n ? "Known here: %.200s." : "There are none here.%s", known);
}

static bool comes_again(const cJSON *member)
{
	for (const cJSON *later = member->next; later; later = later->next)
		if (!strcmp(later->string, member->string))
			return true;
	return false;
}

int read_fields(const cJSON *json, const struct field *fields, size_t n, void *into, struct err *e)
{
	if (!cJSON_IsObject(json))
		return err_set(e, ERR_BAD_INPUT, "the body must be an object, this is %s",
			       type_name(json));
	for (const cJSON *member = json->child; member; member = member->next) {
		const struct field *field = find(fields, n, member->string);

		if (!field)
			return unknown(fields, n, member->string, e);
		if (comes_again(member))
			return err_set(e, ERR_BAD_INPUT, "%s: given twice", field->name);
		if (field->read(member, field, (char *)into + field->at, e) < 0)
			return -1;
	}
	return 0;
}

int read_nothing(const struct request *req, struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;

	if (req->body_len == 0)
		return 0;
	if (read_json(req->body, req->body_len, STRICT_DEPTH, &json, e) < 0)
		return -1;
	return read_fields(json, NULL, 0, NULL, e);
}
