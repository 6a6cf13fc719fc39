/*
 * JSON objects as people read them: a list as a table, one object as lines of name and value. The
 * columns are data: a title, where in the object, and what kind of thing it is.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdio.h>

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER, /* to the right */
	COLUMN_BYTES,
	COLUMN_TIME,
	COLUMN_ADDRESS /* hexadecimal */
};

struct column {
	const char *title;
	const char *path; /* "result.crc32" */
	enum column_kind kind;
};

/* One table row for each object of the array; nothing but the titles for an empty one. */
void table_list(const cJSON *array, const struct column *columns, size_t n, FILE *to);

/* A line for each column that has something to say. */
void table_object(const cJSON *object, const struct column *columns, size_t n, FILE *to);

/* As JSON, one line. */
void table_json(const cJSON *object, FILE *to);
