#include "job_body.h"

#include <stddef.h>
#include <string.h>

#include "auto.h"
#include "json.h"
#include "read.h"

#define AT(member)   offsetof(struct job_request, member)
#define SIZE(member) sizeof(((struct job_request *)0)->member)

#define FOR(type) (1u << (type))
#define EVERY     (~0u)

static int read_type(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsString(value))
		return err_set(e, ERR_BAD_INPUT, "%s: a string is wanted", field->name);
	if (job_type_parse(value->valuestring, at) < 0)
		return err_set(e, ERR_BAD_INPUT, "%s: there is no job of type \"%.40s\"",
			       field->name, value->valuestring);
	return 0;
}

static int read_transport(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	(void)at; /* there is only one so far */
	if (cJSON_IsString(value) && !strcmp(value->valuestring, "spi"))
		return 0;
	if (!cJSON_IsString(value) || strcmp(value->valuestring, "uart") != 0)
		return err_set(e, ERR_BAD_INPUT, "%s: \"spi\" or \"uart\" is wanted", field->name);
	err_set(e, ERR_UNPROCESSABLE, "%s: this slot has no UART", field->name);
	return err_hint(e, "Use \"transport\": \"spi\".");
}

static const struct {
	struct field field;
	unsigned types; /* of jobs that have it */
} fields[] = {
	{ { "type", read_type, AT(type), 0 }, EVERY },
	{ { "slot", read_text, AT(slot), SIZE(slot) }, EVERY },
	{ { "transport", read_transport, 0, 0 }, EVERY },
	{ { "offset", read_size, AT(offset), 0 }, FOR(JOB_BACKUP) },
	{ { "length", read_size, AT(length), 0 }, FOR(JOB_BACKUP) },
	{ { "label", read_text, AT(label), SIZE(label) }, FOR(JOB_BACKUP) },
};

static size_t fields_of(enum job_type type, struct field out[READ_FIELDS])
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].types & FOR(type))
			out[n++] = fields[i].field;
	return n;
}

/* The type first: it says which other fields there are. */
static int find_type(const cJSON *json, enum job_type *type, struct err *e)
{
	const cJSON *value;

	if (!cJSON_IsObject(json))
		return read_fields(json, NULL, 0, NULL, e); /* says what it is */
	value = cJSON_GetObjectItemCaseSensitive(json, "type");
	if (!value)
		return err_set(e, ERR_BAD_INPUT, "type: missing");
	return read_type(value, &fields[0].field, type, e);
}

static int read_request(const cJSON *json, struct job_request *request, struct err *e)
{
	struct field of_type[READ_FIELDS];
	size_t n;

	*request = (struct job_request){ .offset = JOB_NONE, .length = JOB_NONE };
	if (find_type(json, &request->type, e) < 0)
		return -1;
	n = fields_of(request->type, of_type);
	if (read_fields(json, of_type, n, request, e) < 0)
		return -1;
	return request->slot[0] ? 0 : err_set(e, ERR_BAD_INPUT, "slot: missing");
}

int job_body_read(const char *text, size_t len, unsigned depth, struct job_request *request,
		  uint8_t fingerprint[HASH_SHA256_LEN], struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;
	AUTO(auto_free) char *printed = NULL;

	if (read_json(text, len, depth, &json, e) < 0 || read_request(json, request, e) < 0)
		return -1;
	printed = json_print(TAKE(json));
	if (!printed)
		return err_set(e, ERR_MEMORY, "out of memory for the body of a request");
	hash_sha256_of(printed, strlen(printed), fingerprint);
	return 0;
}
