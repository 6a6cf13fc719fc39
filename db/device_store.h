/* Devices: the things that people put on the bench, known again when they come back. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "partial_store.h"

#define DEVICE_TAGS 16
#define DEVICE_TAG  41 /* as DUMP_TAG */

struct device {
	int64_t id;
	char label[201];
	char notes[2001];
	char jedec_id[7];
	char unique_id[17]; /* upper-case hex; "" when the chip has none */
	char mac[18];       /* "C8:47:8C:00:00:01"; "" when not known */
	int64_t first_seen_ms, last_seen_ms;
	size_t tags;
	char tag[DEVICE_TAGS][DEVICE_TAG];
	int64_t dumps;          /* how many; filled by get and list */
	struct partial partial; /* what was begun and not ended; filled by get and list */
};

/* What is known of the board in a slot when it has been read. */
struct device_clue {
	const char *jedec_id;
	const char *unique_id; /* "" or hex */
	const char *mac;       /* "" or text */
	const char *slot;
	int64_t content; /* the content just read, committed in this tx; -1: only identified */
	int64_t now_ms;
};

/*
 * The device the clues point to: the one with this JEDEC and unique ID; without a unique ID the
 * one with this JEDEC ID and MAC; without either the one whose dump was last read in this slot,
 * if the JEDEC ID is the same and at least half of its used sectors are still there, or at least
 * half of what is there is from that dump or from what was written to it since. Else a new one. Updates last_seen, and fills in a MAC that was not known. *id is the device. With neither
 * unique ID nor content nothing can be said: *id is -1.
 */
int device_find_or_add(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
	MUST_CHECK;

/*
 * For a dump that was made elsewhere: the device with the clues' MAC and JEDEC ID; where the ID is
 * not known ("") the one with the MAC that was seen last. There is none: a new one when the ID is
 * known, else *id is -1. Nobody was seen: last_seen stays.
 */
int device_find_by_mac(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
	MUST_CHECK;

/* The device with the clues' JEDEC and unique ID; without a unique ID with its MAC. *id is -1 when there is none. */
int device_find_by_ids(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
	MUST_CHECK;

/* ERR_NOT_FOUND. */
int device_get(struct tx *tx, int64_t id, struct device *device, struct err *e) MUST_CHECK;

bool device_has_tag(const struct device *device, const char *tag);

struct device_filter {
	int64_t before; /* page->next of the page before; -1: from the newest */
	const char *q;  /* NULL: any; else a part of label, notes, tags, IDs or MAC, any case */
};

/* By falling id. devices is the caller's array of page->max. */
int device_list(struct tx *tx, const struct device_filter *filter, struct device *devices,
		struct page *page, struct err *e) MUST_CHECK;

/* Writes label, notes and tags. ERR_NOT_FOUND. */
int device_update(struct tx *tx, const struct device *device, struct err *e) MUST_CHECK;

/* It was on a bench at that time: widens first and last seen. */
int device_seen(struct tx *tx, int64_t id, int64_t at_ms, struct err *e) MUST_CHECK;
