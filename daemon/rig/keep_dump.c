#include "keep_dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "device_store.h"
#include "rig_impl.h"

/* Behind what the chip's own note says. */
static void add_note(struct run *run, const char *text)
{
	char *note = run->job->result.note;
	const size_t used = strlen(note);

	if (!strstr(note, text))
		snprintf(note + used, sizeof run->job->result.note - used, "%s%s", used ? " " : "",
			 text);
}

/* Another board than the last job's sits in the slot: whoever reads the result shall know. */
static int note_swap(struct run *run, struct tx *tx, struct err *e)
{
	char text[100];
	int64_t last;

	if (job_last_device(tx, run->slot->set.name, run->job->id, &last, e) < 0)
		return -1;
	if (last == JOB_NONE || last == run->job->result.device)
		return 0;
	snprintf(text, sizeof text,
		 "The board was changed: the last one in this slot was device %lld.",
		 (long long)last);
	add_note(run, text);
	return 0;
}

int keep_device(struct run *run, struct tx *tx, int64_t content, struct err *e)
{
	struct job_result *r = &run->job->result;
	const struct device_clue clue = { .jedec_id = r->jedec_id,
					  .unique_id = r->unique_id,
					  .mac = run->mac,
					  .slot = run->slot->set.name,
					  .content = content,
					  .now_ms = clock_wall_ms() };

	if (!run->has_nor)
		return 0;
	if (device_find_or_add(tx, &clue, &r->device, e) < 0)
		return -1;
	return r->device == JOB_NONE ? 0 : note_swap(run, tx, e);
}

int find_device_only(struct run *run, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(run->slot->rig->db);

	return keep_device(run, &tx, JOB_NONE, e) < 0 ? -1 : tx_commit(&tx, e);
}

static const char *label_of(const struct run *run, char text[JOB_LABEL])
{
	if (run->job->request.type == JOB_BACKUP)
		return run->job->request.label;
	snprintf(text, JOB_LABEL, "before %s (job %lld)", job_type_name(run->job->request.type),
		 (long long)run->job->id);
	return text;
}

static int add_dump(struct run *run, struct tx *tx, int64_t *id, struct err *e)
{
	const struct job_result *r = &run->job->result;
	char label[JOB_LABEL];
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return err_set(e, ERR_MEMORY, "no memory for a dump's record");
	*dump = (struct dump){ .device = r->device,
			       .job = run->job->id,
			       .offset = (uint64_t)run->from,
			       .content = run->content,
			       .complete = run->from == 0 && run->len == (int64_t)run->flash->size,
			       .verified = run->unstables == 0,
			       .source = run->uart ? DUMP_UART : DUMP_SPI,
			       .created_ms = clock_wall_ms(),
			       .unstables = run->unstables };
	snprintf(dump->slot, sizeof dump->slot, "%s", run->slot->set.name);
	snprintf(dump->jedec_id, sizeof dump->jedec_id, "%s", r->jedec_id);
	snprintf(dump->chip, sizeof dump->chip, "%s", r->chip);
	snprintf(dump->label, sizeof dump->label, "%s", label_of(run, label));
	memcpy(dump->unstable, run->unstable, sizeof dump->unstable);
	if (dump_add(tx, dump, e) < 0)
		return -1;
	*id = dump->id;
	return 0;
}

int keep_dump(struct run *run, struct tx *tx, int64_t *dump, struct err *e)
{
	if (ingest_commit(run->ingest, tx, &run->content, e) < 0 ||
	    keep_device(run, tx, run->content.id, e) < 0)
		return -1;
	return add_dump(run, tx, dump, e);
}
