/* How sure something is that a dump says about itself, and where it says so. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum sure {
	SURE_NOT,     /* nothing was found */
	SURE_ASSUMED, /* by the rule for such chips, without a trace of its own */
	SURE_PATTERN, /* bytes look like it */
	SURE_CHECKED  /* a CRC, checksum or hash over it is right */
};

struct fact {
	enum sure sure;
	uint32_t offset; /* address in the flash */
};

/* "assumed", "pattern", "checked"; "" for SURE_NOT. */
const char *sure_name(enum sure sure);

/* The text of a dump for people: valid UTF-8, control characters and broken bytes as '?', cut to fit. */
void fact_text(char *out, size_t size, const uint8_t *bytes, size_t len);
