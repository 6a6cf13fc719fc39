/* Downloads into files: whole and checked, or not there at all. */
#pragma once

#include <stdbool.h>

#include "client.h"

#define FETCH_NAME 2048

struct fetch {
	const char *path; /* of the API */
	const char *
		file; /* where to; NULL or a folder: the daemon's name for it; "-": standard output */
	const char *sha256; /* what it must be; NULL: what the daemon's ETag says, if that is one */
	bool force;         /* over a file that is there */
};

/*
 * Writes FILE.part, checks the SHA-256, then renames it. name is filled with where it went. Errors:
 * ERR_CONFLICT (the file is there), ERR_IO (disk full, and the like), ERR_VERIFY_FAILED (the bytes
 * that came are not the dump's); nothing is left of a download that failed.
 */
int fetch(struct client *client, const struct fetch *what, char name[FETCH_NAME], struct err *e)
	MUST_CHECK;

/* Before a job begins: would the file be in the way? ERR_CONFLICT. */
int fetch_check(const char *file, bool force, struct err *e) MUST_CHECK;

/* SHA-256 of a file from its start, and its size; then it is rewound. ERR_IO. */
int fetch_sum(FILE *file, const char *name, char sha256[65], uint64_t *size, struct err *e)
	MUST_CHECK;

/* Opens for reading; ERR_BAD_INPUT says why not. NULL on failure. */
FILE *fetch_open(const char *name, struct err *e);

/* Writes text and a newline to a new file (or over it with force). */
int fetch_save(const char *name, const char *text, bool force, struct err *e) MUST_CHECK;
