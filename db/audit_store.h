/*
 * What an audit leaves in the archive: how far it is, so that the next one goes on there; what it
 * found, with the job that ran it; and when the last one went through.
 */
#pragma once

#include <stdbool.h>

#include "audit.h"
#include "db.h"

#define AUDIT_KEPT     1000                            /* damages that are kept with a job */
#define AUDIT_STALE_MS (INT64_C(7) * 24 * 3600 * 1000) /* a break of a week, and it begins anew */

/*
 * The job takes up the audit: *at is all zero, or how far another job came, whose findings up to
 * there it gets too.
 */
int audit_take_up(struct tx *tx, int64_t job, struct audit_point *at, struct err *e) MUST_CHECK;

/* Keeps a finding, as number seq of the job from 1; behind AUDIT_KEPT does nothing. */
int audit_keep(struct tx *tx, int64_t job, uint64_t seq, const struct audit_damage *damage,
	       struct err *e) MUST_CHECK;

/* How far it is. */
int audit_save(struct tx *tx, const struct audit_point *at, struct err *e) MUST_CHECK;

/* It went through: the next one begins anew. */
int audit_finish(struct tx *tx, const struct audit_point *at, struct err *e) MUST_CHECK;

struct audit_last {
	int64_t ended_ms; /* -1: there was none */
	uint64_t checked, damages;
};
int audit_last(struct tx *tx, struct audit_last *last, struct err *e) MUST_CHECK;

/* The findings of a job in their order. damages is the caller's array of page->max. */
int audit_list(struct tx *tx, int64_t job, struct audit_damage *damages, struct page *page,
	       struct err *e) MUST_CHECK;
