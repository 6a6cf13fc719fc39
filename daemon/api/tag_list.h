/* Tags, of dumps and devices alike. */
#pragma once

#include "dump_store.h"
#include "read.h"

/* An array of up to DUMP_TAGS strings, none twice. ERR_BAD_INPUT. */
int read_tag_list(const cJSON *value, const struct field *field, char (*tag)[DUMP_TAG], size_t *n,
		  struct err *e) MUST_CHECK;
