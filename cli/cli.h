/*
 * flashrig's command line: a table of commands, each a function that asks the daemon and shows the
 * answer. What all of them share is here.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "args.h"
#include "client.h"
#include "err.h"

enum {
	CLI_DONE = 0,
	CLI_FAILED = 1,     /* the job failed, or the request was refused */
	CLI_USAGE = 2,      /* the command line is wrong */
	CLI_UNREACHABLE = 3 /* no daemon answers */
};

struct cli {
	struct args args;
	struct client *client;
	bool json;  /* the API's own objects, one a line */
	bool quiet; /* no progress */
};

/* One word after `flashrig`, and what it takes. */
struct command {
	const char *name;
	const char *words;   /* "SLOT [FILE]": what stands behind it, for people */
	const char *help;    /* one line */
	const char *options; /* "offset= length= force": see args.h; NULL: none */
	size_t min, max;     /* how many words */
	/* 0, or the exit status that *e or the outcome of a job asks for. */
	int (*run)(struct cli *cli, struct err *e);
};

/* Writes what went wrong to standard error, as JSON with --json; returns the exit status that its code stands for. */
int cli_fail(const struct cli *cli, const struct err *e);

/* Parses, runs, reports. Returns the exit status. */
int cli_main(int argc, char **argv);

/* The command of that name; NULL when there is none. */
const struct command *command_by_name(const char *name);

/* All of them, in the order of the help. */
const struct command *command_at(size_t i);

/* ---- the commands of each noun, for the one table */

int slots_command(struct cli *cli, struct err *e);
int slot_command(struct cli *cli, struct err *e);
int reset_command(struct cli *cli, struct err *e);
int sim_command(struct cli *cli, struct err *e);
int log_command(struct cli *cli, struct err *e);

int job_start_command(struct cli *cli, struct err *e); /* identify, verify, erase, ... */
int backup_command(struct cli *cli, struct err *e);
int write_command(struct cli *cli, struct err *e);
int restore_command(struct cli *cli, struct err *e);
int bootlog_command(struct cli *cli, struct err *e);

int jobs_command(struct cli *cli, struct err *e);
int job_command(struct cli *cli, struct err *e);
int job_log_command(struct cli *cli, struct err *e);
int cancel_command(struct cli *cli, struct err *e);
int resume_command(struct cli *cli, struct err *e);
int wait_command(struct cli *cli, struct err *e);
int watch_command(struct cli *cli, struct err *e);
int events_command(struct cli *cli, struct err *e);

int batch_command(struct cli *cli, struct err *e);
int batches_command(struct cli *cli, struct err *e);

int dumps_command(struct cli *cli, struct err *e);
int dump_command(struct cli *cli, struct err *e);
int dump_get_command(struct cli *cli, struct err *e);
int dump_set_command(struct cli *cli, struct err *e);
int dump_delete_command(struct cli *cli, struct err *e);
int diff_command(struct cli *cli, struct err *e);
int find_command(struct cli *cli, struct err *e);
int analysis_command(struct cli *cli, struct err *e);
int map_command(struct cli *cli, struct err *e);
int lookup_command(struct cli *cli, struct err *e);
int import_command(struct cli *cli, struct err *e);
int export_command(struct cli *cli, struct err *e);

int devices_command(struct cli *cli, struct err *e);
int device_command(struct cli *cli, struct err *e);
int device_set_command(struct cli *cli, struct err *e);
int merge_command(struct cli *cli, struct err *e);

int images_command(struct cli *cli, struct err *e);
int upload_command(struct cli *cli, struct err *e);
int image_get_command(struct cli *cli, struct err *e);
int image_rename_command(struct cli *cli, struct err *e);
int image_delete_command(struct cli *cli, struct err *e);

int info_command(struct cli *cli, struct err *e);
int chips_command(struct cli *cli, struct err *e);
int archive_command(struct cli *cli, struct err *e);
int check_command(struct cli *cli, struct err *e);
int backup_archive_command(struct cli *cli, struct err *e);
int token_command(struct cli *cli, struct err *e);
int audit_command(struct cli *cli, struct err *e);
int config_command(struct cli *cli, struct err *e);
