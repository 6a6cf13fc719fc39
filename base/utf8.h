/* UTF-8, the well-formed kind: the only text that goes into JSON, out of it, or to a terminal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * How many bytes the character at text has, of the len that are there; 0 when it is malformed:
 * overlong, a surrogate, above U+10FFFF, cut off.
 */
size_t utf8_len(const char *text, size_t len);

/* A character of utf8_len() that is none to look at: U+0000 to 001F, 007F to 009F. */
bool utf8_is_control(const char *text);

/* True when all of it is well-formed. */
bool utf8_is_valid(const char *text, size_t len);

/* Puts a '?' in the place of each byte that is not part of well-formed UTF-8. */
void utf8_repair(char *text);
