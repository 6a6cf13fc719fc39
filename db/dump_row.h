/* A row of the table of dumps, for those who select some. */
#pragma once

#include "dump_store.h"

#define DUMP_COLUMNS \
	"SELECT dump.id AS id, device, slot, job, jedec_id, chip, chip_offset, source," \
	" dump.complete AS complete, verified, created_ms, label, notes, content," \
	" content.size AS size, crc32, sha256, stored"
#define DUMP_SELECT \
	DUMP_COLUMNS \
	" FROM dump JOIN content ON content.id = dump.content AND content.complete = 1"

/* The same, led by the index of words: see words.h. */
#define DUMP_SELECT_WORDS \
	DUMP_COLUMNS \
	" FROM dump_words CROSS JOIN dump ON dump.id = dump_words.rowid" \
	" JOIN content ON content.id = dump.content AND content.complete = 1"

/* What DUMP_SELECT gave, with tags and unstable ranges. */
int dump_read(struct tx *tx, struct stmt *s, struct dump *dump, struct err *e) MUST_CHECK;
