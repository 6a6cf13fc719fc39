/* UTF-8: the only text that may go into JSON, or come out of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* True for well-formed UTF-8: nothing overlong, no surrogates, nothing above U+10FFFF. */
bool utf8_is_valid(const char *text, size_t len);

/* Puts a '?' in the place of each byte that is not part of well-formed UTF-8. */
void utf8_repair(char *text);
