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

/* What shall be on the chip, and whether it may go there: expected ID, size, bootloader. */
int step_check(struct run *run, struct err *e) MUST_CHECK;

/* Part of it, guard_image.c: what shall be written makes sense on this board. ERR_CHIP_MISMATCH, ERR_CONFLICT. */
int guard_image(struct run *run, struct err *e) MUST_CHECK;

/*
 * The way back, on the disk before anything is changed: a verified dump of what is on the chip,
 * made now or known to be the same by reading and hashing. ERR_UNSTABLE_READ when it cannot be
 * proven.
 */
int step_backup(struct run *run, struct err *e) MUST_CHECK;

/* A dump goes back to its own board, unless the request says otherwise: ERR_CHIP_MISMATCH. */
int step_own_board(struct run *run, struct err *e) MUST_CHECK;

/* Marks the device partial, then writes what differs, and reads it back. */
int step_write(struct run *run, struct err *e) MUST_CHECK;

/* All that was not to be written is as it was in the backup. */
int step_prove(struct run *run, struct err *e) MUST_CHECK;

/* The chip holds what it should: ERR_VERIFY_FAILED with the first difference. */
int step_compare(struct run *run, struct err *e) MUST_CHECK;

/* The range is erased: ERR_NOT_BLANK. */
int step_blank(struct run *run, struct err *e) MUST_CHECK;

/* The board is reset, and its log is listened to from here on. */
int step_log_reset(struct run *run, struct err *e) MUST_CHECK;

/* What it prints, for as long as the request says. */
int step_record(struct run *run, struct err *e) MUST_CHECK;

/* The board must print what the request says: ERR_VERIFY_FAILED. Nothing without a pattern. */
int step_boot(struct run *run, struct err *e) MUST_CHECK;

/* The board is reset into its firmware. */
int step_leave(struct run *run, struct err *e) MUST_CHECK;

/* Reads back what the file holds and closes the content; the run's end commits it. */
int step_archive(struct run *run, struct err *e) MUST_CHECK;

/*
 * Of a check: reads the archive back, content by content, from where the last check was stopped;
 * then SQLite's own structures. What is found goes into the archive at once. Damage found is no
 * failure of the job.
 */
int step_audit_contents(struct run *run, struct err *e) MUST_CHECK;
int step_audit_file(struct run *run, struct err *e) MUST_CHECK;
