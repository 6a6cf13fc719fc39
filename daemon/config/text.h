/* Text from a file and for people. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

#define TEXT_SHORT  80
#define TEXT_QUOTED (TEXT_SHORT + 2)
#define TEXT_NUMBER 24

/* Cut where it is long, with "..." at the end and never inside a character. */
void text_shorten(const char *text, char cut[TEXT_SHORT]);

/* The same in double quotes. */
void text_quote(const char *text, char quoted[TEXT_QUOTED]);

/* The largest unit without a rest: 65536 is "64K", 90000 ms is "90s", 0 is "0". */
void text_size(uint64_t bytes, char text[TEXT_NUMBER]);
void text_duration(uint64_t ms, char text[TEXT_NUMBER]);

/* Letters, digits, - _ . from 1 to 63. */
bool text_is_name(const char *text);

/* NULL for UTF-8 without control characters (tabs are fine); else what is wrong: "contains ...". */
const char *text_fault(const char *text, size_t len);
