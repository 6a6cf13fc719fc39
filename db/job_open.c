#include "auto.h"
#include "job_store.h"

int job_find_open(struct tx *tx, enum job_type type, struct job *job, bool *found, struct err *e)
{
	static const enum job_state open[] = { JOB_RUNNING, JOB_QUEUED };
	struct page page = { .max = 1 };

	for (size_t i = 0; i < ARRAY_LEN(open) && !page.n; i++) {
		const struct job_filter filter = { .batch = JOB_NONE,
						   .has_state = true,
						   .state = open[i],
						   .has_type = true,
						   .type = type,
						   .before = JOB_NONE };

		if (job_list(tx, &filter, job, &page, e) < 0)
			return -1;
	}
	*found = page.n > 0;
	return 0;
}
