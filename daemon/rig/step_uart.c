#include "step_uart.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "power.h"

static struct run *run_of(struct beken_uart_teller *teller)
{
	return (struct run *)(void *)((char *)teller - offsetof(struct run, uart_teller));
}

/* What the driver has to say goes into the job's log, */
static void tell(struct beken_uart_teller *teller, const char *text)
{
	run_log(run_of(teller), "uart: %s", text);
}

/* and what it needs a person for, to where people look. */
static void call(struct beken_uart_teller *teller, const char *text)
{
	run_ask(run_of(teller), text);
}

static void keep_entry(struct run *run, uint64_t start_ns)
{
	const struct beken_uart *u = run->uart;
	struct job_result *r = &run->job->result;

	r->entry_attempts = (int64_t)u->counts.probes;
	r->entry_ms = run_ms_since(run, start_ns);
	run_log(run, "enter: %" PRIu64 " link checks in %lld ms, %u baud", u->counts.probes,
		(long long)r->entry_ms, u->baud);
}

int uart_enter(struct run *run, struct err *e)
{
	const struct rig_slot *set = &run->slot->set;
	const uint64_t start_ns = clock_now_ns(run->clock);
	const struct beken_uart_setup setup = { .board = run->board,
						.link_timeout_ms = set->uart_timeout_ms,
						.baud = set->uart_baud,
						.teller = &run->uart_teller };
	int result;

	run->uart_teller = (struct beken_uart_teller){ .tell = tell, .call = call };
	run->uart = beken_uart_new(&setup, e);
	if (!run->uart || power_on(run->board, e) < 0)
		return -1;
	result = beken_uart_link(run->uart, &run->progress, e);
	keep_entry(run, start_ns);
	return result;
}

static void keep_chip(struct run *run)
{
	const struct beken_uart *u = run->uart;
	struct job_result *r = &run->job->result;
	struct slot_info *seen = &run->seen;

	if (u->jedec_id)
		snprintf(r->jedec_id, sizeof r->jedec_id, "%06X", u->jedec_id);
	snprintf(r->chip, sizeof r->chip, "%s", u->base.name);
	snprintf(r->loader, sizeof r->loader, "%s%s%s", beken_family_name(u->family),
		 *u->loader ? ", " : "", u->loader);
	r->size = u->base.size;
	r->baud = u->baud;
	if (u->base.start > 0)
		snprintf(r->note, sizeof r->note,
			 "the first 0x%x bytes are the loader's, which hides them: dumps begin "
			 "behind them",
			 u->base.start);
	/* What SPI knows of the same chip is more than a loader in flash can tell. */
	if (!u->jedec_id && seen->has_chip && seen->chip_size == u->base.size)
		return;
	if (seen->has_chip &&
	    (u->jedec_id ? seen->jedec_id[0] && strcmp(seen->jedec_id, r->jedec_id) != 0
			 : seen->chip_size != u->base.size))
		seen->device = JOB_NONE;
	seen->has_chip = true;
	seen->chip_size = u->base.size;
	snprintf(seen->jedec_id, sizeof seen->jedec_id, "%s", r->jedec_id);
	snprintf(seen->chip, sizeof seen->chip, "%s", r->chip);
}

static void log_probe(struct run *run, const struct beken_uart *u)
{
	char chip[16] = "not told";
	const char *id = run->job->result.jedec_id;

	if (u->chip_id)
		snprintf(chip, sizeof chip, "%05X", u->chip_id);
	run_log(run, "probe: %s, %u bytes, readable from 0x%x at %u baud", u->base.name,
		u->base.size, u->base.start, u->baud);
	run_log(run, "probe: %s, CRC-32 of its start %08X; chip %s, flash ID %s",
		run->job->result.loader, u->loader_crc, chip, *id ? id : "not told");
}

int uart_probe(struct run *run, struct err *e)
{
	const struct beken_uart *u = run->uart;

	if (beken_uart_identify(run->uart, e) < 0) {
		run->seen.has_chip = false;
		return -1;
	}
	run->flash = &run->uart->base;
	run->has_nor = true;
	keep_chip(run);
	log_probe(run, u);
	return 0;
}
