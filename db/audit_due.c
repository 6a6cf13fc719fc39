#include "audit_due.h"

#include <string.h>

#include "audit_store.h"
#include "auto.h"
#include "clock.h"
#include "meta_store.h"

#define SINCE  "audit_since_ms"
#define DAY_MS (INT64_C(24) * 3600 * 1000)

int audit_begin_count(struct tx *tx, struct err *e)
{
	int64_t since_ms;

	if (meta_get(tx, SINCE, -1, &since_ms, e) < 0)
		return -1;
	return since_ms >= 0 ? 0 : meta_set(tx, SINCE, clock_wall_ms(), e);
}

/* The last job that has checked, when it did not go through. *ended_ms is -1 otherwise. */
static int last_broken(struct tx *tx, bool *stopped, int64_t *ended_ms, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT state, coalesce(finished_ms, created_ms) AS ended"
				     " FROM job WHERE type = 'check' ORDER BY id DESC LIMIT 1");

	*ended_ms = -1;
	*stopped = false;
	if (stmt_row(&s) && strcmp(stmt_col_text(&s, "state"), "done") != 0) {
		*stopped = !strcmp(stmt_col_text(&s, "state"), "interrupted");
		*ended_ms = stmt_col_int(&s, "ended");
	}
	return stmt_end(&s, e);
}

int audit_due(struct tx *tx, uint64_t every_ms, int64_t *due_ms, struct err *e)
{
	const int64_t every = (int64_t)every_ms;
	struct audit_last last;
	int64_t since_ms, ended_ms;
	bool stopped;

	*due_ms = -1;
	if (every == 0)
		return 0;
	if (audit_last(tx, &last, e) < 0 || meta_get(tx, SINCE, 0, &since_ms, e) < 0 ||
	    last_broken(tx, &stopped, &ended_ms, e) < 0)
		return -1;
	*due_ms = (last.ended_ms >= 0 ? last.ended_ms : since_ms) + every;
	if (stopped)
		*due_ms = ended_ms;
	else if (ended_ms >= 0)
		*due_ms = ended_ms + (every < DAY_MS ? every : DAY_MS);
	return 0;
}
