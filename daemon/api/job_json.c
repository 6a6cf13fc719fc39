#include "job_json.h"

#include <stdlib.h>

#include "audit_store.h"
#include "auto.h"
#include "json.h"
#include "wire.h"

/* What can be done: damaged blocks become whole when the same bytes come in again. */
static const char *remedy(const struct audit_damage *damage)
{
	if (damage->dump != AUDIT_NONE)
		return "Back the same board up again, or import the dump from an export or another "
		       "archive: its good bytes take the place of the damaged ones.";
	return "No dump is touched. Make a copy with 'flashrigd backup-archive'; if it reads well, "
	       "let "
	       "it take the place of the archive while the daemon is stopped.";
}

static cJSON *wire_damage(const struct audit_damage *damage)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int_or_null(o, "dump", damage->dump) &&
	    json_int(o, "offset", (int64_t)damage->offset) &&
	    json_int(o, "length", (int64_t)damage->length) &&
	    json_text(o, "reason", damage->reason) && json_text(o, "remedy", remedy(damage)))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_damages(const struct audit_damage *damages, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire_damage(&damages[i])))
			return NULL;
	return TAKE(array);
}

static int load(struct db *db, int64_t job, struct audit_damage *damages, struct page *page)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	struct err e;

	return audit_list(&tx, job, damages, page, &e);
}

static bool add_damaged(cJSON *result, struct db *db, const struct job *job)
{
	AUTO(auto_free) struct audit_damage *damages = NULL;
	struct page page = { .max = AUDIT_KEPT };

	if (job->result.damages > 0) {
		damages = calloc(AUDIT_KEPT, sizeof *damages);
		if (!damages)
			return false;
		if (load(db, job->id, damages, &page) < 0)
			return true;
	}
	return json_child(result, "damaged", wire_damages(damages, page.n));
}

cJSON *job_json(struct db *db, const struct job *job)
{
	AUTO(auto_json) cJSON *o = wire_job(job);
	cJSON *result = o ? cJSON_GetObjectItemCaseSensitive(o, "result") : NULL;

	if (job->request.type == JOB_CHECK && cJSON_IsObject(result) &&
	    !add_damaged(result, db, job))
		return NULL;
	return TAKE(o);
}
