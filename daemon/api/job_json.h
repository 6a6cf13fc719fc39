/* A job as clients see it, with what only the archive knows of it. */
#pragma once

#include <cjson/cJSON.h>

#include "db.h"
#include "job_store.h"

/*
 * wire_job(), and for a check its findings, the first AUDIT_KEPT of them. Reads the archive in a
 * transaction of its own; when that fails they are left out. NULL without memory.
 */
cJSON *job_json(struct db *db, const struct job *job);
