/* Brings a database file to the newest schema, one numbered step at a time. */
#pragma once

#include "db.h"

/* "PRAGMA application_id" of an archive: "FlRg". */
#define MIGRATE_APPLICATION 0x466c5267

int migrate_newest(void);

/* Runs the steps up to and including target. ERR_IO when the file is newer than the program. */
int migrate(struct db *db, int target, struct err *e) MUST_CHECK;

/* Which schema the file has now. */
int migrate_version(struct db *db, int *version, struct err *e) MUST_CHECK;
