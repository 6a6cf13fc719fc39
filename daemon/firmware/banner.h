/* What the code of an application says about itself: its texts, found while the cleared bytes stream by. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BANNER_MARGIN 256u   /* bytes before and after a find that are looked at */
#define BANNER_ROOM   16384u /* bytes kept */
#define BANNER_TEXT   96

enum banner_kind {
	BANNER_UNKNOWN,
	BANNER_TUYA,
	BANNER_OPENBEKEN,
	BANNER_ESPHOME,
	BANNER_LIBRETINY
};

/* "tuya"; "" for BANNER_UNKNOWN. */
const char *banner_kind_name(enum banner_kind kind);

struct banner_text {
	char text[BANNER_TEXT]; /* "": not found */
	uint64_t at;            /* bytes before it in what was fed */
};

/* Initialise with { 0 }. Plain data. */
struct banner {
	enum banner_kind kind;
	struct banner_text name, version, sdk, built, platform;
	uint64_t base; /* of room[0] */
	size_t n;
	uint8_t room[BANNER_ROOM];
};

/* The next bytes, in order. */
void banner_feed(struct banner *banner, const uint8_t *bytes, size_t len);

/* After the last. */
void banner_end(struct banner *banner);
