/* From a run to the archive's records: its device, its dump. */
#pragma once

#include "run.h"

/* Finds or adds the device that the run's clues and this content (-1: none) point to; sets result.device. */
int keep_device(struct run *run, struct tx *tx, int64_t content, struct err *e) MUST_CHECK;

/* The same in a transaction of its own, without content. */
int find_device_only(struct run *run, struct err *e) MUST_CHECK;

/* Commits the sealed ingest as part of tx, finds its device, and adds the dump. */
int keep_dump(struct run *run, struct tx *tx, int64_t *dump, struct err *e) MUST_CHECK;
