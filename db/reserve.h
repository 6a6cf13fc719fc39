/*
 * A small file beside the archive that holds disk space for bad days. When the disk is full it is
 * given up, so that what must still be written, the end of a job, can be.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* The end of a job takes a few pages; what a broken ingest left is removed through the WAL, which
 * needs the rest: with 512 KiB there was none left where the last stage of an ingest had fitted. */
#define RESERVE_BYTES (1024u << 10)

/* Used by one thread at a time: db.c does so under the lock of the writer. */
struct reserve {
	char *path; /* "ARCHIVE-reserve" */
	bool held;
};

/* Names the file and looks whether the last run left it; makes nothing. ERR_MEMORY. */
int reserve_init(struct reserve *reserve, const char *archive, struct err *e) MUST_CHECK;

/* Makes the file, its blocks really allocated; nothing to do when it is held. ERR_ARCHIVE_FULL, ERR_IO. */
int reserve_take(struct reserve *reserve, struct err *e) MUST_CHECK;

/* Gives the space back to the disk. */
void reserve_release(struct reserve *reserve);

/* Forgets the file and leaves it where it is: the next start finds it. */
void reserve_done(struct reserve *reserve);
