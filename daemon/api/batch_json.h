/* A batch as clients see it, with the ids of its jobs. */
#pragma once

#include <cjson/cJSON.h>

#include "batch_store.h"

/* Reads the ids in a transaction of its own; when that fails there are none. NULL without memory. */
cJSON *batch_json(struct db *db, const struct batch *batch);

/* All batches that are open, for a snapshot. */
int batch_json_open(struct db *db, cJSON **array, struct err *e) MUST_CHECK;
