/*
 * One look at every sector: what it looks like, and which known things begin in it. What it finds
 * are addresses; others look there more closely.
 */
#pragma once

#include "crc_grid.h"
#include "flash.h"
#include "rf.h"
#include "scramble.h"

#define SURVEY_FINDS 16 /* of a kind; more are not kept */

/* What a sector looks like: the letters of a map. */
#define LOOK_ERASED   '.'
#define LOOK_ZERO     '0'
#define LOOK_CODE     'c' /* on the CRC grid */
#define LOOK_DATA     'd'
#define LOOK_TEXT     't'
#define LOOK_PACKED   'z' /* compressed or encrypted */
#define LOOK_UNSTABLE '!' /* never set here: it follows from how a dump was read */

/* The letters, in order, and what each means; NULL behind the last. */
const char *look_letters(void);
const char *look_words(char letter);

/* addr: of the sector, because the grid begins at 0. */
char look_at(uint64_t addr, const uint8_t *sector, size_t len);

struct survey_finds {
	size_t n;
	uint32_t at[SURVEY_FINDS];
};

struct survey {
	uint32_t first; /* address of the first cell, a multiple of 4096 or the start */
	size_t cells;   /* sectors */
	char *look;     /* a letter for each; owned, no NUL at the end */
	size_t erased;  /* sectors */
	struct rf_finder rf;
	struct survey_finds vectors; /* where code begins, under the key */
	struct survey_finds rbl;     /* magic words, at any phase */
	struct survey_finds kv;      /* Tuya key blocks, plain or protected, by their first words */
	struct survey_finds openbeken, easyflash, littlefs; /* by their first bytes */
	struct survey_finds uf; /* directories of Tuya's files, by their sums */
};

/* key may be NULL: none is known. ERR_MEMORY, and what reading says. Ends with survey_done(). */
int survey_run(struct survey *survey, struct flash *flash, const struct scramble_key *key,
	       struct err *e) MUST_CHECK;
void survey_done(struct survey *survey);

/* How many sectors of a range are not erased. */
size_t survey_used(const struct survey *survey, uint32_t addr, uint32_t len);
