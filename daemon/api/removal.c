#include "removal.h"

#include <inttypes.h>

#include "archive.h"
#include "auto.h"
#include "log.h"
#include "tell.h"

static int remove_once(const struct request *req, removal_fn *take_out, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(api_of(req)->db);

	return take_out(&tx, req, e) < 0 ? -1 : tx_commit(&tx, e);
}

/* A full disk refuses the first try, which gives up the reserve for the second. */
static int remove_even_when_full(const struct request *req, removal_fn *take_out, struct err *e)
{
	if (remove_once(req, take_out, e) == 0)
		return 0;
	return e->code == ERR_ARCHIVE_FULL ? remove_once(req, take_out, e) : -1;
}

int removal_run(const struct request *req, removal_fn *take_out, const char *kind,
		struct reply *reply, struct err *e)
{
	struct api *api = api_of(req);
	uint64_t freed = 0;
	struct err later;

	if (remove_even_when_full(req, take_out, e) < 0)
		return -1;
	tell_deleted(api, kind, req->args.id);
	if (archive_collect(api->db, &freed, &later) < 0)
		log_warning("archive: the space of %s %lld is not free yet: %s", kind,
			    (long long)req->args.id, later.text);
	reply_header(reply, "Freed-Bytes", "%" PRIu64, freed);
	reply_empty(reply, HTTP_NO_CONTENT);
	return 0;
}
