#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "log.h"
#include "recipe.h"
#include "rig_impl.h"
#include "run_end.h"

#define SHOW_NS (250 * CLOCK_MS) /* at most four events a second */

void run_log(struct run *run, const char *fmt, ...)
{
	struct db *db = run->slot->rig->db;
	char when[CLOCK_TEXT], text[480], line[sizeof when + sizeof text + 4];
	va_list ap;
	struct err e;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	clock_wall_text(clock_wall_ms(), when);
	snprintf(line, sizeof line, "%s  %s\n", when, text);

	AUTO(tx_end) struct tx tx = tx_begin_lazy(db);
	if (job_log_add(&tx, run->job->id, line, run->slot->rig->limits.log_bytes, &e) < 0 ||
	    tx_commit(&tx, &e) < 0)
		log_warning("job %lld: log: %s", (long long)run->job->id, e.text);
}

int64_t run_ms_since(const struct run *run, uint64_t start_ns)
{
	return (int64_t)((clock_now_ns(run->clock) - start_ns) / CLOCK_MS);
}

/* Publishes what the job does, but not more often than people can read. */
static void show(struct run *run)
{
	const uint64_t now_ns = clock_now_ns(clock_real());

	slot_show(run->slot, &run->live);
	if (now_ns - run->shown_ns < SHOW_NS)
		return;
	run->shown_ns = now_ns;
	slot_fill_live(run->slot, run->job);
	rig_tell_job(run->slot->rig, run->job);
}

void run_phase(struct run *run, const char *phase, const char *unit, int64_t total)
{
	run->live = (struct slot_live){ .total = total };
	snprintf(run->live.phase, sizeof run->live.phase, "%s", phase);
	snprintf(run->live.unit, sizeof run->live.unit, "%s", unit);
	show(run);
}

void run_ask(struct run *run, const char *text)
{
	snprintf(run->live.asks, sizeof run->live.asks, "%s", text ? text : "");
	run->shown_ns = 0;
	show(run);
}

static int report(struct progress *progress, uint64_t done, uint64_t total, struct err *e)
{
	struct run *run = (struct run *)progress;

	if (done == PROGRESS_SAME)
		return slot_check_cancel(run->slot, e);
	run->live.done = (int64_t)(run->base + done);
	if (run->live.total < (int64_t)(run->base + total))
		run->live.total = (int64_t)(run->base + total);
	show(run);
	return slot_check_cancel(run->slot, e);
}

static int run_open(struct run *run, struct err *e)
{
	struct slot *slot = run->slot;
	AUTO(tx_end) struct tx tx = tx_begin(slot->rig->db);

	if (job_get(&tx, run->job->id, run->job, e) < 0 ||
	    job_move(&tx, run->job, JOB_RUNNING, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

/*
 * While the archive cannot record that the job runs (disk full), it waits. -1 when the daemon stops, or
 * the job is not to run. */
static int run_open_patiently(struct run *run)
{
	struct err e, stop;

	while (run_open(run, &e) < 0) {
		if (e.code == ERR_CONFLICT) /* cancelled before it was in the queue */
			return -1;
		log_error("job %lld: cannot be started: %s", (long long)run->job->id, e.text);
		run_phase(run, "waiting for the archive", "", JOB_NONE);
		clock_sleep_ns(clock_real(), RUN_RETRY_NS);
		if (slot_check_cancel(run->slot, &stop) < 0 && stop.code == ERR_INTERRUPTED)
			return -1;
	}
	return 0;
}

static void keep_spi(struct run *run)
{
	const struct spi_stats *now, *old = &run->stats_before;
	struct job_result *r = &run->job->result;

	if (!run->board->spi)
		return;
	now = &run->board->spi->stats;
	r->wire_bytes = (int64_t)(now->bytes - old->bytes);
	r->wire_transactions = (int64_t)(now->selects - old->selects);
	r->wire_ms = (int64_t)((now->ns - old->ns) / CLOCK_MS);
	if (!strcmp(run->slot->set.backend, "sim"))
		r->simulated_ms = run_ms_since(run, run->start_ns);
}

static void keep_uart(struct run *run)
{
	const struct beken_uart *u = run->uart;
	const struct beken_uart_counts *c = &u->counts;
	struct job_result *r = &run->job->result;

	r->wire_bytes = (int64_t)(c->sent + c->received);
	r->wire_transactions = (int64_t)c->commands;
	r->wire_ms = run_ms_since(run, run->start_ns);
	r->baud = u->baud;
	if (c->timeouts + c->foreign + c->relinks + c->reread > 0)
		run_log(run,
			"uart: questions without answer: %llu, answers to none: %llu, links anew: "
			"%llu, sectors read again: %llu",
			(unsigned long long)c->timeouts, (unsigned long long)c->foreign,
			(unsigned long long)c->relinks, (unsigned long long)c->reread);
}

/* What the wires did for this job. */
static void keep_wire(struct run *run)
{
	if (run->uart)
		keep_uart(run);
	else
		keep_spi(run);
}

/* Lines to rest, whatever happened before. A line that cannot be moved is told, the job's own end stands. */
static void leave_board(struct run *run)
{
	struct err e;

	keep_wire(run);
	if (board_rest(run->board, &e) < 0) {
		run_log(run, "lines could not be brought to rest: %s", e.text);
		log_error("slot %s: lines to rest: %s", run->slot->set.name, e.text);
	}
	if (board_settle(run->board, &e) < 0) {
		run_log(run, "%s", e.text);
		log_error("slot %s: %s", run->slot->set.name, e.text);
	}
}

static int work(struct run *run, struct err *e)
{
	int result;

	if (slot_is_house(run->slot))
		return recipe_run(run, e);
	if (!run->board) {
		err_set(e, ERR_OFFLINE, "slot %s is offline: %s", run->slot->set.name,
			run->slot->set.why);
		return err_hint(e, "Mend what the slot names, then start flashrigd again.");
	}
	if (!run->piece)
		return err_set(e, ERR_MEMORY, "no memory to read into");
	if (board_wake(run->board, e) < 0)
		return err_prefix(e, "slot %s: ", run->slot->set.name);
	(void)slot_seen_there(run->slot); /* the end of the job is news enough */
	if (run->job->request.transport == JOB_BY_UART && run->board->port_clock)
		run->clock = run->board->port_clock;
	run->start_ns = clock_now_ns(run->clock);
	if (run->board->spi)
		run->stats_before = run->board->spi->stats;
	result = recipe_run(run, e);
	leave_board(run);
	return result;
}

void run_job(struct slot *slot, int64_t id)
{
	AUTO(auto_free) uint8_t *piece = malloc(RUN_PIECE);
	AUTO(auto_free) struct job *job = calloc(1, sizeof *job);
	struct run run = { .progress.report = report,
			   .slot = slot,
			   .board = slot->set.board,
			   .clock = slot->set.board ? slot->set.board->clock : clock_real(),
			   .job = job,
			   .live.total = JOB_NONE,
			   .piece = piece };
	struct err e = { .code = ERR_NONE };

	slot_info(slot, &run.seen);
	if (!job) {
		log_error("job %lld: no memory to run it; it stays queued", (long long)id);
		slot_release(slot, &run.seen);
		return;
	}
	job->id = id;
	if (run_open_patiently(&run) < 0) {
		slot_release(slot, &run.seen);
		return;
	}
	rig_tell_moved(slot->rig, job);
	rig_tell_slot(slot->rig, slot->set.name);
	run_end(&run, work(&run, &e), &e);
	ingest_close(run.ingest);
	beken_uart_free(run.uart);
	free(run.boot_text);
}
