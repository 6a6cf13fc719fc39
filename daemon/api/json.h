/*
 * Building JSON with cJSON. Each function tells whether it worked, which without memory it does
 * not; so an object is one chain of &&, and a half-made one is thrown away.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "reply.h"

static inline void auto_json(cJSON **json)
{
	cJSON_Delete(*json);
}

bool json_int(cJSON *object, const char *name, int64_t value);
bool json_int_or_null(cJSON *object, const char *name, int64_t value); /* negative: null */
bool json_bool(cJSON *object, const char *name, bool value);
bool json_text(cJSON *object, const char *name, const char *value);
bool json_text_or_null(cJSON *object, const char *name, const char *value); /* "": null */
bool json_time(cJSON *object, const char *name, int64_t wall_ms);           /* negative: null */
bool json_crc32(cJSON *object, const char *name, uint32_t crc32);
bool json_sha256(cJSON *object, const char *name, const uint8_t *sha256);

/* Takes child; NULL does not work. json_child_or_null() puts a null when has is false. */
bool json_child(cJSON *object, const char *name, cJSON *child);
bool json_child_or_null(cJSON *object, const char *name, bool has, cJSON *child);
bool json_push(cJSON *array, cJSON *child);

/* One line, from malloc; NULL without memory. Takes json; NULL gives NULL. */
char *json_print(cJSON *json);

/* Takes json; NULL is ERR_MEMORY. */
int json_reply(struct reply *reply, unsigned status, cJSON *json, struct err *e) MUST_CHECK;

/* A page of a list: {"jobs": [...], "next": 17}. Takes array; next negative: null. */
int json_reply_list(struct reply *reply, const char *name, cJSON *array, int64_t next,
		    struct err *e) MUST_CHECK;
