/*
 * Objects as they stand in a device's stores, taken apart: JSON, and the form without quotes that
 * Tuya keeps pins in ("{module:CB3S,led_pin:8}"). No more than a walk: it takes what it can and
 * stops at what it cannot read, because whatever stands there, somebody wants to see it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FLAT_NAME  64
#define FLAT_VALUE 1024 /* bytes of a value; what is longer is cut */

struct flat {
	/* A member: a string without its quotes and escapes, else the text of the value. */
	void (*member)(struct flat *flat, const char *name, const uint8_t *value, size_t len);
};

/* How many members an object has, each told to flat; 0 when text is no object. */
size_t flat_walk(struct flat *flat, const uint8_t *text, size_t len);
