/* What each type of job does, step by step. */
#pragma once

#include "run.h"

struct step {
	const char *name; /* the phase that people see, and the prefix of its errors */
	const char *unit; /* of its progress: "bytes", "attempts", "" */
	int (*run)(struct run *run, struct err *e);
};

/* Runs the steps of the job's type until one fails; the error begins with the step's name. */
int recipe_run(struct run *run, struct err *e) MUST_CHECK;
