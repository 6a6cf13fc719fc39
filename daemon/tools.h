/* What flashrigd does instead of serving, beside a daemon that runs: "check", "backup-archive FILE". */
#pragma once

#include <stddef.h>

/* Exit status of a tool. */
enum { TOOL_OK = 0, TOOL_TROUBLE = 1 };

struct tool {
	const char *name;
	const char *argument; /* what it wants behind its name, "FILE"; NULL: nothing */
	/* archive: path of the archive. Says on standard output what it did, on standard error
	 * why not. Returns an exit status. */
	int (*run)(const char *archive, const char *argument);
};

/* NULL when there is none of that name. */
const struct tool *tool_by_name(const char *name);
