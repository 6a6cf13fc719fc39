#include <inttypes.h>

#include "audit_store.h"
#include "auto.h"
#include "log.h"
#include "rig_impl.h"
#include "steps.h"
#include "words.h"

/* An audit on behalf of a job. */
struct auditor {
	struct audit audit; /* first */
	struct run *run;
};

static struct db *db_of(const struct audit *audit)
{
	return ((const struct auditor *)audit)->run->slot->rig->db;
}

static void tell(struct run *run, const struct audit_damage *damage)
{
	if (damage->dump == AUDIT_NONE)
		run_log(run, "damage: %s", damage->reason);
	else
		run_log(run, "damage: dump %" PRId64 ", %" PRIu64 " bytes at 0x%" PRIx64 ": %s",
			damage->dump, damage->length, damage->offset, damage->reason);
}

static int keep(struct audit *audit, const struct audit_damage *damage, struct err *e)
{
	struct run *run = ((struct auditor *)audit)->run;

	tell(run, damage);

	AUTO(tx_end) struct tx tx = tx_begin_lazy(db_of(audit));

	if (audit_keep(&tx, run->job->id, audit->at.damages, damage, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

static int save(struct audit *audit, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_lazy(db_of(audit));

	return audit_save(&tx, &audit->at, e) < 0 ? -1 : tx_commit(&tx, e);
}

static int take_up(struct run *run, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(run->slot->rig->db);

	if (audit_take_up(&tx, run->job->id, &run->audit, e) < 0 || tx_commit(&tx, e) < 0)
		return -1;
	return 0;
}

/* Runs a part of an audit on a connection of its own; what it has come to is the job's result. */
static int audit(struct run *run, int (*part)(struct db *, struct audit *, struct err *),
		 struct err *e)
{
	AUTO(db_close) struct db db;
	struct auditor auditor = { .run = run,
				   .audit = { .progress = &run->progress,
					      .found = keep,
					      .passed = save,
					      .at = run->audit } };
	int result = db_open_to_read(&db, db_path(run->slot->rig->db), e);

	if (result == 0)
		result = part(&db, &auditor.audit, e);
	run->audit = auditor.audit.at;
	run->job->result.checked = (int64_t)run->audit.checked;
	run->job->result.damages = (int64_t)run->audit.damages;
	return result;
}

int step_audit_contents(struct run *run, struct err *e)
{
	if (take_up(run, e) < 0)
		return -1;
	if (run->audit.content > 0)
		run_log(run, "contents: goes on behind content %" PRId64 ", where it was stopped",
			run->audit.content);
	return audit(run, audit_contents, e);
}

static int finish(struct run *run, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(run->slot->rig->db);

	return audit_finish(&tx, &run->audit, e) < 0 ? -1 : tx_commit(&tx, e);
}

/* Nothing is lost with it, so it is no damage. */
static int check_words(struct run *run, struct err *e)
{
	bool anew;

	if (words_check(run->slot->rig->db, &anew, e) < 0)
		return -1;
	if (anew)
		run_log(run, "the index of words was not right, and is made anew");
	return 0;
}

int step_audit_file(struct run *run, struct err *e)
{
	if (audit(run, audit_file, e) < 0 || check_words(run, e) < 0 || finish(run, e) < 0)
		return -1;
	run_log(run, "%" PRIu64 " dumps checked, %" PRIu64 " damaged ranges", run->audit.checked,
		run->audit.damages);
	return 0;
}
