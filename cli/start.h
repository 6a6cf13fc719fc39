/* Starting jobs: what a command line says becomes the body of POST /jobs or /batches. */
#pragma once

#include "cli.h"

/* The options of jobs, as in args.h. */
#define START_OPTIONS \
	"offset= length= label= fill= backup= expect-jedec-id= preserve= other-device force " \
	"transport= seconds= boot-pattern= boot-seconds= no-wait cancel-on-interrupt patience="

/* Adds the options that were given to body. The daemon says which of them a type does not have. */
int start_fields(struct cli *cli, cJSON *body, struct err *e) MUST_CHECK;

/*
 * Starts a job of a type in a slot; source may be NULL (see origin.h; for a restore it is a dump).
 * Waits for its end, unless --no-wait: then *job is the queued one. *job is the caller's.
 */
int start_job(struct cli *cli, const char *type, const char *slot, const char *source, cJSON **job,
	      struct err *e) MUST_CHECK;

/* Shows what came of it, or that it is queued; the exit status. */
int start_report(const struct cli *cli, const cJSON *job);

/* Adds what a job of that type writes or compares with. */
int start_source(struct cli *cli, const char *type, const char *source, cJSON *body, struct err *e)
	MUST_CHECK;
