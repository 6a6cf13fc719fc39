#include "slot_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "board.h"
#include "deadline.h"
#include "rig_impl.h"

#define KEPT      256 /* pieces */
#define GATHER_MS 100 /* what comes within that is one piece */
#define AWAY_MS   2000
#define SETTLE_MS 1000

struct slot_log {
	struct slot *slot; /* never changes */
	struct board *board;
	pthread_t thread;
	bool has_thread;
	struct slot_log_piece coming; /* the thread's alone */
	size_t len;
	uint64_t since_ns;

	pthread_mutex_t lock;
	pthread_cond_t more; /* with lock: a piece, or stopping */
	/* all below guarded by lock */
	bool stop;
	uint64_t next;
	uint64_t quiet; /* looks that found nothing */
	struct slot_log_piece piece[KEPT];
};

static bool stopping(struct slot_log *log)
{
	LOCK(&log->lock);

	return log->stop;
}

static void wait_a_while(struct slot_log *log, unsigned ms)
{
	const struct timespec until = deadline_in_ms(ms);
	LOCK(&log->lock);

	while (!log->stop && pthread_cond_timedwait(&log->more, &log->lock, &until) != ETIMEDOUT)
		;
}

static void keep(struct slot_log *log)
{
	LOCK(&log->lock);

	log->piece[log->next++ % KEPT] = log->coming;
	pthread_cond_broadcast(&log->more);
}

/* What was gathered is a piece now. */
static void finish(struct slot_log *log)
{
	if (log->len == 0)
		return;
	log->coming.text[log->len] = '\0';
	keep(log);
	rig_tell_log(log->slot->rig, log->slot->set.name, &log->coming);
	log->len = 0;
}

static bool is_text(uint8_t byte)
{
	return byte == '\n' || byte == '\t' || (byte >= 0x20 && byte < 0x7f);
}

static void take(struct slot_log *log, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\r')
			continue;
		if (log->len == 0) {
			log->coming.at_ms = clock_wall_ms();
			log->since_ns = clock_now_ns(clock_real());
		}
		log->coming.text[log->len++] = is_text(bytes[i]) ? (char)bytes[i] : '?';
		if (log->len == SLOT_LOG_PIECE)
			finish(log);
	}
}

static void note_quiet(struct slot_log *log)
{
	LOCK(&log->lock);

	log->quiet++;
	pthread_cond_broadcast(&log->more);
}

static int listen(struct slot_log *log, struct err *e)
{
	uint8_t bytes[512];
	size_t n = 0;

	if (serial_read(log->board->log, bytes, sizeof bytes, GATHER_MS, &n, e) < 0)
		return -1;
	take(log, bytes, n);
	if (n == 0 || clock_now_ns(clock_real()) - log->since_ns > GATHER_MS * (uint64_t)CLOCK_MS)
		finish(log);
	if (n == 0)
		note_quiet(log);
	return 0;
}

/* A port that is away is looked for again; the slot itself says what is missing. */
static void *follow(void *arg)
{
	struct slot_log *log = arg;
	struct err e;

	while (!stopping(log)) {
		if (board_wake_log(log->board, &e) < 0)
			wait_a_while(log, AWAY_MS);
		else
			while (!stopping(log) && listen(log, &e) == 0)
				;
	}
	return NULL;
}

/* The look that goes on may have begun too early: the next one counts. */
void slot_log_settle(struct slot_log *log)
{
	const struct timespec until = deadline_in_ms(SETTLE_MS);
	LOCK(&log->lock);
	const uint64_t want = log->quiet + 2;

	while (!log->stop && log->quiet < want &&
	       pthread_cond_timedwait(&log->more, &log->lock, &until) != ETIMEDOUT)
		;
}

uint64_t slot_log_mark(struct slot_log *log)
{
	LOCK(&log->lock);

	return log->next;
}

bool slot_log_next(struct slot_log *log, uint64_t *from, unsigned timeout_ms,
		   struct slot_log_piece *piece)
{
	const struct timespec until = deadline_in_ms(timeout_ms);
	LOCK(&log->lock);

	while (*from >= log->next && !log->stop)
		if (pthread_cond_timedwait(&log->more, &log->lock, &until) == ETIMEDOUT)
			break;
	if (*from >= log->next)
		return false;
	if (log->next - *from > KEPT)
		*from = log->next - KEPT;
	*piece = log->piece[(*from)++ % KEPT];
	return true;
}

static int init_locks(struct slot_log *log)
{
	return pthread_mutex_init(&log->lock, NULL) | deadline_cond_init(&log->more);
}

struct slot_log *slot_log_open(struct slot *slot, struct err *e)
{
	struct slot_log *log = calloc(1, sizeof *log);

	if (!log || init_locks(log) != 0) {
		free(log);
		err_set(e, ERR_MEMORY, "slot %s: no memory for its log", slot->set.name);
		return NULL;
	}
	log->slot = slot;
	log->board = slot->set.board;
	if (pthread_create(&log->thread, NULL, follow, log) != 0) {
		slot_log_close(log);
		err_set(e, ERR_MEMORY, "slot %s: no thread for its log", slot->set.name);
		return NULL;
	}
	log->has_thread = true;
	return log;
}

static void stop(struct slot_log *log)
{
	LOCK(&log->lock);

	log->stop = true;
	pthread_cond_broadcast(&log->more);
}

void slot_log_close(struct slot_log *log)
{
	if (!log)
		return;
	stop(log);
	if (log->has_thread)
		pthread_join(log->thread, NULL);
	pthread_cond_destroy(&log->more);
	pthread_mutex_destroy(&log->lock);
	free(log);
}
