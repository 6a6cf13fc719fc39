/*
 * Reads everything back: each block against its hash, each content against its CRC-32 and SHA-256,
 * each map against the size of its content, each dump's record against the index that leads to it,
 * and SQLite's own structures. Damage does not stop it: what is sound behind it is still looked at.
 *
 * Works on a connection of its own (db_open_to_read()), which knows nothing of what other
 * connections keep in memory: what is checked is what the disk says. Only reads, in short
 * transactions (but for audit_file()); uses constant memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "progress.h"

#define AUDIT_NONE (-1)

struct audit_damage {
	int64_t dump;            /* AUDIT_NONE: none is touched, or nobody can tell which */
	int64_t content;         /* AUDIT_NONE: of the file itself */
	uint64_t offset, length; /* bytes of the content */
	char reason[240];
};

/* How far it is. Plain data; all zero at the beginning. */
struct audit_point {
	int64_t content;  /* all up to this id are done */
	uint64_t bytes;   /* read so far */
	uint64_t checked; /* dumps */
	uint64_t damages; /* ranges that were found */
};

/* First member of the caller's own struct. */
struct audit {
	struct progress *progress; /* may be NULL; in bytes */
	/* Called for each damaged range and each dump that has it, in no transaction. -1 stops. */
	int (*found)(struct audit *audit, const struct audit_damage *damage, struct err *e);
	/* A content is done; going on later from a copy of audit->at misses nothing. May be NULL. */
	int (*passed)(struct audit *audit, struct err *e);
	struct audit_point at;
};

/*
 * All contents after audit->at.content. Ends with -1 only when it was stopped (by progress, found
 * or passed) or memory is out.
 */
int audit_contents(struct db *db, struct audit *audit, struct err *e) MUST_CHECK;

/*
 * "PRAGMA integrity_check", as damage of no dump. One long reading transaction, which nobody waits
 * for, but behind which the WAL grows. SQLite before 3.41 looks at progress only now and then.
 */
int audit_file(struct db *db, struct audit *audit, struct err *e) MUST_CHECK;
