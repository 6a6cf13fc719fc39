/* What of a dump can be changed by a client. */
#pragma once

#include "dump_store.h"
#include "err.h"

/* Reads {label, notes, tags, device}, len bytes of JSON and a NUL, into dump; what is not named stays. ERR_BAD_INPUT. */
int dump_fields_read(const char *text, size_t len, unsigned depth, struct dump *dump, struct err *e)
	MUST_CHECK;
