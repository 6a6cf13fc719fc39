/* What the tests of jobs share: one step each, in a transaction of its own. */
#pragma once

#include "job_store.h"

struct job backup_of(const char *slot);

int job_put(struct db *db, struct job *job, struct err *e);
int job_go(struct db *db, struct job *job, enum job_state to, struct err *e);
int job_read(struct db *db, int64_t id, struct job *job, struct err *e);
