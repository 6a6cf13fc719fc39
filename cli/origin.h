/* What a job writes or compares with, as a person names it. */
#pragma once

#include "cli.h"

/*
 * "dump:7", "image:3" and "3" (an image) are taken as they are; anything else is a file, which is
 * uploaded unless the daemon has an image of the same bytes. Adds "dump" or "image" to body.
 */
int origin_add(struct cli *cli, const char *word, cJSON *body, struct err *e) MUST_CHECK;

/* Uploads a file as an image; *image is the caller's. known tells whether it was there already. */
int origin_upload(struct cli *cli, const char *file, const char *name, cJSON **image, bool *known,
		  struct err *e) MUST_CHECK;

/* What the archive has with that SHA-256: {dumps: [...], images: [...]}, the caller's. */
int origin_lookup(struct cli *cli, const char *sha256, cJSON **found, struct err *e) MUST_CHECK;
