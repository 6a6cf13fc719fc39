#include "audit_store.h"

#include <stdio.h>

#include "auto.h"
#include "clock.h"
#include "meta_store.h"

/* ---- how far it is */

#define JOB   "audit_job"
#define SAVED "audit_saved_ms"

static const struct {
	const char *name;
	size_t at; /* an int64_t or uint64_t of struct audit_point */
} parts[] = {
	{ "audit_content", offsetof(struct audit_point, content) },
	{ "audit_bytes", offsetof(struct audit_point, bytes) },
	{ "audit_checked", offsetof(struct audit_point, checked) },
	{ "audit_damages", offsetof(struct audit_point, damages) },
};

static int64_t *part(struct audit_point *at, size_t i)
{
	return (int64_t *)(void *)((char *)at + parts[i].at);
}

static int load(struct tx *tx, struct audit_point *at, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (meta_get(tx, parts[i].name, 0, part(at, i), e) < 0)
			return -1;
	return 0;
}

int audit_save(struct tx *tx, const struct audit_point *at, struct err *e)
{
	struct audit_point copy = *at;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (meta_set(tx, parts[i].name, *part(&copy, i), e) < 0)
			return -1;
	return meta_set(tx, SAVED, clock_wall_ms(), e);
}

/* Whether there is one to go on with, and whose. */
static int find_open(struct tx *tx, int64_t *job, struct err *e)
{
	int64_t saved_ms;

	if (meta_get(tx, JOB, AUDIT_NONE, job, e) < 0 || meta_get(tx, SAVED, 0, &saved_ms, e) < 0)
		return -1;
	if (clock_wall_ms() - saved_ms > AUDIT_STALE_MS)
		*job = AUDIT_NONE;
	return 0;
}

/* What stands behind the point will be found again. */
static int inherit(struct tx *tx, int64_t from, int64_t to, int64_t content, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT OR IGNORE INTO job_damage"
				     " (job, seq, dump, content, start, length, reason)"
				     " SELECT ?, seq, dump, content, start, length, reason"
				     " FROM job_damage WHERE job = ? AND content <= ?");

	stmt_int(&s, to);
	stmt_int(&s, from);
	stmt_int(&s, content);
	return stmt_end(&s, e);
}

int audit_take_up(struct tx *tx, int64_t job, struct audit_point *at, struct err *e)
{
	struct audit_point found = { 0 };
	int64_t from;

	if (find_open(tx, &from, e) < 0)
		return -1;
	if (from != AUDIT_NONE &&
	    (load(tx, &found, e) < 0 || inherit(tx, from, job, found.content, e) < 0))
		return -1;
	if (meta_set(tx, JOB, job, e) < 0 || audit_save(tx, &found, e) < 0)
		return -1;
	*at = found;
	return 0;
}

/* ---- what went through */

int audit_finish(struct tx *tx, const struct audit_point *at, struct err *e)
{
	if (meta_set(tx, JOB, AUDIT_NONE, e) < 0 ||
	    meta_set(tx, "last_audit_ms", clock_wall_ms(), e) < 0 ||
	    meta_set(tx, "last_audit_checked", (int64_t)at->checked, e) < 0)
		return -1;
	return meta_set(tx, "last_audit_damages", (int64_t)at->damages, e);
}

int audit_last(struct tx *tx, struct audit_last *last, struct err *e)
{
	int64_t ended_ms, checked, damages;

	if (meta_get(tx, "last_audit_ms", -1, &ended_ms, e) < 0 ||
	    meta_get(tx, "last_audit_checked", 0, &checked, e) < 0 ||
	    meta_get(tx, "last_audit_damages", 0, &damages, e) < 0)
		return -1;
	*last = (struct audit_last){ .ended_ms = ended_ms,
				     .checked = (uint64_t)checked,
				     .damages = (uint64_t)damages };
	return 0;
}

/* ---- what was found */

int audit_keep(struct tx *tx, int64_t job, uint64_t seq, const struct audit_damage *damage,
	       struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT OR REPLACE INTO job_damage"
				     " (job, seq, dump, content, start, length, reason)"
				     " VALUES (?, ?, ?, ?, ?, ?, ?)");

	if (seq > AUDIT_KEPT)
		return 0;
	stmt_int(&s, job);
	stmt_int(&s, (int64_t)seq);
	stmt_int_or_null(&s, damage->dump);
	stmt_int_or_null(&s, damage->content);
	stmt_int(&s, (int64_t)damage->offset);
	stmt_int(&s, (int64_t)damage->length);
	stmt_text(&s, damage->reason);
	return stmt_end(&s, e);
}

static void read_row(struct stmt *s, struct audit_damage *damage)
{
	*damage = (struct audit_damage){ .dump = stmt_col_int_or_null(s, "dump"),
					 .content = stmt_col_int_or_null(s, "content"),
					 .offset = (uint64_t)stmt_col_int(s, "start"),
					 .length = (uint64_t)stmt_col_int(s, "length") };
	stmt_copy_text(s, "reason", damage->reason, sizeof damage->reason);
}

int audit_list(struct tx *tx, int64_t job, struct audit_damage *damages, struct page *page,
	       struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT dump, content, start, length, reason FROM job_damage"
				     " WHERE job = ? ORDER BY seq LIMIT ?");

	stmt_int(&s, job);
	stmt_int(&s, (int64_t)page->max);
	for (page->n = 0; page->n < page->max && stmt_row(&s);)
		read_row(&s, &damages[page->n++]);
	return stmt_end(&s, e);
}
