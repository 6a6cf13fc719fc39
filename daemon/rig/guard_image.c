/* Before a write: whether what shall be written makes sense on this board. */
#include <stdlib.h>

#include "auto.h"
#include "content_flash.h"
#include "image_store.h"
#include "rig_impl.h"
#include "steps.h"
#include "suit.h"
#include "target.h"

static int load_content(struct run *run, struct dump *dump, struct content *content, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);

	if (run->job->request.dump > 0 && dump_get(&tx, run->job->request.dump, dump, e) < 0)
		return -1;
	return content_get(&tx, run->wanted.content, content, e);
}

static int judge(struct run *run, struct suit_verdict *verdict, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	AUTO(auto_free) struct analysis *a = NULL;
	struct content content;

	if (!dump)
		return err_set(e, ERR_MEMORY, "no memory for a dump's record");
	if (load_content(run, dump, &content, e) < 0)
		return -1;
	a = content_analyse(run->slot->rig->db, &content, dump->id ? dump : NULL, NULL, e);
	if (!a)
		return -1;
	char summary[ANALYSIS_SUMMARY];

	analysis_summary(a, summary);
	run_log(run, "check: it says that it is: %s", summary);
	suit_judge(a, run->slot->set.target->name, run->wanted.start, verdict);
	return 0;
}

/* A board gets its own content back, whatever that is. */
static bool is_own(const struct job_request *q)
{
	return q->type == JOB_RESTORE && q->other_device != 1;
}

int guard_image(struct run *run, struct err *e)
{
	const struct job_request *q = &run->job->request;
	struct suit_verdict verdict = { .suit = SUIT_FINE };

	if (run->wanted.content == JOB_NONE || !run->slot->set.target->enters_spi_mode || is_own(q))
		return 0;
	if (judge(run, &verdict, e) < 0)
		return e->code == ERR_UNPROCESSABLE ? 0 : -1; /* too large to say anything */
	if (verdict.suit != SUIT_FINE)
		run_log(run, "check: %s: %s%s", suit_name(verdict.suit), verdict.why,
			q->force == 1 ? "; it is forced" : "");
	if (verdict.suit <= SUIT_DOUBTFUL || q->force == 1)
		return 0;
	err_set(e, verdict.suit == SUIT_WRONG_CHIP ? ERR_CHIP_MISMATCH : ERR_CONFLICT, "%s",
		verdict.why);
	return err_hint(e, "Nothing was written. %.150s Or say \"force\": true.", verdict.hint);
}
