/* The house: everything that main puts together, in the order in which it stands up. */
#pragma once

#include "boards.h"
#include "config.h"
#include "db.h"
#include "err.h"

struct house;

#define HOUSE_PATH (CONFIG_TEXT + 16)

/* Where the archive is: in the folder of --data, or without one (NULL) where the configuration says. */
void house_archive(const struct config *config, const char *data, char path[HOUSE_PATH]);

/*
 * Opens the archive, the boards, the rig and the door, in this order; then the daemon serves.
 * config is borrowed until house_close(); data (NULL: none) is the folder of --data. Errors name
 * what could not be opened.
 */
struct house *house_open(const struct config *config, const char *data, bool demo, struct err *e)
	MUST_CHECK;

/* "127.0.0.1:8471": where it listens. */
const char *house_address(const struct house *house);

/* Closes the door, stops the workers, brings lines to rest, closes the archive. Accepts NULL and half-made ones. */
void house_close(struct house *house);
