/* What boards printed during jobs. */
#pragma once

#include "db.h"

/* Takes the place of what is there. */
int boot_log_put(struct tx *tx, int64_t job, const char *text, struct err *e) MUST_CHECK;

/* The caller frees *text. ERR_NOT_FOUND for a job that recorded none. */
int boot_log_get(struct tx *tx, int64_t job, char **text, struct err *e) MUST_CHECK;
