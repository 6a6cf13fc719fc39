#include "json.h"

#include <stdio.h>

#include "auto.h"
#include "clock.h"
#include "hash.h"

bool json_int(cJSON *object, const char *name, int64_t value)
{
	return cJSON_AddNumberToObject(object, name, (double)value) != NULL;
}

bool json_int_or_null(cJSON *object, const char *name, int64_t value)
{
	return value < 0 ? cJSON_AddNullToObject(object, name) != NULL
			 : json_int(object, name, value);
}

bool json_bool(cJSON *object, const char *name, bool value)
{
	return cJSON_AddBoolToObject(object, name, value) != NULL;
}

bool json_text(cJSON *object, const char *name, const char *value)
{
	return cJSON_AddStringToObject(object, name, value) != NULL;
}

bool json_text_or_null(cJSON *object, const char *name, const char *value)
{
	return *value ? json_text(object, name, value)
		      : cJSON_AddNullToObject(object, name) != NULL;
}

bool json_time(cJSON *object, const char *name, int64_t wall_ms)
{
	char text[CLOCK_TEXT] = "";

	if (wall_ms >= 0)
		clock_wall_text(wall_ms, text);
	return json_text_or_null(object, name, text);
}

bool json_crc32(cJSON *object, const char *name, uint32_t crc32)
{
	char text[9];

	snprintf(text, sizeof text, "%08X", crc32);
	return json_text(object, name, text);
}

bool json_sha256(cJSON *object, const char *name, const uint8_t *sha256)
{
	char text[HASH_SHA256_TEXT];

	hash_hex(sha256, HASH_SHA256_LEN, text);
	return json_text(object, name, text);
}

bool json_child(cJSON *object, const char *name, cJSON *child)
{
	if (child && cJSON_AddItemToObject(object, name, child))
		return true;
	cJSON_Delete(child);
	return false;
}

bool json_child_or_null(cJSON *object, const char *name, bool has, cJSON *child)
{
	return has ? json_child(object, name, child) : cJSON_AddNullToObject(object, name) != NULL;
}

bool json_push(cJSON *array, cJSON *child)
{
	if (child && cJSON_AddItemToArray(array, child))
		return true;
	cJSON_Delete(child);
	return false;
}

char *json_print(cJSON *json)
{
	AUTO(auto_json) cJSON *owned = json;

	return owned ? cJSON_PrintUnformatted(owned) : NULL;
}

int json_reply(struct reply *reply, unsigned status, cJSON *json, struct err *e)
{
	return reply_text(reply, status, "application/json", json_print(json), e);
}

static cJSON *list(const char *name, cJSON *array, int64_t next)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (!o) {
		cJSON_Delete(array);
		return NULL;
	}
	return json_child(o, name, array) && json_int_or_null(o, "next", next) ? TAKE(o) : NULL;
}

int json_reply_list(struct reply *reply, const char *name, cJSON *array, int64_t next,
		    struct err *e)
{
	return json_reply(reply, HTTP_OK, list(name, array, next), e);
}
