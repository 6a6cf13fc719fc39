/* What a board prints when it starts: recorded, and asked for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "beken_spi.h"
#include "power.h"
#include "slot_log.h"
#include "steps.h"

#define RECORD_MAX  (1u << 20) /* bytes of text that are kept of one job */
#define LOOK_MS     100
#define POWER_NS    (300 * (uint64_t)CLOCK_MS)
#define BOOT_S      20 /* unless the request says how long */
#define PATTERN_MAX 201

/* Text with the time in front of each line, and the bytes alone to look for a pattern in. */
struct record {
	struct run *run;
	char *text; /* RECORD_MAX bytes */
	size_t len;
	bool in_line;
	char tail[PATTERN_MAX + SLOT_LOG_PIECE + 1]; /* the last of the bytes */
};

static void put(struct record *r, const char *text, size_t len)
{
	if (len >= RECORD_MAX - r->len)
		return;
	memcpy(r->text + r->len, text, len);
	r->len += len;
	r->text[r->len] = '\0';
}

static void put_piece(struct record *r, const struct slot_log_piece *piece)
{
	char when[CLOCK_TEXT];

	clock_wall_text(piece->at_ms, when);
	for (const char *at = piece->text; *at; at++) {
		if (!r->in_line) {
			put(r, when, strlen(when));
			put(r, "  ", 2);
		}
		r->in_line = *at != '\n';
		put(r, at, 1);
	}
}

/* The pattern may stand across two pieces. */
static bool shows(struct record *r, const struct slot_log_piece *piece, const char *pattern)
{
	const size_t keep = strlen(pattern), len = strlen(r->tail);
	const size_t from = len > keep ? len - keep : 0;

	memmove(r->tail, r->tail + from, len - from + 1);
	snprintf(r->tail + (len - from), sizeof r->tail - (len - from), "%s", piece->text);
	return strstr(r->tail, pattern) != NULL;
}

/* Until the time is over, or the pattern (unless "") was seen. */
static int record(struct record *r, int64_t seconds, const char *pattern, bool *seen, struct err *e)
{
	struct run *run = r->run;
	const uint64_t start_ns = clock_now_ns(clock_real());
	const uint64_t total_ms = (uint64_t)seconds * 1000;
	struct slot_log_piece piece;
	uint64_t ms = 0;

	*seen = false;
	while (ms < total_ms && !*seen) {
		if (slot_log_next(run->slot->log, &run->log_from, LOOK_MS, &piece)) {
			put_piece(r, &piece);
			*seen = *pattern && shows(r, &piece, pattern);
		}
		ms = (clock_now_ns(clock_real()) - start_ns) / CLOCK_MS;
		if (progress_report(&run->progress, ms < total_ms ? ms : total_ms, total_ms, e) < 0)
			return -1;
	}
	return 0;
}

static int begin(struct run *run, struct record *r, struct err *e)
{
	*r = (struct record){ .run = run, .text = calloc(1, RECORD_MAX) };
	if (!r->text)
		return err_set(e, ERR_MEMORY, "no memory for a boot log");
	free(run->boot_text);
	run->boot_text = r->text; /* the end of the job stores it, whatever comes */
	return 0;
}

int step_log_reset(struct run *run, struct err *e)
{
	struct board *board = run->board;

	slot_log_settle(run->slot->log);
	run->log_from = slot_log_mark(run->slot->log);
	if (board->cen)
		return power_on(board, e) < 0 ? -1 : beken_reset(board, e);
	if (!board->power) {
		run_log(run, "reset: no CEN and no power line: whatever comes is recorded");
		return 0;
	}
	if (line_set(board->power, false, e) < 0)
		return err_prefix(e, "power: ");
	clock_sleep_ns(board->clock, POWER_NS);
	return power_on(board, e);
}

int step_record(struct run *run, struct err *e)
{
	const int64_t asked = run->job->request.seconds;
	struct record r;
	bool seen;

	if (!run->board->cen && !run->board->power)
		run_ask(run, "Reset the board now, by hand: whatever it prints is recorded.");
	if (begin(run, &r, e) < 0 || record(&r, asked > 0 ? asked : 10, "", &seen, e) < 0)
		return -1;
	run->job->result.size = (int64_t)r.len;
	run_log(run, "record: %zu bytes of text", r.len);
	if (r.len == 0)
		snprintf(run->job->result.note, sizeof run->job->result.note,
			 "the board printed nothing: check TX2 (P0), 115200 baud, and its supply");
	return 0;
}

int step_boot(struct run *run, struct err *e)
{
	const struct job_request *q = &run->job->request;
	const int64_t seconds = q->boot_seconds > 0 ? q->boot_seconds : BOOT_S;
	struct record r;
	bool seen = false;

	if (!*q->boot_pattern)
		return 0;
	run_phase(run, "boot", "ms", seconds * 1000);
	if (begin(run, &r, e) < 0 || record(&r, seconds, q->boot_pattern, &seen, e) < 0)
		return -1;
	if (seen) {
		run_log(run, "boot: the board printed \"%s\"", q->boot_pattern);
		return 0;
	}
	err_set(e, ERR_VERIFY_FAILED,
		"the flash holds what it should, but the board did not print \"%.80s\" within "
		"%" PRId64 " s; it printed %zu bytes",
		q->boot_pattern, seconds, r.len);
	return err_hint(
		e, "See what it printed: GET /jobs/%" PRId64 "/bootlog.%s", run->job->id,
		run->job->result.backup > 0 ? " The backup before the write can be restored." : "");
}
