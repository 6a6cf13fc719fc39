/*
 * Full text over what people have written about dumps, and what they are called by: label, notes,
 * tags, device, chip and slot, in an index of FTS5. It tells in no time which dumps have a text
 * anywhere in them. It is made of rows that are kept elsewhere, and not by those who store them but
 * before the next search: where it is damaged it is made anew, and it never keeps anything from
 * being stored.
 */
#pragma once

#include <stdbool.h>

#include "db.h"

/* For migrate.c too: the dumps that the index has not read yet, itself, and the words of all. */
#define WORDS_CREATE_UNREAD "CREATE TABLE dump_unread (dump INTEGER PRIMARY KEY) STRICT;"
#define WORDS_CREATE \
	"CREATE VIRTUAL TABLE dump_words USING fts5" \
	" (w_label, w_notes, w_tags, w_device, w_place, tokenize = 'trigram');"
#define WORDS_FILL \
	"INSERT INTO dump_words (rowid, w_label, w_notes, w_tags, w_device, w_place)" \
	" SELECT id, label, notes, coalesce((SELECT group_concat(tag, char(10)) FROM dump_tag" \
	"  WHERE dump_tag.dump = dump.id), '')," \
	" coalesce((SELECT label || char(10) || unique_id || char(10) || mac || char(10)" \
	"  || coalesce((SELECT group_concat(tag, char(10)) FROM device_tag" \
	"   WHERE device_tag.device = device.id), '') FROM device" \
	"  WHERE device.id = dump.device), '')," \
	" chip || char(10) || slot FROM dump"

/* The best of them first: how much a word counts in each column. */
#define WORDS_RANK "bm25(dump_words, 10.0, 2.0, 5.0, 5.0, 1.0)"

/*
 * What a dump is called has changed, or it is new, or gone: in the tx that changed it. Nothing of
 * the index is touched: that is left to words_catch_up().
 */
int words_note(struct tx *tx, int64_t dump, struct err *e) MUST_CHECK;

/* The same for all dumps of a device. */
int words_note_device(struct tx *tx, int64_t device, struct err *e) MUST_CHECK;

/* Before a search: brings the index up to all that was noted. ERR_ARCHIVE_FULL. */
int words_catch_up(struct db *db, struct err *e) MUST_CHECK;

/* Makes the index anew. */
int words_rebuild(struct db *db, struct err *e) MUST_CHECK;

/*
 * Compares it with what it was made of, and makes it anew where it says something else. Holds the
 * writer for about 10 ms for a thousand dumps.
 */
int words_check(struct db *db, bool *anew, struct err *e) MUST_CHECK;

/* ---- what people ask for */

#define WORDS_MAX 8 /* terms of a question */

/*
 * A term is a word, or some in quotation marks. All must be found. The index holds each three
 * letters that stand together: terms that are shorter must be looked for in the text itself.
 */
struct words {
	size_t shorts;
	struct {
		const char *text; /* borrowed, not terminated */
		size_t len;
	} shorter[WORDS_MAX];
	char *match; /* for MATCH, owned: any text makes a valid one; "" when all are short */
};

/* ERR_BAD_INPUT: too many terms. */
int words_parse(const char *q, struct words *words, struct err *e) MUST_CHECK;
void words_done(struct words *words);
