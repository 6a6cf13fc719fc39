#include "job_body.h"

#include <stddef.h>
#include <stdio.h>
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

static int read_flag(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsBool(value))
		return err_set(e, ERR_BAD_INPUT, "%s: true or false is wanted", field->name);
	*(int64_t *)at = cJSON_IsTrue(value);
	return 0;
}

static int read_id(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsNumber(value) || read_size(value, field, at, e) < 0 || *(int64_t *)at < 1)
		return err_set(e, ERR_BAD_INPUT, "%s: an id is wanted", field->name);
	return 0;
}

static int read_fill(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	int64_t fill;

	if (read_size(value, field, &fill, e) < 0 || fill > 255)
		return err_set(e, ERR_BAD_INPUT, "%s: a byte from 0 to 255 is wanted", field->name);
	*(int64_t *)at = fill;
	return 0;
}

static int read_backup(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	static const char *const names[] = { [JOB_BACKUP_AUTO] = "auto",
					     [JOB_BACKUP_ALWAYS] = "always",
					     [JOB_BACKUP_NEVER] = "never" };

	for (size_t i = 0; i < ARRAY_LEN(names) && cJSON_IsString(value); i++) {
		if (strcmp(names[i], value->valuestring) != 0)
			continue;
		*(int64_t *)at = (int64_t)i;
		return 0;
	}
	return err_set(e, ERR_BAD_INPUT, "%s: \"auto\", \"always\" or \"never\" is wanted",
		       field->name);
}

static int read_jedec_id(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	uint8_t id[3];

	if (!cJSON_IsString(value) || hash_unhex(value->valuestring, id, sizeof id) < 0)
		return err_set(e, ERR_BAD_INPUT, "%s: six hex digits are wanted", field->name);
	snprintf(at, field->size, "%02X%02X%02X", id[0], id[1], id[2]);
	return 0;
}

/* One {offset, length} of the list, behind what the text holds already. */
static int read_range(const cJSON *value, char *text, size_t size, struct err *e)
{
	static const struct field range[] = { { "offset", read_size, 0, 0 },
					      { "length", read_size, sizeof(int64_t), 0 } };
	int64_t at[2] = { JOB_NONE, JOB_NONE };
	const size_t used = strlen(text);

	if (read_fields(value, range, ARRAY_LEN(range), at, e) < 0)
		return -1;
	if (at[0] < 0 || at[1] <= 0)
		return err_set(e, ERR_BAD_INPUT, "offset and length are wanted");
	if ((size_t)snprintf(text + used, size - used, "%lld+%lld ", (long long)at[0],
			     (long long)at[1]) >= size - used)
		return err_set(e, ERR_BAD_INPUT, "too many ranges");
	return 0;
}

static int read_ranges(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	const cJSON *item;
	char *text = at;

	if (!cJSON_IsArray(value))
		return err_set(e, ERR_BAD_INPUT, "%s: a list of {offset, length} is wanted",
			       field->name);
	text[0] = '\0';
	cJSON_ArrayForEach(item, value)
	{
		if (read_range(item, text, field->size, e) < 0)
			return err_prefix(e, "%s: ", field->name);
	}
	return 0;
}

#define READERS (FOR(JOB_BACKUP) | FOR(JOB_VERIFY) | FOR(JOB_BLANK_CHECK))
#define WRITERS (FOR(JOB_WRITE) | FOR(JOB_RESTORE) | FOR(JOB_ERASE))

static const struct {
	struct field field;
	unsigned types; /* of jobs that have it */
} fields[] = {
	{ { "type", read_type, AT(type), 0 }, EVERY },
	{ { "slot", read_text, AT(slot), SIZE(slot) }, EVERY },
	{ { "transport", read_transport, 0, 0 }, EVERY },
	{ { "offset", read_size, AT(offset), 0 }, READERS | FOR(JOB_WRITE) | FOR(JOB_ERASE) },
	{ { "length", read_size, AT(length), 0 },
	  FOR(JOB_BACKUP) | FOR(JOB_BLANK_CHECK) | FOR(JOB_WRITE) | FOR(JOB_ERASE) },
	{ { "label", read_text, AT(label), SIZE(label) }, FOR(JOB_BACKUP) },
	{ { "dump", read_id, AT(dump), 0 }, FOR(JOB_VERIFY) | FOR(JOB_WRITE) | FOR(JOB_RESTORE) },
	{ { "image", read_id, AT(image), 0 }, FOR(JOB_VERIFY) | FOR(JOB_WRITE) },
	{ { "fill", read_fill, AT(fill), 0 }, FOR(JOB_WRITE) },
	{ { "backup", read_backup, AT(backup), 0 }, WRITERS },
	{ { "force", read_flag, AT(force), 0 }, WRITERS },
	{ { "expect_jedec_id", read_jedec_id, AT(expect_jedec_id), SIZE(expect_jedec_id) },
	  WRITERS },
	{ { "preserve", read_ranges, AT(preserve), SIZE(preserve) },
	  FOR(JOB_WRITE) | FOR(JOB_ERASE) },
	{ { "other_device", read_flag, AT(other_device), 0 }, FOR(JOB_RESTORE) },
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
	if (read_type(value, &fields[0].field, type, e) < 0)
		return -1;
	return *type == JOB_CHECK
		       ? err_set(e, ERR_BAD_INPUT, "type: a check begins with POST /archive/check")
		       : 0;
}

static int read_request(const cJSON *json, struct job_request *request, struct err *e)
{
	struct field of_type[READ_FIELDS];
	size_t n;

	*request = job_request(JOB_IDENTIFY);
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
