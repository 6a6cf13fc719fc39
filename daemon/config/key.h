/* The table of all keys, and what a value of each may be. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "value.h"

enum key_section {
	KEY_NOWHERE, /* before the first section, or in one that is not known */
	KEY_RIG,
	KEY_HTTP,
	KEY_ARCHIVE,
	KEY_SLOT
};

/* Bits for key.boards and key.required: 1 << enum config_board. */
#define KEY_LINUX (1u << 1)
#define KEY_SIM   (1u << 2)
#define KEY_BOTH  (KEY_LINUX | KEY_SIM)

struct key {
	const char *name;
	value_parse *parse;
	enum key_section section;
	size_t offset;     /* in struct config, or in struct config_slot for KEY_SLOT */
	uint64_t min, max; /* of a number, size or duration */
	unsigned boards;   /* of a slot: the boards that may have it */
	unsigned required; /* of a slot: the boards that must have it */
};

#define KEY_MAX 64 /* keys, at most */

const struct key *keys(size_t *n);

/* KEY_NOWHERE when there is no section of that name. "slot" is KEY_SLOT. */
enum key_section key_section(const char *name);

/* "http". */
const char *key_section_name(enum key_section section);

/* NULL when the section has no such key. */
const struct key *key_find(enum key_section section, const char *name);

/* All keys of a section, for people: "name, max_queued, job_log". */
void key_names(enum key_section section, char *text, size_t size);
