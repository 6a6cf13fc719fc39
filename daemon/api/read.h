/*
 * Reading what a client sends, strictly: what is not known, not of the right type, or said twice
 * is refused by name. A misspelt field must not be ignored.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "request.h"

#define READ_FIELDS 16 /* at most, of one body */

/* A member of the body, and where it goes. */
struct field {
	const char *name;
	/* Checks value and writes it to at (into + field->at). ERR_BAD_INPUT names the field. */
	int (*read)(const cJSON *value, const struct field *field, void *at, struct err *e);
	size_t at;   /* offsetof */
	size_t size; /* for read_text: of the array, with NUL */
};

/* A string into a char array. ERR_BAD_INPUT when it does not fit. */
int read_text(const cJSON *value, const struct field *field, void *at, struct err *e) MUST_CHECK;

/* An integer from 0 to 2^53 - 1, or a string "0x11000", into an int64_t. */
int read_size(const cJSON *value, const struct field *field, void *at, struct err *e) MUST_CHECK;

/* A text of JSON, len bytes and a NUL. The caller deletes *json. ERR_BAD_INPUT. depth: see strict.h. */
int read_json(const char *text, size_t len, unsigned depth, cJSON **json, struct err *e) MUST_CHECK;

/* The members of json, which must be an object. What has no member stays as it is in *into. */
int read_fields(const cJSON *json, const struct field *fields, size_t n, void *into, struct err *e)
	MUST_CHECK;

/* For requests that say all in their path: no body, or an empty object. */
int read_nothing(const struct request *req, struct err *e) MUST_CHECK;
