/* A copy of the archive while it is in use. */
#pragma once

#include "db.h"
#include "progress.h"

/*
 * Copies the archive of db to a file that must not be there yet (ERR_CONFLICT): one moment of it, whole and
 * on the disk when this returns; nothing is left behind after a failure. Until it is whole it is called
 * FILE.PID.part, which is what a crash leaves. Readers and writers go
 * on meanwhile. Progress is in pages.
 */
int db_copy(struct db *db, const char *file, struct progress *progress, struct err *e) MUST_CHECK;
