/* Images: files that a person has uploaded, to be written to boards. The bytes are archive.h's. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "archive.h"
#include "db.h"

#define IMAGE_NAME 201
#define IMAGE_KIND 16

struct image {
	int64_t id;
	char name[IMAGE_NAME];
	char kind[IMAGE_KIND]; /* what it looks like: "qio", "bin" */
	struct content content;
	int64_t created_ms;
};

/* content.id must be committed in the same tx. Fills id. */
int image_add(struct tx *tx, struct image *image, struct err *e) MUST_CHECK;

/* ERR_NOT_FOUND. */
int image_get(struct tx *tx, int64_t id, struct image *image, struct err *e) MUST_CHECK;

/* Newest first; before = page->next of the page before, -1 at first. images is the caller's array of page->max. */
int image_list(struct tx *tx, int64_t before, struct image *images, struct page *page,
	       struct err *e) MUST_CHECK;

/* Writes the name. ERR_NOT_FOUND. */
int image_update(struct tx *tx, const struct image *image, struct err *e) MUST_CHECK;

/* Removes it and releases its content. ERR_NOT_FOUND; ERR_CONFLICT when a job needs it. */
int image_remove(struct tx *tx, int64_t id, struct err *e) MUST_CHECK;
