/*
 * What happened, in numbers, for Prometheus. Counted by atomics where it happens, without a lock;
 * put into words when somebody asks.
 *
 * What stands in the archive with each job (how many, by type and result, entry attempts, bytes)
 * goes on from there when the daemon starts. The rest begins at 0 then, which Prometheus knows how
 * to deal with.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "audit_store.h"
#include "db.h"
#include "dump_store.h"
#include "job_store.h"
#include "reply.h"
#include "request.h"

#define METRICS_TYPES    32 /* types of jobs, at most */
#define METRICS_STATES   (JOB_INTERRUPTED + 1)
#define METRICS_STATUSES 600
#define METRICS_BUCKETS  10

struct metrics {
	int64_t started_ms; /* wall clock; never changes */
	atomic_ullong jobs[METRICS_TYPES][METRICS_STATES];
	atomic_ullong entry_attempts, wire_bytes, erased, programmed;
	atomic_ullong requests[HTTP_OTHER + 1][METRICS_STATUSES]; /* by method and status */
	atomic_ullong took[METRICS_BUCKETS + 1]; /* requests by the time until their reply */
	atomic_ullong took_ns;
	/* Numbers of the archive, asked at most every few seconds. */
	pthread_mutex_t lock;
	uint64_t asked_ns; /* guarded by lock, as all below; 0: never */
	struct archive_totals totals;
	struct audit_last last;
};

/* Reads what the archive has; before the rig starts, which ends what was running as interrupted. */
int metrics_init(struct metrics *metrics, struct db *db, struct err *e) MUST_CHECK;
void metrics_done(struct metrics *metrics);

/* A job is news; counts it when it has ended. */
void metrics_job(struct metrics *metrics, const struct job *job);

void metrics_answered(struct metrics *metrics, const struct request *req, unsigned status);
