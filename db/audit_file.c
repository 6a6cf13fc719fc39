#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "auto.h"

#define LINES 100  /* what SQLite tells at most */
#define LINE  220  /* characters of each */
#define OFTEN 1000 /* steps of SQLite's machine between two looks at progress */

struct lines {
	size_t n;
	char text[LINES][LINE];
};

/* Whether somebody wants it to stop. */
struct stop {
	struct audit *audit;
	bool asked;
	struct err why;
};

static int ask_stop(void *arg)
{
	struct stop *stop = arg;
	const uint64_t bytes = stop->audit->at.bytes;

	stop->asked = progress_report(stop->audit->progress, bytes, bytes, &stop->why) < 0;
	return stop->asked;
}

static void add_line(struct lines *lines, const char *text)
{
	if (lines->n < LINES && strcmp(text, "ok") != 0)
		snprintf(lines->text[lines->n++], LINE, "integrity_check: %.180s", text);
}

/* A file that is too broken to be asked is a line too. */
static void ask_sqlite(struct db *db, struct lines *lines)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, "PRAGMA integrity_check");
	struct err e;

	while (stmt_row(&s))
		add_line(lines, stmt_col_text(&s, "integrity_check"));
	if (stmt_end(&s, &e) < 0)
		add_line(lines, e.text);
}

static int tell(struct audit *audit, const struct lines *lines, struct err *e)
{
	struct audit_damage damage = { .dump = AUDIT_NONE, .content = AUDIT_NONE };

	for (size_t i = 0; i < lines->n; i++) {
		memcpy(damage.reason, lines->text[i], LINE);
		audit->at.damages++;
		if (audit->found(audit, &damage, e) < 0)
			return -1;
	}
	return 0;
}

int audit_file(struct db *db, struct audit *audit, struct err *e)
{
	AUTO(auto_free) struct lines *lines = calloc(1, sizeof *lines);
	struct stop stop = { .audit = audit };

	if (!lines)
		return err_set(e, ERR_MEMORY, "out of memory for a check");
	sqlite3_progress_handler(db->reader.raw, OFTEN, ask_stop, &stop);
	ask_sqlite(db, lines);
	sqlite3_progress_handler(db->reader.raw, 0, NULL, NULL);
	if (stop.asked) {
		*e = stop.why;
		return -1;
	}
	return tell(audit, lines, e);
}
