#include "sidecar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "clock.h"
#include "json.h"
#include "params.h"
#include "read.h"
#include "strict.h"
#include "tag_list.h"
#include "wire.h"

/* ---- writing */

cJSON *sidecar_wire(const char *file, const struct dump *dump, const struct device *device)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "flashrig", SIDECAR_FORMAT) && json_text(o, "file", file) &&
	    json_child(o, "dump", wire_dump(dump)) &&
	    json_child_or_null(o, "device", device != NULL, device ? wire_device(device) : NULL))
		return TAKE(o);
	return NULL;
}

cJSON *sidecar_wire_front(const char *name, const char *version, int64_t now_ms)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "flashrig", SIDECAR_FORMAT) && json_text(o, "name", name) &&
	    json_text(o, "version", version) && json_time(o, "exported_at", now_ms))
		return TAKE(o);
	return NULL;
}

/* ---- reading */

static int wrong(const char *name, const char *wanted, struct err *e)
{
	return err_set(e, ERR_BAD_INPUT, "%s: %s is wanted", name, wanted);
}

static const cJSON *member(const cJSON *o, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(o, name);
}

/* null and nothing are "". */
static int get_text(const cJSON *o, const char *name, char *out, size_t size, struct err *e)
{
	const cJSON *value = member(o, name);
	const bool none = !value || cJSON_IsNull(value);

	if (!none && !cJSON_IsString(value))
		return wrong(name, "a string", e);
	if (!none && strlen(value->valuestring) >= size)
		return wrong(name, "a shorter string", e);
	snprintf(out, size, "%s", none ? "" : value->valuestring);
	return 0;
}

/* Digits of the set, as many as there is room for; or none. */
static int get_digits(const cJSON *o, const char *name, const char *set, char *out, size_t size,
		      struct err *e)
{
	if (get_text(o, name, out, size, e) < 0)
		return -1;
	if (*out && (strlen(out) != size - 1 || strspn(out, set) != size - 1))
		return wrong(name, "an ID", e);
	return 0;
}

static int get_size(const cJSON *o, const char *name, uint64_t *out, struct err *e)
{
	const struct field field = { name, read_size, 0, 0 };
	const cJSON *value = member(o, name);
	int64_t size = 0;

	if (value && !cJSON_IsNull(value) && read_size(value, &field, &size, e) < 0)
		return -1;
	*out = (uint64_t)size;
	return 0;
}

static int get_bool(const cJSON *o, const char *name, bool *out, struct err *e)
{
	const cJSON *value = member(o, name);

	if (value && !cJSON_IsBool(value))
		return wrong(name, "true or false", e);
	*out = cJSON_IsTrue(value);
	return 0;
}

/* From 1990 on, and not in the future: a clock that stood wrong there is no reason to say so here. */
#define EARLIEST INT64_C(631152000000)
#define DAY_MS   INT64_C(86400000)

static int get_time(const cJSON *o, const char *name, int64_t *out, struct err *e)
{
	char text[CLOCK_TEXT + 8];

	if (get_text(o, name, text, sizeof text, e) < 0)
		return -1;
	if (!param_parse_time(text, out) || *out < EARLIEST || *out > clock_wall_ms() + DAY_MS)
		return wrong(name, "a time that has been", e);
	return 0;
}

static int get_tags(const cJSON *o, char (*tag)[DUMP_TAG], size_t *n, struct err *e)
{
	const cJSON *tags = member(o, "tags");
	const struct field field = { "tags", NULL, 0, 0 };

	*n = 0;
	return tags ? read_tag_list(tags, &field, tag, n, e) : 0;
}

static int get_unstable(const cJSON *o, struct dump *dump, struct err *e)
{
	const cJSON *range;

	cJSON_ArrayForEach(range, member(o, "unstable"))
	{
		struct dump_range *r = &dump->unstable[dump->unstables];

		if (dump->unstables == DUMP_UNSTABLE)
			return 0;
		if (get_size(range, "offset", &r->offset, e) < 0 ||
		    get_size(range, "length", &r->length, e) < 0)
			return -1;
		if (r->length == 0 || (dump->unstables && r->offset <= r[-1].offset))
			return wrong("unstable", "a list of ranges, from below,", e);
		dump->unstables++;
	}
	return 0;
}

static int get_dump(const cJSON *o, struct dump *dump, struct err *e)
{
	char sha256[HASH_SHA256_TEXT];

	*dump = (struct dump){ .device = -1, .job = -1, .source = DUMP_IMPORT };
	if (!cJSON_IsObject(o))
		return wrong("dump", "an object", e);
	if (get_digits(o, "jedec_id", "0123456789ABCDEF", dump->jedec_id, sizeof dump->jedec_id,
		       e) < 0 ||
	    get_text(o, "chip", dump->chip, sizeof dump->chip, e) < 0 ||
	    get_text(o, "label", dump->label, sizeof dump->label, e) < 0 ||
	    get_text(o, "notes", dump->notes, sizeof dump->notes, e) < 0 ||
	    get_text(o, "sha256", sha256, sizeof sha256, e) < 0 ||
	    get_size(o, "offset", &dump->offset, e) < 0 ||
	    get_size(o, "size", &dump->content.size, e) < 0 ||
	    get_bool(o, "complete", &dump->complete, e) < 0 ||
	    get_bool(o, "verified", &dump->verified, e) < 0 ||
	    get_time(o, "created_at", &dump->created_ms, e) < 0 ||
	    get_tags(o, dump->tag, &dump->tags, e) < 0 || get_unstable(o, dump, e) < 0)
		return -1;
	return hash_unhex(sha256, dump->content.sha256, HASH_SHA256_LEN) < 0
		       ? wrong("sha256", "64 hex digits", e)
		       : 0;
}

/* "C8:47:8C:00:00:01" */
static bool is_mac(const char *mac)
{
	for (size_t i = 0; i < 17; i++)
		if (i % 3 == 2 ? mac[i] != ':' : !strchr("0123456789ABCDEF", mac[i]) || !mac[i])
			return false;
	return mac[17] == '\0';
}

static int get_unique_id(const cJSON *o, struct device *device, struct err *e)
{
	char *id = device->unique_id;

	if (get_text(o, "unique_id", id, sizeof device->unique_id, e) < 0)
		return -1;
	return strspn(id, "0123456789ABCDEF") == strlen(id) ? 0 : wrong("unique_id", "hex", e);
}

static int get_device(const cJSON *o, struct device *device, struct err *e)
{
	uint64_t id;

	*device = (struct device){ .id = 0 };
	if (!cJSON_IsObject(o))
		return wrong("device", "an object or null", e);
	if (get_size(o, "id", &id, e) < 0 ||
	    get_digits(o, "jedec_id", "0123456789ABCDEF", device->jedec_id, sizeof device->jedec_id,
		       e) < 0 ||
	    get_unique_id(o, device, e) < 0 ||
	    get_text(o, "mac", device->mac, sizeof device->mac, e) < 0 ||
	    get_text(o, "label", device->label, sizeof device->label, e) < 0 ||
	    get_text(o, "notes", device->notes, sizeof device->notes, e) < 0 ||
	    get_time(o, "first_seen", &device->first_seen_ms, e) < 0 ||
	    get_time(o, "last_seen", &device->last_seen_ms, e) < 0 ||
	    get_tags(o, device->tag, &device->tags, e) < 0)
		return -1;
	device->id = (int64_t)id;
	if (*device->mac && !is_mac(device->mac))
		return wrong("mac", "six pairs of digits", e);
	return *device->jedec_id ? 0 : wrong("jedec_id", "that of the device", e);
}

/* A newer format may say the same by other names: it is not guessed at. */
static int check_format(const cJSON *o, struct err *e)
{
	uint64_t format;

	if (!cJSON_IsObject(o))
		return wrong("sidecar", "an object", e);
	if (get_size(o, "flashrig", &format, e) < 0)
		return -1;
	if (format == 0)
		return wrong("flashrig", "the number of its format", e);
	if (format <= SIDECAR_FORMAT)
		return 0;
	err_set(e, ERR_UNPROCESSABLE, "it has format %llu, but this program knows 1 to %d",
		(unsigned long long)format, SIDECAR_FORMAT);
	return err_hint(e, "It was made by a newer version: use that one.");
}

static int read_object(const char *text, size_t len, cJSON **o, struct err *e)
{
	if (read_json(text, len, STRICT_DEPTH, o, e) < 0)
		return -1;
	return check_format(*o, e);
}

int sidecar_read(const char *text, size_t len, struct sidecar *sidecar, struct err *e)
{
	AUTO(auto_json) cJSON *o = NULL;
	const cJSON *device;

	if (read_object(text, len, &o, e) < 0 || get_dump(member(o, "dump"), &sidecar->dump, e) < 0)
		return -1;
	device = member(o, "device");
	sidecar->has_device = device && !cJSON_IsNull(device);
	return sidecar->has_device ? get_device(device, &sidecar->device, e) : 0;
}

int sidecar_check_front(const char *text, size_t len, struct err *e)
{
	AUTO(auto_json) cJSON *o = NULL;

	return read_object(text, len, &o, e);
}
