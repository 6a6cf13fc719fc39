/* One error value, filled where the failure is understood, read where it is reported. */
#pragma once

#include <stdint.h>

/* The names (err_name) are part of the HTTP contract: never rename, only add. */
enum err_code {
	ERR_NONE,
	/* what a client did */
	ERR_BAD_INPUT, /* "bad-request": malformed, wrong type, unknown field or key */
	ERR_UNAUTHORIZED,
	ERR_FORBIDDEN,
	ERR_NOT_FOUND,
	ERR_METHOD_NOT_ALLOWED,
	ERR_CONFLICT, /* wrong state */
	ERR_TOO_LARGE,
	ERR_MEDIA_TYPE,
	ERR_BAD_RANGE,
	ERR_WRONG_HOST,
	ERR_UNPROCESSABLE, /* well formed, makes no sense */
	ERR_TOO_MANY,
	ERR_UNAVAILABLE,
	/* what happened at the bench */
	ERR_NO_CHIP,       /* nothing that answers like a flash */
	ERR_WIRING,        /* the line shows a fault that has a name */
	ERR_UNSTABLE_READ, /* two passes saw different bytes */
	ERR_UNKNOWN_CHIP,  /* answers, but neither the table nor SFDP tells its size */
	ERR_CHIP_MISMATCH,
	ERR_PROTECTED,
	ERR_VERIFY_FAILED,
	ERR_NOT_BLANK,
	ERR_TIMEOUT,
	ERR_CANCELLED,
	ERR_INTERRUPTED, /* the daemon stopped under the job */
	ERR_OFFLINE,     /* the slot's device is not there */
	/* what happened to the house */
	ERR_ARCHIVE_FULL,
	ERR_ARCHIVE_DAMAGED, /* stored bytes are not what was stored */
	ERR_IO,
	ERR_MEMORY,
	ERR_INTERNAL /* a fault of this program */
};

#define ERR_NO_OFFSET (-1)

struct err {
	enum err_code code;
	char text[320];            /* what and where: "read: reading 0x1f000: ..." */
	char hint[240];            /* what to do about it; "" where there is nothing to say */
	int64_t offset;            /* first address concerned, or ERR_NO_OFFSET */
	int64_t differing_sectors; /* or ERR_NO_OFFSET */
};

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Fills *e (and clears hint and offset) and returns -1, so that a failing function ends in
 * `return err_set(...)`. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF(3, 4);

/* Puts "slot 2: " in front of a text that a lower floor wrote. Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* Says what to do. Returns -1. */
int err_hint(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* Adds the first address concerned and how many sectors differ (or ERR_NO_OFFSET). Returns -1. */
int err_at(struct err *e, int64_t offset, int64_t differing_sectors);

/* The stable kebab-case name: "no-chip". */
const char *err_name(enum err_code code);

/* The code behind a name; ERR_NONE for "none" and for a name that is not known. */
enum err_code err_from_name(const char *name);
