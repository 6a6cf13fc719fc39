#include "batch_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "batch_json.h"
#include "json.h"
#include "utf8.h"

#define PAGE 50

/* ---- one row */

enum kind { TEXT, NUMBER, SECONDS };

struct cell {
	const char *name;
	enum kind kind;
	const char *text; /* "": nothing to say */
	int64_t number;   /* negative: nothing to say; SECONDS in ms */
};

#define CELLS 14

struct row {
	char crc32[9], message[sizeof(((struct err *)0)->text)];
	struct cell cell[CELLS];
};

static int64_t took_ms(const struct job *job)
{
	return job->finished_ms >= 0 && job->finished_ms >= job->started_ms && job->started_ms >= 0
		       ? job->finished_ms - job->started_ms
		       : -1;
}

/* Texts are borrowed from both. */
static void fill(struct row *row, const struct job *job)
{
	const struct job_result *r = &job->result;

	snprintf(row->crc32, sizeof row->crc32, "%08" PRIX32, (uint32_t)r->crc32);
	snprintf(row->message, sizeof row->message, "%s", job->has_error ? job->error.text : "");
	utf8_repair(row->message);

	const struct cell cells[CELLS] = {
		{ "slot", TEXT, job->request.slot, -1 },
		{ "device", NUMBER, "", r->device },
		{ "jedec_id", TEXT, r->jedec_id, -1 },
		{ "chip", TEXT, r->chip, -1 },
		{ "size", NUMBER, "", r->size },
		{ "crc32", TEXT, r->crc32 < 0 ? "" : row->crc32, -1 },
		{ "sha256", TEXT, r->sha256, -1 },
		{ "result", TEXT, job_state_name(job->state), -1 },
		{ "code", TEXT, job->has_error ? err_name(job->error.code) : "", -1 },
		{ "message", TEXT, row->message, -1 },
		{ "attempts", NUMBER, "", r->entry_attempts },
		{ "seconds", SECONDS, "", took_ms(job) },
		{ "job", NUMBER, "", job->id },
		{ "dump", NUMBER, "", r->dump >= 0 ? r->dump : r->backup },
	};

	memcpy(row->cell, cells, sizeof cells);
}

/* ---- all rows, in the order of the jobs */

struct writer {
	int (*row)(struct writer *writer, const struct row *row, struct err *e);
};

static int load_page(struct db *db, int64_t batch, struct job *jobs, struct page *page,
		     struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return job_list_of_batch(&tx, batch, jobs, page, e);
}

static int write_rows(struct db *db, int64_t batch, struct writer *writer, struct err *e)
{
	AUTO(auto_free) struct job *jobs = calloc(PAGE, sizeof *jobs);
	struct page page = { .max = PAGE };
	struct row row;

	if (!jobs)
		return err_set(e, ERR_MEMORY, "out of memory for a report");
	do {
		if (load_page(db, batch, jobs, &page, e) < 0)
			return -1;
		for (size_t i = 0; i < page.n; i++) {
			fill(&row, &jobs[i]);
			if (writer->row(writer, &row, e) < 0)
				return -1;
		}
	} while (page.n == PAGE);
	return 0;
}

/* ---- CSV */

struct csv {
	struct writer base;
	FILE *file;
};

/* Quotes always: then no comma, quote or line end of a text matters. */
static void put_cell(FILE *file, const struct cell *cell)
{
	if (cell->kind == NUMBER && cell->number >= 0)
		fprintf(file, "%" PRId64, cell->number);
	if (cell->kind == SECONDS && cell->number >= 0)
		fprintf(file, "%.3f", (double)cell->number / 1000);
	if (cell->kind != TEXT || !*cell->text)
		return;
	putc('"', file);
	for (const char *c = cell->text; *c; c++)
		fputs(*c == '"' ? "\"\"" : (char[]){ *c, '\0' }, file);
	putc('"', file);
}

static int put_csv(struct writer *writer, const struct row *row, struct err *e)
{
	FILE *file = ((struct csv *)writer)->file;

	(void)e;
	for (size_t i = 0; i < CELLS; i++) {
		if (i)
			putc(',', file);
		put_cell(file, &row->cell[i]);
	}
	fputs("\r\n", file);
	return 0;
}

static void put_names(FILE *file)
{
	struct row row;
	const struct job nobody = { .has_error = false };

	fill(&row, &nobody);
	for (size_t i = 0; i < CELLS; i++)
		fprintf(file, "%s%s", i ? "," : "", row.cell[i].name);
	fputs("\r\n", file);
}

int batch_report_csv(struct db *db, const struct batch *batch, char **text, struct err *e)
{
	AUTO(auto_free) char *bytes = NULL;
	size_t len;
	FILE *file = open_memstream(&bytes, &len);
	struct csv csv = { .base.row = put_csv, .file = file };
	int result;

	if (!file)
		return err_set(e, ERR_MEMORY, "out of memory for a report");
	put_names(file);
	result = write_rows(db, batch->id, &csv.base, e);
	if (fclose(file) != 0 && result == 0)
		return err_set(e, ERR_MEMORY, "out of memory for a report");
	if (result < 0)
		return -1;
	*text = TAKE(bytes);
	return 0;
}

/* ---- JSON */

struct json {
	struct writer base;
	cJSON *rows;
};

static bool add_cell(cJSON *o, const struct cell *cell)
{
	switch (cell->kind) {
	case TEXT: return json_text_or_null(o, cell->name, cell->text);
	case NUMBER: return json_int_or_null(o, cell->name, cell->number);
	case SECONDS: break;
	}
	return cell->number < 0 ? json_int_or_null(o, cell->name, -1)
				: cJSON_AddNumberToObject(o, cell->name,
							  (double)cell->number / 1000) != NULL;
}

static int put_json(struct writer *writer, const struct row *row, struct err *e)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	bool good = o != NULL;

	for (size_t i = 0; i < CELLS && good; i++)
		good = add_cell(o, &row->cell[i]);
	if (!good || !json_push(((struct json *)writer)->rows, TAKE(o)))
		return err_set(e, ERR_MEMORY, "out of memory for a report");
	return 0;
}

int batch_report_json(struct db *db, const struct batch *batch, cJSON **report, struct err *e)
{
	AUTO(auto_json) cJSON *o = batch_json(db, batch);
	struct json json = { .base.row = put_json, .rows = o ? cJSON_CreateArray() : NULL };

	if (!json_child(o, "rows", json.rows))
		return err_set(e, ERR_MEMORY, "out of memory for a report");
	if (write_rows(db, batch->id, &json.base, e) < 0)
		return -1;
	*report = TAKE(o);
	return 0;
}
