/*
 * The steps that recipes are made of. Each finds in *run what earlier ones left, reports through
 * run->progress, and leaves the lines as they are: bringing them to rest is the run's business.
 */
#pragma once

#include "run.h"

/* Power on and, for a Beken part, into SPI mode. The entry's statistics go into the result, also when it fails. */
int step_enter(struct run *run, struct err *e) MUST_CHECK;

/* What chip it is. */
int step_probe(struct run *run, struct err *e) MUST_CHECK;

/* The range that was asked for, into an ingest. */
int step_read(struct run *run, struct err *e) MUST_CHECK;

/*
 * A second, independent read, compared with what the first left in the archive's file. Sectors
 * that differ are voted on, then the clock is halved; what stays unstable is noted, and the dump
 * is not verified.
 */
int step_verify(struct run *run, struct err *e) MUST_CHECK;

/* Reads back what the file holds and closes the content; the run's end commits it. */
int step_archive(struct run *run, struct err *e) MUST_CHECK;
