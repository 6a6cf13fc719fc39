/* Waiting for a job, with its progress on the terminal. */
#pragma once

#include <stdio.h>

#include "cli.h"

enum follow_kind { FOLLOW_JOB, FOLLOW_BATCH };

/*
 * Waits until the job or batch has ended; *last is its last state, the caller's. Follows the stream
 * of events, and asks now and then where that is silent or not to be had. Survives a daemon that
 * restarts (up to --patience seconds without one, 60 by default). Ctrl-C ends the waiting, not the
 * job: ERR_INTERRUPTED says how to go on; with --cancel-on-interrupt the first one cancels it.
 */
int follow(struct cli *cli, enum follow_kind kind, long long id, cJSON **last, struct err *e)
	MUST_CHECK;
int follow_job(struct cli *cli, long long id, cJSON **job, struct err *e) MUST_CHECK;

/* A job in lines, or as JSON. */
void follow_show(const struct cli *cli, const cJSON *job, FILE *to);

/* What came of it, a failure on standard error; the exit status. */
int follow_report(const struct cli *cli, const cJSON *job);

/* True when Ctrl-C was pressed since follow_catch(), which is called once, at the start. */
bool follow_stopped(void);
void follow_catch(void);

/* Sleeps, shorter when Ctrl-C is pressed. */
void follow_pause_ms(unsigned ms);
