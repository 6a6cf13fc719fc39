/* The command line of flashrigd. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "err.h"
#include "log.h"
#include "token_cmd.h"
#include "tools.h"

#define OPTIONS_CONFIG "/etc/flashrig/flashrig.conf" /* without --config */

struct options {
	const char *config;      /* NULL: OPTIONS_CONFIG */
	const char *listen;      /* NULL: as the configuration says */
	const char *data;        /* NULL: the same */
	const struct tool *tool; /* NULL: serve */
	const char *argument;    /* of the tool */
	const char *scope;       /* of "token add"; NULL: not given */
	enum log_level log;
	bool check_config, probe, demo, version, help;
	struct token_cmd token; /* verb TOKEN_CMD_NONE: not this */
};

/* Strings are borrowed from argv. ERR_BAD_INPUT. */
int options_parse(int argc, char **argv, struct options *options, struct err *e) MUST_CHECK;

void options_usage(FILE *to);
