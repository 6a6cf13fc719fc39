/*
 * Reading a range of the chip (run->from, run->len) into the run's ingest, and proving it: what
 * backups and the backup before a write have in common.
 */
#pragma once

#include "run.h"

/* Opens the ingest and reads the range once. */
int reading_first(struct run *run, struct err *e) MUST_CHECK;

/*
 * Reads it again, independently, and compares with what the archive's file holds. Sectors that
 * differ are voted on, then the clock is halved; where many differ, all is read once more. What
 * stays unstable is noted in run->unstable. Looks for the device's MAC on the way.
 */
int reading_prove(struct run *run, struct err *e) MUST_CHECK;
