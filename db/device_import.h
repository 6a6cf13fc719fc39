/* A device that another archive knows. */
#pragma once

#include <stdbool.h>

#include "device_store.h"

/*
 * Which of ours it is: the one with its JEDEC and unique ID, or, where it has none, its MAC; else,
 * when *id is not -1, the one that *id says; else a new one, *made. What is written of it there
 * fills what is empty here; its tags come to ours as far as there is room; first and last seen
 * become wider.
 */
int device_import(struct tx *tx, const struct device *theirs, int64_t *id, bool *made,
		  struct err *e) MUST_CHECK;
