/* What cJSON lets pass in a text and a request must not hold. */
#pragma once

#include <stddef.h>

#include "err.h"

#define STRICT_DEPTH 32 /* objects and arrays within each other */

/*
 * ERR_BAD_INPUT, with the byte where it stands, for: NUL bytes, malformed UTF-8, control
 * characters, "\u0000" (a C string would end there), numbers that JSON does not know (01, 1.), and
 * nesting deeper than depth. Everything else is left to the parser.
 */
int strict_check(const char *text, size_t len, unsigned depth, struct err *e) MUST_CHECK;
