/* Whether something may be removed: what a job or a hands-free batch is going to need may not. */
#pragma once

#include "db.h"

/* ERR_CONFLICT names who needs it. In the transaction that removes it. */
int in_use_image(struct tx *tx, int64_t id, struct err *e) MUST_CHECK;
int in_use_dump(struct tx *tx, int64_t id, struct err *e) MUST_CHECK;
