/* The parts as they stand in the file: for nor_parts.c, which everybody else asks. */
#pragma once

#include "nor_parts.h"

extern const struct nor_part nor_table[]; /* by ascending ID */
extern const size_t nor_table_len;
