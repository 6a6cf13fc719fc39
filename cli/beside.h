/*
 * What is known of a dump that comes from a file: the JSON beside it, as --sidecar and an export
 * write it. "a.bin" has it in a.json or in a.bin.json.
 */
#pragma once

#include "cli.h"

/* *side is the caller's, NULL when there is none. ERR_BAD_INPUT when it is no JSON. */
int beside_read(const char *file, cJSON **side, struct err *e) MUST_CHECK;

/* Gives the dump the notes and tags of it; side may be NULL. */
int beside_add(struct cli *cli, int64_t dump, const cJSON *side, struct err *e) MUST_CHECK;
