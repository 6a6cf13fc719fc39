/* The command line of flashrigd. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "err.h"
#include "log.h"

#define OPTIONS_CONFIG "/etc/flashrig/flashrig.conf" /* without --config */

struct options {
	const char *config; /* NULL: OPTIONS_CONFIG */
	const char *listen; /* NULL: as the configuration says */
	const char *data;   /* NULL: the same */
	enum log_level log;
	bool check_config, demo, version, help;
};

/* Strings are borrowed from argv. ERR_BAD_INPUT. */
int options_parse(int argc, char **argv, struct options *options, struct err *e) MUST_CHECK;

void options_usage(FILE *to);
