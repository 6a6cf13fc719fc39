/*
 * What a dump says about its configuration: names and values, from whichever store they stand in,
 * each with a class that says who may see it. What is not known to be harmless counts as a secret.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

#define SETTING_NAME 96
#define SETTINGS     256   /* of a dump; more are not kept */
#define SETTING_TEXT 49152 /* bytes of all their values */

enum privacy {
	PRIVACY_FREE,     /* versions, pins, product keys */
	PRIVACY_NETWORK,  /* the name of a network: tells whose it is, opens nothing */
	PRIVACY_PERSONAL, /* whose device it is: identities, places, addresses */
	PRIVACY_SECRET    /* keys and passwords, and all that nobody knows */
};

/* "free", "network", "personal", "secret". */
const char *privacy_name(enum privacy privacy);

/* True when everybody who may read may see the value. */
bool privacy_is_open(enum privacy privacy);

struct setting {
	const char *store;       /* "tuya", "openbeken", ... */
	char name[SETTING_NAME]; /* "gw_bi.uuid" */
	enum privacy privacy;
	struct fact fact;
	uint32_t value;  /* index into text */
	uint32_t length; /* bytes of the value as it stands there */
};

struct settings {
	size_t n;
	bool cut; /* there were more, or they were longer */
	struct setting setting[SETTINGS];
	size_t used;
	char text[SETTING_TEXT]; /* values, each closed by a NUL */
};

/* Adds one; a value is made showable. A name that the same store has already is not taken again. */
void settings_add(struct settings *settings, const struct setting *setting, const uint8_t *value,
		  size_t len);

/* The first with that store and name; NULL when there is none. */
const struct setting *settings_find(const struct settings *settings, const char *store,
				    const char *name);
const char *settings_value(const struct settings *settings, const struct setting *setting);
