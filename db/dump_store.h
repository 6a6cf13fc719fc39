/* Dumps: what was read from which board, when, and how sure that is. The bytes are archive.h's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive.h"
#include "db.h"

#define DUMP_UNSTABLE 64 /* ranges that are kept */
#define DUMP_TAGS     16
#define DUMP_TAG      41

enum dump_source { DUMP_SPI, DUMP_UART, DUMP_IMPORT };
const char *dump_source_name(enum dump_source source);

struct dump_range {
	uint64_t offset, length;
};

struct dump {
	int64_t id;
	int64_t device;   /* -1: none */
	char slot[64];    /* "": imported */
	int64_t job;      /* -1: none */
	char jedec_id[7]; /* "": not known */
	char chip[96];
	uint64_t offset; /* where it starts on the chip */
	struct content content;
	int64_t created_ms;
	char label[201];
	char notes[2001];
	bool complete; /* the whole chip */
	bool verified; /* two independent reads agreed and what is stored was read back */
	enum dump_source source;
	size_t tags;
	char tag[DUMP_TAGS][DUMP_TAG];
	size_t unstables;
	struct dump_range unstable[DUMP_UNSTABLE];
};

/* Stores it with its tags and unstable ranges; content.id must be committed in the same tx or before. Fills id. */
int dump_add(struct tx *tx, struct dump *dump, struct err *e) MUST_CHECK;

/* ERR_NOT_FOUND. */
int dump_get(struct tx *tx, int64_t id, struct dump *dump, struct err *e) MUST_CHECK;

/*
 * The newest verified dump of a whole chip of that ID ("": any) with exactly these bytes; *id is -1 when
 * there is none.
 */
int dump_find_equal(struct tx *tx, const char *jedec_id, const uint8_t sha256[HASH_SHA256_LEN],
		    int64_t *id, struct err *e) MUST_CHECK;

/*
 * The one that this is a copy of: the same bytes, made at the same time from the same place of the
 * same kind of chip. *id is -1 when there is none.
 */
int dump_find_same(struct tx *tx, const struct dump *dump, int64_t *id, struct err *e) MUST_CHECK;

/* The first one after an id, of a device (-1: any); *id is -1 when there is none. */
int dump_after(struct tx *tx, int64_t device, int64_t after, int64_t *id, struct err *e) MUST_CHECK;

struct dump_filter {
	int64_t device;       /* -1: any */
	const char *jedec_id; /* NULL: any */
	const char *sha256;   /* NULL: any; else a prefix in hex */
	const char *q; /* NULL: any; else words, each in label, notes, tags, device, chip or slot */
	bool best_first; /* with q: those that fit best, not the newest; one page */
	int64_t before;  /* -1: from the newest */
	/* 0 and NULL: any. */
	enum dump_proof { DUMP_ANY_PROOF, DUMP_ONLY_VERIFIED, DUMP_ONLY_UNVERIFIED } verified;
	const char *slot;
	const char *tag;
	const char *crc32;           /* a prefix in hex */
	const char *label, *chip;    /* a part of it, any case */
	uint64_t min_size, max_size; /* bytes, both included */
	int64_t since_ms, until_ms;  /* when it was made, the last not included */
};

/*
 * Newest first. dumps is the caller's array of page->max. ERR_BAD_INPUT for too many words;
 * ERR_ARCHIVE_DAMAGED with q may be the index of words: see words_rebuild().
 */
int dump_list(struct tx *tx, const struct dump_filter *filter, struct dump *dumps,
	      struct page *page, struct err *e) MUST_CHECK;

/* Writes device, label, notes and tags. ERR_NOT_FOUND. */
int dump_update(struct tx *tx, const struct dump *dump, struct err *e) MUST_CHECK;

/*
 * Before dump_update() with another device: sees to it that this one is there (ERR_UNPROCESSABLE)
 * and has been seen when the dump was made. ERR_CONFLICT for the way back of a half-written device.
 */
int dump_move(struct tx *tx, const struct dump *dump, struct err *e) MUST_CHECK;

/*
 * Removes it and releases its content. ERR_NOT_FOUND; ERR_CONFLICT when it is the newest complete,
 * verified dump of its device, unless forced.
 */
enum dump_force { DUMP_SPARE_LAST, DUMP_FORCE };
int dump_remove(struct tx *tx, int64_t id, enum dump_force force, struct err *e) MUST_CHECK;

/* Whether it would: its errors, and the dump. */
int dump_may_go(struct tx *tx, int64_t id, enum dump_force force, struct dump *dump, struct err *e)
	MUST_CHECK;

/* Is it the only one, among images too, with its content? */
int dump_alone_has(struct tx *tx, const struct dump *dump, bool *alone, struct err *e) MUST_CHECK;

/* What the archive holds, for GET /archive. */
struct archive_totals {
	uint64_t dumps, devices, bytes_logical, bytes_stored;
	uint64_t free_bytes; /* of the file: room that the next dumps take */
};
int archive_totals_get(struct tx *tx, struct archive_totals *totals, struct err *e) MUST_CHECK;
