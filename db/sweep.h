/*
 * Removes what ingests left behind. Each ingest notes, before it writes anything, how far blocks
 * and contents went when the first of those that run together began. Blocks above that mark can
 * be named by contents above that mark only: so a sweep looks at what is new, not at the whole
 * archive. It must do nothing while an ingest is open, which may have found, and be about to name,
 * a block that another one brought and abandoned.
 */
#pragma once

#include "db.h"

/* What there was before the ingests that run now. */
struct sweep_floor {
	int64_t block, content;
};

/* Notes that this content is coming in. *floor is the mark. */
int sweep_enter(struct tx *tx, int64_t content, struct sweep_floor *floor, struct err *e)
	MUST_CHECK;

/* Says that it left nothing that a sweep should look for. */
int sweep_leave(struct tx *tx, int64_t content, struct err *e) MUST_CHECK;

/*
 * Does it, in transactions that fit into the reserve, so that a full disk does not stop it. While an
 * ingest is open it does nothing: whoever closes the last one calls again. *n tells how many
 * unfinished contents went. Blocks for as long as it takes to write as many blocks. What an error
 * or a crash leaves is there for the next call.
 */
int sweep_run(struct db *db, size_t *n, struct err *e) MUST_CHECK;
