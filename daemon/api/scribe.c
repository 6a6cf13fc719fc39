#include "scribe.h"

#include <inttypes.h>
#include <stdio.h>

#include "auto.h"
#include "clock.h"
#include "deadline.h"
#include "log.h"

#define PAUSE_MS  100 /* between transactions: notes that come close together share one */
#define RETRY_MS  2000
#define BATCH     64 /* notes in a transaction, which others wait for */
#define TRIM_EACH 128
#define WINDOW_NS (60 * (uint64_t)CLOCK_S)

/* ---- notes */

static struct scribe_peer *peer_of(struct scribe *scribe, uint32_t print)
{
	struct scribe_peer *oldest = &scribe->peer[0];

	for (size_t i = 0; i < SCRIBE_PEERS; i++) {
		struct scribe_peer *p = &scribe->peer[i];

		if (p->n && p->print == print)
			return p;
		if (p->since_ns < oldest->since_ns)
			oldest = p;
	}
	*oldest = (struct scribe_peer){ .print = print };
	return oldest;
}

/* FNV-1a. Two that look the same share ten notes a minute. */
static uint32_t print_of(const char *text)
{
	uint32_t print = 0x811c9dc5;

	while (*text)
		print = (print ^ (unsigned char)*text++) * 0x01000193;
	return print;
}

/* The same again and again, from a script that was left running, says nothing new. */
static bool says_nothing_new(struct scribe *scribe, const struct trail *trail)
{
	const uint64_t now = clock_now_ns(clock_real());
	char text[TRAIL_ADDRESS + 48];
	struct scribe_peer *p;

	snprintf(text, sizeof text, "%s %" PRId64 " %d", trail->address, trail->token,
		 trail->status);
	p = peer_of(scribe, print_of(text));
	if (p->n == 0 || now - p->since_ns >= WINDOW_NS)
		*p = (struct scribe_peer){ .print = p->print, .since_ns = now };
	return p->n++ >= SCRIBE_REPEAT;
}

void scribe_note(struct scribe *scribe, const struct trail *trail)
{
	LOCK(&scribe->lock);
	struct trail *at = &scribe->ring[scribe->added % SCRIBE_RING];

	if (trail->refused && says_nothing_new(scribe, trail))
		return;
	if (scribe->added - scribe->done == SCRIBE_RING) {
		scribe->lost++;
		return;
	}
	*at = *trail;
	at->at_ms = clock_wall_ms();
	scribe->added++;
	pthread_cond_signal(&scribe->more);
}

/* ---- the thread */

static int store_lost(struct tx *tx, uint64_t lost, struct err *e)
{
	struct trail trail = { .at_ms = clock_wall_ms() };

	if (lost == 0)
		return 0;
	snprintf(trail.what, sizeof trail.what,
		 "%" PRIu64 " entries were lost: no room on the disk", lost);
	return trail_add(tx, &trail, e);
}

static int store(struct scribe *scribe, uint64_t from, uint64_t to, uint64_t lost, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_lazy(scribe->db);

	/* The members between done and added are nobody else's. */
	for (uint64_t n = from; n < to; n++)
		if (trail_add(&tx, &scribe->ring[n % SCRIBE_RING], e) < 0)
			return -1;
	if (store_lost(&tx, lost, e) < 0)
		return -1;
	if (from / TRIM_EACH != to / TRIM_EACH &&
	    trail_trim(&tx, TRAIL_DEEDS, TRAIL_REFUSED, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

static void wait_ms(struct scribe *scribe, uint64_t ms)
{
	const struct timespec ts = deadline_in_ms(ms);
	int rc = 0;

	while (!scribe->stopping && !scribe->hurry && rc == 0)
		rc = pthread_cond_timedwait(&scribe->more, &scribe->lock, &ts);
}

/* True with notes to store; false when there are none and the daemon stops. */
static bool wait_for_notes(struct scribe *scribe, uint64_t pause_ms, uint64_t *from, uint64_t *to,
			   uint64_t *lost)
{
	LOCK(&scribe->lock);

	wait_ms(scribe, pause_ms);
	while (!scribe->stopping && scribe->added == scribe->done)
		pthread_cond_wait(&scribe->more, &scribe->lock);
	scribe->hurry = false;
	*from = scribe->done;
	*to = scribe->added - *from > BATCH ? *from + BATCH : scribe->added;
	*lost = scribe->lost;
	return *to > *from;
}

static bool is_stopping(struct scribe *scribe)
{
	LOCK(&scribe->lock);

	return scribe->stopping;
}

/* True when they are stored; false also says that the daemon stops, and there is no sense in more. */
static bool tell(struct scribe *scribe, int result, uint64_t to, uint64_t lost)
{
	LOCK(&scribe->lock);

	if (result == 0) {
		scribe->done = to;
		scribe->lost -= lost;
	} else {
		scribe->failures++;
	}
	pthread_cond_broadcast(&scribe->stored);
	return result == 0 || !scribe->stopping;
}

/*
 * What this writes must not eat the room that is kept for the end of a job, nor take it back before
 * that has come: somebody else finds out when there is room again. Only at the very end, when no job
 * runs any more, is it tried all the same.
 */
static int try_to_store(struct scribe *scribe, uint64_t from, uint64_t to, uint64_t lost,
			struct err *e)
{
	if (!is_stopping(scribe) && !db_has_room(scribe->db))
		return err_set(e, ERR_ARCHIVE_FULL, "there is no room on the disk; entries wait");
	return store(scribe, from, to, lost, e);
}

static void *scribe_run(void *arg)
{
	struct scribe *scribe = arg;
	uint64_t pause_ms = 0, from, to, lost;
	bool failed = false;
	struct err e;
	int rc;

	while (wait_for_notes(scribe, pause_ms, &from, &to, &lost)) {
		rc = try_to_store(scribe, from, to, lost, &e);
		if (rc < 0 && !failed)
			log_error("audit log: %s", e.text);
		failed = rc < 0;
		pause_ms = failed ? RETRY_MS : PAUSE_MS;
		if (!tell(scribe, rc, to, lost))
			break;
	}
	return NULL;
}

/* ---- from outside */

int scribe_open(struct scribe *scribe, struct db *db, struct err *e)
{
	scribe->db = db;
	pthread_mutex_init(&scribe->lock, NULL);
	deadline_cond_init(&scribe->more);
	deadline_cond_init(&scribe->stored);
	scribe->has_thread = pthread_create(&scribe->thread, NULL, scribe_run, scribe) == 0;
	return scribe->has_thread ? 0
				  : err_set(e, ERR_INTERNAL, "audit log: cannot start a thread");
}

static void tell_to_stop(struct scribe *scribe)
{
	LOCK(&scribe->lock);

	scribe->stopping = true;
	pthread_cond_signal(&scribe->more);
}

void scribe_close(struct scribe *scribe)
{
	if (!scribe->db)
		return;
	if (scribe->has_thread) {
		tell_to_stop(scribe);
		pthread_join(scribe->thread, NULL);
	}
	pthread_cond_destroy(&scribe->more);
	pthread_cond_destroy(&scribe->stored);
	pthread_mutex_destroy(&scribe->lock);
	scribe->db = NULL;
}

void scribe_flush(struct scribe *scribe)
{
	LOCK(&scribe->lock);
	const uint64_t wanted = scribe->added, failures = scribe->failures;

	while (scribe->done < wanted && scribe->failures == failures) {
		scribe->hurry = true;
		pthread_cond_signal(&scribe->more);
		pthread_cond_wait(&scribe->stored, &scribe->lock);
	}
}
