/* Numbers, sizes and durations as people write them. Each returns 0, or -1 and leaves *out. */
#pragma once

#include <stdint.h>

/* "4096", "0x1000": decimal or hexadecimal, nothing around it, within max. */
int parse_u64(const char *text, uint64_t max, uint64_t *out);

/* "64M": a number with K, M or G (powers of 1024) or none, in bytes. */
int parse_size(const char *text, uint64_t max, uint64_t *out);

/* "10min": a number with ms, s, min or h, in milliseconds. A unit is needed, except after 0. */
int parse_duration_ms(const char *text, uint64_t max_ms, uint64_t *out);

/* "0.0025", "1e-6": a chance from 0 to 1. */
int parse_chance(const char *text, double *out);
