/* Whether the door needs a key, and who gets the first one. */
#pragma once

#include <stdbool.h>

#include "config.h"
#include "db.h"
#include "err.h"

/* False on a loopback address, unless require_token says otherwise, or a proxy brings others. */
bool access_needs_token(const struct config_http *http);

/*
 * Where no token is valid, makes one for an admin and shows it, once, on standard error: standard
 * output has its one line. Otherwise does nothing.
 */
int access_first_token(struct db *db, struct err *e) MUST_CHECK;
