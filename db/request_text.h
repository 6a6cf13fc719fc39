/*
 * A job's request as one text, for what is kept to be asked again: a line "column=value" for each
 * field that was given, and "type=name". Type is in it, the slot is not. What a newer or older
 * program wrote and this one does not know is left out.
 */
#pragma once

#include <stddef.h>

#include "job_store.h"

#define REQUEST_TEXT 8000 /* bytes, with NUL: all of a request, every byte of its texts escaped */

void request_text_write(const struct job_request *request, char text[REQUEST_TEXT]);

/* ERR_ARCHIVE_DAMAGED when it is none. */
int request_text_read(const char *text, struct job_request *request, struct err *e) MUST_CHECK;
