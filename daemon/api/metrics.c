#include "metrics.h"

#include <assert.h>
#include <string.h>

#include "auto.h"
#include "clock.h"
#include "metrics_text.h"

static void add(atomic_ullong *counter, int64_t n)
{
	atomic_fetch_add_explicit(counter, n > 0 ? (unsigned long long)n : 0, memory_order_relaxed);
}

/* Those that run at the start do so no more. */
static void take_sum(struct metrics *metrics, const struct job_sum *sum)
{
	const enum job_state state = sum->state == JOB_RUNNING ? JOB_INTERRUPTED : sum->state;

	add(&metrics->entry_attempts, (int64_t)sum->entry_attempts);
	add(&metrics->wire_bytes, (int64_t)sum->wire_bytes);
	add(&metrics->erased, (int64_t)sum->erased);
	add(&metrics->programmed, (int64_t)sum->programmed);
	if (job_state_ended(state))
		add(&metrics->jobs[sum->type][state], (int64_t)sum->jobs);
}

int metrics_init(struct metrics *metrics, struct db *db, struct err *e)
{
	struct job_sum sums[METRICS_TYPES * METRICS_STATES];
	size_t n;

	assert(job_type_count() <= METRICS_TYPES);
	metrics->started_ms = clock_wall_ms();
	pthread_mutex_init(&metrics->lock, NULL);

	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	if (job_sums(&tx, sums, ARRAY_LEN(sums), &n, e) < 0)
		return err_prefix(e, "metrics: ");
	for (size_t i = 0; i < n; i++)
		take_sum(metrics, &sums[i]);
	return 0;
}

void metrics_done(struct metrics *metrics)
{
	if (metrics->started_ms)
		pthread_mutex_destroy(&metrics->lock);
}

void metrics_job(struct metrics *metrics, const struct job *job)
{
	const struct job_result *r = &job->result;

	if (!job_state_ended(job->state))
		return;
	add(&metrics->jobs[job->request.type][job->state], 1);
	add(&metrics->entry_attempts, r->entry_attempts);
	add(&metrics->wire_bytes, r->wire_bytes);
	add(&metrics->erased, r->erased);
	add(&metrics->programmed, r->programmed);
}

void metrics_answered(struct metrics *metrics, const struct request *req, unsigned status)
{
	const uint64_t ns = clock_now_ns(clock_real()) - req->started_ns;
	size_t bucket = 0;

	while (bucket < METRICS_BUCKETS && ns > (uint64_t)metrics_bucket_us[bucket] * 1000)
		bucket++;
	add(&metrics->took[bucket], 1);
	add(&metrics->took_ns, (int64_t)ns);
	if (status < METRICS_STATUSES)
		add(&metrics->requests[req->method][status], 1);
}
