/* What a batch has brought, a row for each board: for a spreadsheet, or for a program. */
#pragma once

#include <cjson/cJSON.h>

#include "batch_store.h"

/* The batch, with `rows`. */
int batch_report_json(struct db *db, const struct batch *batch, cJSON **report, struct err *e)
	MUST_CHECK;

/* RFC 4180, with a line of names. The caller frees *text. */
int batch_report_csv(struct db *db, const struct batch *batch, char **text, struct err *e)
	MUST_CHECK;
