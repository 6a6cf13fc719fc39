/* Text from elsewhere, made fit for a terminal; numbers and times as people read them. */
#pragma once

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

/* Control characters, and bytes that are no UTF-8, become '?': no server can move a terminal's cursor. */
void plain_clean(char *text);

/* The same, but lines and tabs stay: for whole texts such as logs. */
void plain_clean_lines(char *text);

/* Columns that clean text takes on a terminal: one for each code point. */
size_t plain_width(const char *text);

/* "4 MiB", "1.5 MiB", "999 B". */
void plain_bytes(int64_t bytes, char *out, size_t size);

/* "2026-11-22 10:35:24" from RFC 3339; other text as it is. */
void plain_time(const char *rfc3339, char *out, size_t size);

/* "1:02:03", "2:03", "4 s". */
void plain_seconds(int64_t seconds, char *out, size_t size);

/*
 * The member at a path like "result.entry.attempts", as text: strings clean, numbers whole where
 * they are, yes and no, the items of a list with commas between; "" for null and for what is not
 * there.
 */
void plain_field(const cJSON *o, const char *path, char *out, size_t size);

/* The member itself; NULL when it is not there. */
const cJSON *plain_find(const cJSON *o, const char *path);

/* A text at a path, as it came; "" when there is none. */
const char *plain_text(const cJSON *o, const char *path);

/* A whole number at a path; fallback when there is none. */
int64_t plain_int(const cJSON *o, const char *path, int64_t fallback);
