/*
 * The archive format that every system can open: ustar, files only. Writing makes heads; reading
 * takes bytes as they come, and believes none of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define TAR_BLOCK 512u
#define TAR_NAME  256 /* bytes with NUL: folder, slash and name */
#define TAR_SHORT 100 /* bytes with NUL of a name that is written */

/* The head of a file; its bytes follow, and zeros up to a whole block. */
void tar_head(uint8_t head[TAR_BLOCK], const char *name, uint64_t size, int64_t wall_ms);

/* Zeros that follow that many bytes. */
size_t tar_padding(uint64_t size);

struct tar_reader;

/* What a reader calls. -1 ends the reading. */
struct tar_ops {
	/* A file begins. The name is as it stands there: nothing that a path may be made of. */
	int (*begin)(struct tar_reader *tar, const char *name, uint64_t size, struct err *e);
	int (*data)(struct tar_reader *tar, const uint8_t *bytes, size_t len, struct err *e);
	int (*end)(struct tar_reader *tar, struct err *e);
	/* What is no file (a link, a device): its bytes are passed over. Folders are not told. */
	int (*other)(struct tar_reader *tar, const char *name, struct err *e);
};

/* First member of its user's own struct; initialise with the ops. */
struct tar_reader {
	const struct tar_ops *ops;
	bool in_file, ended;
	uint64_t left;  /* bytes of the entry that are still to come */
	size_t padding; /* zeros after them */
	size_t have;    /* bytes of head */
	uint8_t head[TAR_BLOCK];
};

/*
 * The next bytes. ERR_BAD_INPUT for what is no tar; what comes behind its end is passed over.
 * Long names of other programs (pax, GNU) are passed over too: the short one counts.
 */
int tar_feed(struct tar_reader *tar, const uint8_t *bytes, size_t len, struct err *e) MUST_CHECK;

/* ERR_BAD_INPUT when it ended in the middle. */
int tar_finish(const struct tar_reader *tar, struct err *e) MUST_CHECK;
