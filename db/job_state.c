#include <string.h>

#include "auto.h"
#include "job_store.h"

static const char *const type_names[] = {
	[JOB_IDENTIFY] = "identify", [JOB_BACKUP] = "backup",
	[JOB_VERIFY] = "verify",     [JOB_BLANK_CHECK] = "blank-check",
	[JOB_WRITE] = "write",       [JOB_RESTORE] = "restore",
	[JOB_ERASE] = "erase",       [JOB_CHECK] = "check",
	[JOB_BOOTLOG] = "bootlog",
};
static const char *const state_names[] = {
	[JOB_QUEUED] = "queued", [JOB_RUNNING] = "running",     [JOB_DONE] = "done",
	[JOB_FAILED] = "failed", [JOB_CANCELLED] = "cancelled", [JOB_INTERRUPTED] = "interrupted",
};

#define TO(state) (1u << (state))
/* Where each state may go. */
static const unsigned moves[] = {
	[JOB_QUEUED] = TO(JOB_RUNNING) | TO(JOB_CANCELLED),
	[JOB_RUNNING] = TO(JOB_DONE) | TO(JOB_FAILED) | TO(JOB_CANCELLED) | TO(JOB_INTERRUPTED),
	[JOB_DONE] = 0,
	[JOB_FAILED] = 0,
	[JOB_CANCELLED] = 0,
	[JOB_INTERRUPTED] = 0,
};

static int find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

const char *job_type_name(enum job_type type)
{
	return type_names[type];
}

size_t job_type_count(void)
{
	return ARRAY_LEN(type_names);
}

int job_type_parse(const char *name, enum job_type *type)
{
	const int i = find(type_names, ARRAY_LEN(type_names), name);

	if (i < 0)
		return -1;
	*type = (enum job_type)i;
	return 0;
}

const char *job_state_name(enum job_state state)
{
	return state_names[state];
}

int job_state_parse(const char *name, enum job_state *state)
{
	const int i = find(state_names, ARRAY_LEN(state_names), name);

	if (i < 0)
		return -1;
	*state = (enum job_state)i;
	return 0;
}

bool job_state_may(enum job_state from, enum job_state to)
{
	return moves[from] & TO(to);
}

bool job_state_ended(enum job_state state)
{
	return !moves[state];
}
