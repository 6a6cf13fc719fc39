#include "steps.h"

#include <stdio.h>
#include <stdlib.h>

#include "auto.h"
#include "power.h"
#include "step_uart.h"
#include "target.h"

static void keep_entry(struct run *run, const struct beken_entry *entry)
{
	struct job_result *r = &run->job->result;
	const struct beken_params *p = &entry->params;

	r->entry_attempts = entry->attempts;
	r->entry_ms = (int64_t)(entry->ns / CLOCK_MS);
	r->entry_cen_low_us = p->cen_low_us;
	r->entry_pause_us = p->pause_us;
	r->entry_settle_us = p->settle_us;
	r->entry_hz = p->hz;
	r->entry_train = p->train;
	r->entry_mode = p->mode;
	snprintf(r->entry_finding, sizeof r->entry_finding, "%s", entry->finding);
	run_log(run,
		"enter: %u attempts in %lld ms, finding %s; last: CEN low %u us, pause %u us, %u x "
		"D2 at %u Hz "
		"mode %u; MISO %02X %02X %02X %02X, ID %02X %02X %02X %02X",
		entry->attempts, (long long)r->entry_ms, entry->finding, p->cen_low_us, p->pause_us,
		p->train, p->hz, p->mode, entry->train_seen[0], entry->train_seen[1],
		entry->train_seen[2], entry->train_seen[3], entry->id_seen[0], entry->id_seen[1],
		entry->id_seen[2], entry->id_seen[3]);
}

/* What each set of parameters was good for: what people compare. */
static void log_sets(struct run *run, const struct beken_entry *entry)
{
	for (size_t i = 0; i < entry->sets; i++) {
		const struct beken_tried *t = &entry->tried[i];

		run_log(run,
			"enter: CEN low %u us, pause %u us, settle %u us, %u x D2 at %u Hz mode "
			"%u: %u attempts, %u echoes, %llu ms%s",
			t->params.cen_low_us, t->params.pause_us, t->params.settle_us,
			t->params.train, t->params.hz, t->params.mode, t->attempts, t->echoes,
			(unsigned long long)(t->ns / CLOCK_MS), t->entered ? ": in" : "");
	}
}

int step_enter(struct run *run, struct err *e)
{
	const struct rig_slot *set = &run->slot->set;
	const struct beken_limits limits = { .timeout_ns = set->entry_timeout_ms * CLOCK_MS,
					     .max_hz = set->spi_hz,
					     .memory = &run->slot->known.base };
	const struct spi_setup bare = { .hz = set->spi_hz, .mode = 0 };
	AUTO(auto_free) struct beken_entry *entry = NULL;
	int result;

	if (run->job->request.transport == JOB_BY_UART)
		return uart_enter(run, e);
	if (!run->board->spi)
		return err_set(e, ERR_OFFLINE, "slot %s has no SPI any more", set->name);
	if (power_on(run->board, e) < 0)
		return -1;
	if (!set->target->enters_spi_mode)
		return spi_setup(run->board->spi, &bare, e);
	entry = calloc(1, sizeof *entry);
	if (!entry)
		return err_set(e, ERR_MEMORY, "no memory for an entry");
	result = beken_spi_enter(run->board, &limits, &run->progress, entry, e);
	log_sets(run, entry);
	keep_entry(run, entry);
	return result;
}
