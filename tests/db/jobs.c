#include "jobs.h"

#include <stdio.h>

#include "auto.h"

struct job backup_of(const char *slot)
{
	struct job job = {
		.request = { .type = JOB_BACKUP, .offset = JOB_NONE, .length = JOB_NONE },
		.batch = JOB_NONE
	};

	snprintf(job.request.slot, sizeof job.request.slot, "%s", slot);
	job_result_clear(&job.result);
	return job;
}

int job_put(struct db *db, struct job *job, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	bool existed;

	return job_add(&tx, job, NULL, &existed, e) == 0 ? tx_commit(&tx, e) : -1;
}

int job_go(struct db *db, struct job *job, enum job_state to, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return job_move(&tx, job, to, e) == 0 ? tx_commit(&tx, e) : -1;
}

int job_read(struct db *db, int64_t id, struct job *job, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return job_get(&tx, id, job, e);
}
