/* The content of a dump or an image, as what analysis reads from (flash.h). */
#pragma once

#include "analysis.h"
#include "archive.h"
#include "dump_store.h"

struct content_flash {
	struct flash base; /* first */
	struct db *db;     /* borrowed */
	int64_t content;
};

/* Reads piece by piece, each in a transaction of its own. ERR_UNPROCESSABLE when it is too large. */
int content_flash_init(struct content_flash *flash, struct db *db, const struct content *content,
		       struct err *e) MUST_CHECK;

/* What is known of a dump's place: all, but for an import that was not told. */
struct analysis_hint content_hint(const struct dump *dump);

/*
 * The analysis of a dump's content, or of an image's when dump is NULL. From malloc, for the
 * caller to free; so is *look, which may be NULL: see analysis.h. NULL with *e.
 */
struct analysis *content_analyse(struct db *db, const struct content *content,
				 const struct dump *dump, char **look, struct err *e);
