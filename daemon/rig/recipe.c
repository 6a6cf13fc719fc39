#include "recipe.h"

#include "auto.h"
#include "steps.h"

#define STEPS 10

static const struct step recipes[][STEPS] = {
	[JOB_IDENTIFY] = {
		{ "enter", "attempts", step_enter },
		{ "probe", "", step_probe },
	},
	[JOB_BACKUP] = {
		{ "enter", "attempts", step_enter },
		{ "probe", "", step_probe },
		{ "read", "bytes", step_read },
		{ "verify", "bytes", step_verify },
		{ "archive", "bytes", step_archive },
	},
	[JOB_VERIFY] = {
		{ "enter", "attempts", step_enter },
		{ "probe", "", step_probe },
		{ "check", "", step_check },
		{ "compare", "bytes", step_compare },
	},
	[JOB_BLANK_CHECK] = {
		{ "enter", "attempts", step_enter },
		{ "probe", "", step_probe },
		{ "check", "", step_check },
		{ "blank", "bytes", step_blank },
	},
	[JOB_WRITE] = {
		{ "enter", "attempts", step_enter },
		{ "probe", "", step_probe },
		{ "check", "", step_check },
		{ "backup", "bytes", step_backup },
		{ "write", "bytes", step_write },
		{ "prove", "bytes", step_prove },
		{ "leave", "", step_leave },
	},
	[JOB_RESTORE] = {
		{ "enter", "attempts", step_enter },
		{ "probe", "", step_probe },
		{ "check", "", step_check },
		{ "backup", "bytes", step_backup },
		{ "own board", "", step_own_board },
		{ "write", "bytes", step_write },
		{ "prove", "bytes", step_prove },
		{ "leave", "", step_leave },
	},
	[JOB_ERASE] = {
		{ "enter", "attempts", step_enter },
		{ "probe", "", step_probe },
		{ "check", "", step_check },
		{ "backup", "bytes", step_backup },
		{ "write", "bytes", step_write },
		{ "prove", "bytes", step_prove },
		{ "leave", "", step_leave },
	},
};

static int run_step(struct run *run, const struct step *step, struct err *e)
{
	const uint64_t start_ns = clock_now_ns(run->board->clock);

	run->base = 0;
	run_phase(run, step->name, step->unit, JOB_NONE);
	if (slot_check_cancel(run->slot, e) < 0 || step->run(run, e) < 0)
		return err_prefix(e, "%s: ", step->name);
	run_log(run, "%s: done in %lld ms", step->name, (long long)run_ms_since(run, start_ns));
	return 0;
}

int recipe_run(struct run *run, struct err *e)
{
	const struct step *step = recipes[run->job->request.type];

	for (size_t i = 0; i < STEPS && step[i].run; i++)
		if (run_step(run, &step[i], e) < 0)
			return -1;
	return 0;
}
