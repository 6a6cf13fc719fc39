#include "auto.h"
#include "job_store.h"

/* False for names of a newer program. */
static bool read_sum(struct stmt *s, struct job_sum *sum)
{
	if (job_type_parse(stmt_col_text(s, "type"), &sum->type) < 0 ||
	    job_state_parse(stmt_col_text(s, "state"), &sum->state) < 0)
		return false;
	sum->jobs = (uint64_t)stmt_col_int(s, "jobs");
	sum->entry_attempts = (uint64_t)stmt_col_int(s, "attempts");
	sum->wire_bytes = (uint64_t)stmt_col_int(s, "bytes");
	sum->erased = (uint64_t)stmt_col_int(s, "erases");
	sum->programmed = (uint64_t)stmt_col_int(s, "programs");
	return true;
}

int job_sums(struct tx *tx, struct job_sum *sums, size_t max, size_t *n, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT type, state, count(*) AS jobs,"
				     " coalesce(sum(entry_attempts), 0) AS attempts,"
				     " coalesce(sum(wire_bytes), 0) AS bytes,"
				     " coalesce(sum(erased), 0) AS erases,"
				     " coalesce(sum(programmed), 0) AS programs"
				     " FROM job GROUP BY type, state");

	*n = 0;
	while (*n < max && stmt_row(&s))
		if (read_sum(&s, &sums[*n]))
			(*n)++;
	return stmt_end(&s, e);
}
