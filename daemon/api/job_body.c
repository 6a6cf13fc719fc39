#include "job_body.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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
	const bool uart = cJSON_IsString(value) && !strcmp(value->valuestring, "uart");

	if (!uart && (!cJSON_IsString(value) || strcmp(value->valuestring, "spi") != 0))
		return err_set(e, ERR_BAD_INPUT, "%s: \"spi\" or \"uart\" is wanted", field->name);
	*(int64_t *)at = uart ? JOB_BY_UART : JOB_BY_SPI;
	return 0;
}

static int read_flag(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsBool(value))
		return err_set(e, ERR_BAD_INPUT, "%s: true or false is wanted", field->name);
	*(int64_t *)at = cJSON_IsTrue(value);
	return 0;
}

#define SECONDS_MAX 3600

static int read_seconds(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsNumber(value) || read_size(value, field, at, e) < 0 || *(int64_t *)at < 1 ||
	    *(int64_t *)at > SECONDS_MAX)
		return err_set(e, ERR_BAD_INPUT, "%s: 1 to %d are wanted", field->name,
			       SECONDS_MAX);
	return 0;
}

/* {pattern, seconds}: what the board must print after a write, and how soon. */
static int read_boot_check(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	static const struct field parts[] = {
		{ "pattern", read_text, AT(boot_pattern), SIZE(boot_pattern) },
		{ "seconds", read_seconds, AT(boot_seconds), 0 },
	};
	struct job_request *request = at;

	if (read_fields(value, parts, ARRAY_LEN(parts), at, e) < 0)
		return err_prefix(e, "%s: ", field->name);
	return *request->boot_pattern
		       ? 0
		       : err_set(e, ERR_BAD_INPUT, "%s: pattern: missing or empty", field->name);
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

static const char *const backup_names[] = {
	[JOB_BACKUP_AUTO] = "auto", [JOB_BACKUP_ALWAYS] = "always", [JOB_BACKUP_NEVER] = "never"
};

static int read_backup(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(backup_names) && cJSON_IsString(value); i++) {
		if (strcmp(backup_names[i], value->valuestring) != 0)
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

/* ---- and back: what was asked for, as it was asked */

static bool write_number(cJSON *o, const char *name, const void *at)
{
	return *(const int64_t *)at < 0 || json_int(o, name, *(const int64_t *)at);
}

static bool write_transport(cJSON *o, const char *name, const void *at)
{
	return *(const int64_t *)at != JOB_BY_UART || json_text(o, name, "uart");
}

static bool write_flag(cJSON *o, const char *name, const void *at)
{
	return *(const int64_t *)at != 1 || json_bool(o, name, true);
}

static bool write_text(cJSON *o, const char *name, const void *at)
{
	return !*(const char *)at || json_text(o, name, at);
}

static bool write_backup(cJSON *o, const char *name, const void *at)
{
	const int64_t mode = *(const int64_t *)at;

	return mode == JOB_BACKUP_AUTO || json_text(o, name, backup_names[mode]);
}

static cJSON *range(long long offset, long long length)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	return o && json_int(o, "offset", offset) && json_int(o, "length", length) ? TAKE(o) : NULL;
}

static bool write_ranges(cJSON *o, const char *name, const void *at)
{
	AUTO(auto_json) cJSON *all = cJSON_CreateArray();
	const char *text = at;
	char *end;

	if (!*text)
		return true;
	while (*text) {
		const long long offset = strtoll(text, &end, 10);
		const long long length = *end ? strtoll(end + 1, &end, 10) : 0;

		if (!all || !json_push(all, range(offset, length)))
			return false;
		text = end + strspn(end, " ");
	}
	return json_child(o, name, TAKE(all));
}

static bool write_boot_check(cJSON *o, const char *name, const void *at)
{
	const struct job_request *request = at;
	AUTO(auto_json) cJSON *check = NULL;

	if (!*request->boot_pattern)
		return true;
	check = cJSON_CreateObject();
	if (!check || !json_text(check, "pattern", request->boot_pattern) ||
	    (request->boot_seconds > 0 && !json_int(check, "seconds", request->boot_seconds)))
		return false;
	return json_child(o, name, TAKE(check));
}

#define READERS (FOR(JOB_BACKUP) | FOR(JOB_VERIFY) | FOR(JOB_BLANK_CHECK))
#define WRITERS (FOR(JOB_WRITE) | FOR(JOB_RESTORE) | FOR(JOB_ERASE))

/* write is NULL for what is no part of the request as it is shown. */
static const struct {
	struct field field;
	unsigned types; /* of jobs that have it */
	bool (*write)(cJSON *o, const char *name, const void *at);
} fields[] = {
	{ { "type", read_type, AT(type), 0 }, EVERY, NULL },
	{ { "slot", read_text, AT(slot), SIZE(slot) }, EVERY, NULL },
	{ { "transport", read_transport, AT(transport), 0 }, EVERY, write_transport },
	{ { "offset", read_size, AT(offset), 0 },
	  READERS | FOR(JOB_WRITE) | FOR(JOB_ERASE),
	  write_number },
	{ { "length", read_size, AT(length), 0 },
	  FOR(JOB_BACKUP) | FOR(JOB_BLANK_CHECK) | FOR(JOB_WRITE) | FOR(JOB_ERASE),
	  write_number },
	{ { "label", read_text, AT(label), SIZE(label) }, FOR(JOB_BACKUP), write_text },
	{ { "dump", read_id, AT(dump), 0 },
	  FOR(JOB_VERIFY) | FOR(JOB_WRITE) | FOR(JOB_RESTORE),
	  write_number },
	{ { "image", read_id, AT(image), 0 }, FOR(JOB_VERIFY) | FOR(JOB_WRITE), write_number },
	{ { "fill", read_fill, AT(fill), 0 }, FOR(JOB_WRITE), write_number },
	{ { "backup", read_backup, AT(backup), 0 }, WRITERS, write_backup },
	{ { "force", read_flag, AT(force), 0 }, WRITERS, write_flag },
	{ { "expect_jedec_id", read_jedec_id, AT(expect_jedec_id), SIZE(expect_jedec_id) },
	  WRITERS,
	  write_text },
	{ { "preserve", read_ranges, AT(preserve), SIZE(preserve) },
	  FOR(JOB_WRITE) | FOR(JOB_ERASE),
	  write_ranges },
	{ { "seconds", read_seconds, AT(seconds), 0 }, FOR(JOB_BOOTLOG), write_number },
	{ { "boot_check", read_boot_check, 0, 0 },
	  FOR(JOB_WRITE) | FOR(JOB_RESTORE),
	  write_boot_check },
	{ { "other_device", read_flag, AT(other_device), 0 }, FOR(JOB_RESTORE), write_flag },
};

cJSON *job_body_write(const struct job_request *request)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct field *field = &fields[i].field;

		if (!o)
			return NULL;
		if (fields[i].write && (fields[i].types & FOR(request->type)) &&
		    !fields[i].write(o, field->name, (const char *)request + field->at))
			return NULL;
	}
	return TAKE(o);
}

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

/* Without what = "slot": a batch has slots. */
static size_t fields_for(const char *without, enum job_type type, struct field out[READ_FIELDS])
{
	size_t n = fields_of(type, out), kept = 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(out[i].name, without) != 0)
			out[kept++] = out[i];
	return kept;
}

static int read_request(const cJSON *json, const char *without, struct job_request *request,
			struct err *e)
{
	struct field of_type[READ_FIELDS];
	size_t n;

	*request = job_request(JOB_IDENTIFY);
	if (find_type(json, &request->type, e) < 0)
		return -1;
	n = fields_for(without, request->type, of_type);
	return read_fields(json, of_type, n, request, e);
}

/* White space does not count. */
static int print_finger(cJSON *json, uint8_t fingerprint[HASH_SHA256_LEN], struct err *e)
{
	AUTO(auto_free) char *printed = cJSON_PrintUnformatted(json);

	if (!printed)
		return err_set(e, ERR_MEMORY, "out of memory for the body of a request");
	hash_sha256_of(printed, strlen(printed), fingerprint);
	return 0;
}

int job_body_read(const char *text, size_t len, unsigned depth, struct job_request *request,
		  uint8_t fingerprint[HASH_SHA256_LEN], struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;

	if (read_json(text, len, depth, &json, e) < 0 || read_request(json, "", request, e) < 0)
		return -1;
	if (!request->slot[0])
		return err_set(e, ERR_BAD_INPUT, "slot: missing");
	return print_finger(json, fingerprint, e);
}

/* ---- batches */

static int read_slots(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	static const struct field name = { "slots", read_text, 0, JOB_SLOT };
	struct batch *batch = at;
	const cJSON *item;

	if (!cJSON_IsArray(value))
		return err_set(e, ERR_BAD_INPUT, "%s: a list of names is wanted", field->name);
	if (cJSON_GetArraySize(value) > BATCH_SLOTS)
		return err_set(e, ERR_UNPROCESSABLE, "%s: at most %d in one batch", field->name,
			       BATCH_SLOTS);
	cJSON_ArrayForEach(item, value)
	{
		struct batch_slot *slot = &batch->slot[batch->n_slots++];

		slot->gone = true;
		if (read_text(item, &name, slot->name, e) < 0)
			return -1;
	}
	return 0;
}

static int read_bool(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	int64_t flag = 0;

	if (read_flag(value, field, &flag, e) < 0)
		return -1;
	*(bool *)at = flag == 1;
	return 0;
}

static const struct field batch_fields[] = {
	{ "slots", read_slots, 0, 0 },
	{ "label", read_text, offsetof(struct batch, label), sizeof(((struct batch *)0)->label) },
	{ "hands_free", read_bool, offsetof(struct batch, hands_free), 0 },
};

/* Takes the members that are the batch's own out of the body. What is there twice stays, and is refused. */
static int take_own(cJSON *json, struct batch *batch, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(batch_fields); i++) {
		const struct field *field = &batch_fields[i];
		AUTO(auto_json)
		cJSON *member = cJSON_DetachItemFromObjectCaseSensitive(json, field->name);

		if (member && field->read(member, field, (char *)batch + field->at, e) < 0)
			return -1;
	}
	return 0;
}

/* What a backup's dump is called is what its batch is called. */
static void keep_label(struct batch *batch)
{
	if (batch->request.type == JOB_BACKUP)
		snprintf(batch->request.label, sizeof batch->request.label, "%s", batch->label);
}

static int read_batch(cJSON *json, struct batch *batch, struct err *e)
{
	const bool has_slots = cJSON_HasObjectItem(json, "slots");

	if (take_own(json, batch, e) < 0 || read_request(json, "slot", &batch->request, e) < 0)
		return -1;
	keep_label(batch);
	return has_slots ? 0 : err_set(e, ERR_BAD_INPUT, "slots: missing");
}

int batch_body_read(const char *text, size_t len, unsigned depth, struct batch *batch,
		    uint8_t fingerprint[HASH_SHA256_LEN], struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;

	*batch = (struct batch){ .again_of = JOB_NONE, .ended_ms = JOB_NONE };
	if (read_json(text, len, depth, &json, e) < 0 || print_finger(json, fingerprint, e) < 0)
		return -1;
	return read_batch(json, batch, e);
}
