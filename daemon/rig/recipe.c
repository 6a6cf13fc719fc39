#include "recipe.h"

#include "rig_impl.h"
#include "steps.h"

/* Every job with a board begins so. */
static const struct step opening[] = {
	{ "enter", "attempts", step_enter },
	{ "probe", "", step_probe },
	{ NULL, NULL, NULL },
};

static const struct step nothing_more[] = { { NULL, NULL, NULL } };

static const struct step backup[] = {
	{ "read", "bytes", step_read },
	{ "verify", "bytes", step_verify },
	{ "archive", "bytes", step_archive },
	{ NULL, NULL, NULL },
};

static const struct step verify[] = {
	{ "check", "", step_check },
	{ "compare", "bytes", step_compare },
	{ NULL, NULL, NULL },
};

static const struct step blank_check[] = {
	{ "check", "", step_check },
	{ "blank", "bytes", step_blank },
	{ NULL, NULL, NULL },
};

/* Also for an erase, which is a write of FFs, and for a restore: step_own_board() asks for nothing
 * of the others. */
static const struct step change[] = {
	{ "check", "bytes", step_check },    { "backup", "bytes", step_backup },
	{ "own board", "", step_own_board }, { "write", "bytes", step_write },
	{ "prove", "bytes", step_prove },    { "leave", "", step_leave },
	{ "boot", "", step_boot },           { NULL, NULL, NULL },
};

static const struct step bootlog[] = {
	{ "reset", "", step_log_reset },
	{ "record", "ms", step_record },
	{ NULL, NULL, NULL },
};

static const struct step check[] = {
	{ "contents", "bytes", step_audit_contents },
	{ "file", "", step_audit_file },
	{ NULL, NULL, NULL },
};

static const struct step *const recipes[] = {
	[JOB_IDENTIFY] = nothing_more, [JOB_BACKUP] = backup,
	[JOB_VERIFY] = verify,         [JOB_BLANK_CHECK] = blank_check,
	[JOB_WRITE] = change,          [JOB_RESTORE] = change,
	[JOB_ERASE] = change,          [JOB_CHECK] = check,
	[JOB_BOOTLOG] = bootlog,
};

static int run_step(struct run *run, const struct step *step, struct err *e)
{
	const uint64_t start_ns = clock_now_ns(run->clock);
	const uint64_t real_ns = clock_now_ns(clock_real());
	int result;

	run->base = 0;
	run_phase(run, step->name, step->unit, JOB_NONE);
	result = slot_check_cancel(run->slot, e) < 0 ? -1 : step->run(run, e);
	counts_step(&run->slot->rig->counts, step->name, result == 0,
		    clock_now_ns(clock_real()) - real_ns);
	if (result < 0)
		return err_prefix(e, "%s: ", step->name);
	run_log(run, "%s: done in %lld ms", step->name, (long long)run_ms_since(run, start_ns));
	return 0;
}

static int run_steps(struct run *run, const struct step *step, struct err *e)
{
	for (; step->run; step++)
		if (run_step(run, step, e) < 0)
			return -1;
	return 0;
}

int recipe_run(struct run *run, struct err *e)
{
	const bool opens = !slot_is_house(run->slot) && run->job->request.type != JOB_BOOTLOG;

	if (opens && run_steps(run, opening, e) < 0)
		return -1;
	return run_steps(run, recipes[run->job->request.type], e);
}
