/* What db.c, stmt.c and open.c share: one connection, and how its errors are told. */
#pragma once

#include "db.h"

/* The lock is one that notices its own thread: a second tx_begin() aborts instead of hanging. */
void conn_init(struct db_conn *conn);

/* Runs SQL that gives no rows. An SQLite code. */
int conn_exec(struct db_conn *conn, const char *sql);

/*
 * Fills *e from an SQLite code: what was being done, and what SQLite or the system says about it.
 * Gives up the reserve when the disk is full. Returns -1.
 */
int conn_fail(struct db_conn *conn, int rc, const char *doing, struct err *e);

/*
 * Makes the reserve whole again, if it is not, and copies the WAL back, which makes the file grow:
 * ERR_ARCHIVE_FULL when there is not room for both. As long as there is no reserve the WAL is left
 * as it is: its copy would eat the room that the reserve has given to what must still be written.
 * Takes the lock.
 */
int conn_take_reserve(struct db_conn *conn, struct err *e) MUST_CHECK;

/*
 * Cuts free pages off the file, 256 a step; as long as there is no reserve, as many as it takes to
 * have one again. Takes the lock. Cannot fail: pages that stay are free for what comes.
 */
void conn_trim(struct db_conn *conn, int steps);
