/* How a job ends: its dump and its state in one transaction, then the news. */
#pragma once

#include "run.h"

/*
 * result and *e are what the work brought. Stores the end; where the archive cannot take it
 * (disk full), tries again until it can or the daemon stops. Then frees the slot and tells.
 */
void run_end(struct run *run, int result, const struct err *e);
