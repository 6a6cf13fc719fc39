#include "steps.h"

#include <stdio.h>
#include <string.h>

#include "step_uart.h"
#include "unique_id.h"

static void keep_chip(struct run *run)
{
	const struct nor *nor = &run->spi.nor;
	struct job_result *r = &run->job->result;
	struct slot_info *seen = &run->seen;

	snprintf(r->jedec_id, sizeof r->jedec_id, "%06X", nor->id.jedec_id & 0xffffff);
	snprintf(r->chip, sizeof r->chip, "%s", nor->name);
	snprintf(r->status, sizeof r->status, "%02X%02X%02X", nor->id.status[0], nor->id.status[1],
		 nor->id.status[2]);
	r->size = nor->size;
	r->spi_hz = run->board->spi->now.hz;
	if (nor->id.has_sfdp)
		snprintf(r->sfdp, sizeof r->sfdp, "%u.%u", nor->id.sfdp.major, nor->id.sfdp.minor);
	snprintf(r->note, sizeof r->note, "%s", nor->note);
	if (nor->id.has_unique_id)
		unique_id_text(nor, r->unique_id);
	/* That one is not there any more, whatever this one is; but a UART loader may not have known its ID. */
	if (seen->has_chip && seen->jedec_id[0] && strcmp(seen->jedec_id, r->jedec_id) != 0)
		seen->device = JOB_NONE;
	seen->has_chip = true;
	seen->chip_size = nor->size;
	snprintf(seen->jedec_id, sizeof seen->jedec_id, "%s", r->jedec_id);
	snprintf(seen->chip, sizeof seen->chip, "%s", nor->name);
}

int step_probe(struct run *run, struct err *e)
{
	if (run->uart)
		return uart_probe(run, e);
	if (nor_flash_probe(&run->spi, run->board, e) < 0) {
		run->seen.has_chip = false;
		return -1;
	}
	run->flash = &run->spi.base;
	run->has_nor = true;
	keep_chip(run);
	run_log(run, "probe: %s, ID %s, %u bytes, status %s, SFDP %s, unique ID %s",
		run->job->result.chip, run->job->result.jedec_id, run->spi.nor.size,
		run->job->result.status, run->spi.nor.id.has_sfdp ? run->job->result.sfdp : "none",
		run->spi.nor.id.has_unique_id ? run->job->result.unique_id : "none");
	if (run->spi.nor.note[0])
		run_log(run, "probe: note: %s", run->spi.nor.note);
	return 0;
}
