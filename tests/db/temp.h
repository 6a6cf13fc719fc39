/* What the tests of the archive share: a folder that goes with its scope, noise by seed, a way in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive.h"
#include "db.h"

/* A folder of its own in $TMPDIR or /tmp, and where the archive of a test lives in it. */
struct temp {
	char dir[200];
	char path[240];
};

struct temp temp_open(void);
void temp_close(struct temp *temp); /* removes everything in it */

/* Bytes of a file; 0 when there is none. */
size_t file_size(const char *path);

/* The same bytes for the same seed, everywhere. */
struct noise {
	uint64_t state;
};
uint64_t noise_next(struct noise *noise);
void noise_fill(uint64_t seed, uint8_t *bytes, size_t len);

/* n bytes of noise on the heap; the caller frees them. */
uint8_t *noise_new(uint64_t seed, size_t len);

/* Takes bytes in and commits them as content. */
int take_in(struct db *db, const uint8_t *bytes, size_t len, struct content *content,
	    struct err *e);

/* The number that a query gives, asked of the writer; -1 when it fails. */
int64_t ask(struct db *db, const char *sql);

/* Runs SQL on the writer, in a transaction. */
int run(struct db *db, const char *sql);

/* No unfinished content, no block that nobody names, and a sound file. */
bool is_clean(struct db *db);

/* The number that a pragma gives, outside of a transaction; -1 when it fails. */
int64_t pragma(struct db_conn *conn, const char *sql);

/* Runs fn in a child: its exit status, 128 and the signal that killed it, or -1. */
int in_child(int (*fn)(const char *path), const char *path);
