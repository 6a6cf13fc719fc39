#include "routes.h"

#include <stdlib.h>
#include <string.h>

#include "assets.h"
#include "auto.h"
#include "dump_query.h"
#include "handlers.h"

#define PAGE "limit before"

/* clang-format off */
static const struct route routes[] = {
	{ HTTP_GET,   "/healthz",                     health_get,       SCOPE_NONE,    BODY_NONE, NULL },
	{ HTTP_GET,   "/metrics",                     metrics_get,      SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_GET,   "/",                            page_get,         SCOPE_NONE,    BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/info",               info_get,         SCOPE_NONE,    BODY_NONE, NULL },
	{ HTTP_POST,  API_ROOT "/session",            session_post,     SCOPE_NONE,    BODY_JSON, NULL },
	{ HTTP_DELETE, API_ROOT "/session",           session_delete,   SCOPE_NONE,    BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/openapi.yaml",       openapi_get,      SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/events",             events_get,       SCOPE_READ,    BODY_NONE, NULL },

	{ HTTP_GET,   API_ROOT "/config",             config_get,       SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/tokens",             tokens_list,      SCOPE_ADMIN,   BODY_NONE, PAGE },
	{ HTTP_POST,  API_ROOT "/tokens",             tokens_post,      SCOPE_ADMIN,   BODY_JSON, NULL },
	{ HTTP_DELETE, API_ROOT "/tokens/{id}",       tokens_delete,    SCOPE_ADMIN,   BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/audit",              trail_get,        SCOPE_ADMIN,   BODY_NONE, PAGE },

	{ HTTP_GET,   API_ROOT "/slots",              slots_list,       SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/slots/{name}",       slots_get,        SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_POST,  API_ROOT "/slots/{name}/reset", slots_reset,      SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET,   API_ROOT "/slots/{name}/log",   slots_log,        SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_POST,  API_ROOT "/slots/{name}/sim",   slots_sim,        SCOPE_OPERATE, BODY_JSON, NULL },

	{ HTTP_GET,   API_ROOT "/jobs",               jobs_list,        SCOPE_READ,    BODY_NONE,
	  "slot state type batch " PAGE },
	{ HTTP_POST,  API_ROOT "/jobs",               jobs_post,        SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET,   API_ROOT "/jobs/{id}",          jobs_get,         SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_POST,  API_ROOT "/jobs/{id}/cancel",   jobs_cancel,      SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_POST,  API_ROOT "/jobs/{id}/resume",   jobs_resume,      SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET,   API_ROOT "/jobs/{id}/log",      jobs_log,         SCOPE_READ,    BODY_NONE, NULL },

	{ HTTP_GET,   API_ROOT "/jobs/{id}/bootlog",  jobs_bootlog,     SCOPE_READ,    BODY_NONE, NULL },

	{ HTTP_GET,   API_ROOT "/batches",            batches_list,     SCOPE_READ,    BODY_NONE, PAGE },
	{ HTTP_POST,  API_ROOT "/batches",            batches_post,     SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET,   API_ROOT "/batches/{id}",       batches_get,      SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_POST,  API_ROOT "/batches/{id}/cancel", batches_cancel,  SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_POST,  API_ROOT "/batches/{id}/finish", batches_finish,  SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_POST,  API_ROOT "/batches/{id}/run",   batches_run,      SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET,   API_ROOT "/batches/{id}/report", batches_report,  SCOPE_READ,    BODY_NONE,
	  "format" },

	{ HTTP_GET,   API_ROOT "/archive",            archive_get,      SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_POST,  API_ROOT "/archive/check",      archive_check,    SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET,   API_ROOT "/archive/export",     archive_export,   SCOPE_READ,    BODY_NONE,
	  "dump device all" },
	{ HTTP_POST,  API_ROOT "/archive/import",     archive_import,   SCOPE_OPERATE, BODY_LONG, NULL },
	{ HTTP_GET,   API_ROOT "/dumps",              dumps_list,       SCOPE_READ,    BODY_NONE,
	  DUMP_QUERY "contains " PAGE },
	{ HTTP_POST,  API_ROOT "/dumps",              dumps_post,       SCOPE_OPERATE, BODY_STREAM,
	  "label jedec_id notes created_at" },
	{ HTTP_POST,  API_ROOT "/dumps/lookup",       dumps_lookup,     SCOPE_READ,    BODY_STREAM, NULL },
	{ HTTP_GET,   API_ROOT "/dumps/{id}",         dumps_get,        SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_PATCH, API_ROOT "/dumps/{id}",         dumps_patch,      SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_DELETE, API_ROOT "/dumps/{id}",        dumps_delete,     SCOPE_ADMIN,   BODY_NONE,
	  "force" },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/removal", dump_removal_get, SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/content", dump_content_get, SCOPE_READ,    BODY_NONE,
	  "offset length" },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/analysis", dump_analysis_get, SCOPE_READ,  BODY_NONE,
	  "secrets target at" },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/map",     dump_map_get,     SCOPE_READ,    BODY_NONE,
	  "other" },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/partitions/{name}", dump_partition_get, SCOPE_READ,
	  BODY_NONE, "decoded" },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/find",    dump_find_get,    SCOPE_READ,    BODY_NONE,
	  "contains after" },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/diff/{other}", dump_diff_get, SCOPE_READ,  BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/diff/{other}/bytes", dump_diff_bytes_get, SCOPE_READ,
	  BODY_NONE, "offset length" },
	{ HTTP_GET,   API_ROOT "/dumps/{id}/sidecar", dump_sidecar_get, SCOPE_READ,    BODY_NONE, NULL },

	{ HTTP_GET,   API_ROOT "/images",             images_list,      SCOPE_READ,    BODY_NONE, PAGE },
	{ HTTP_POST,  API_ROOT "/images",             images_post,      SCOPE_OPERATE, BODY_STREAM,
	  "name sha256" },
	{ HTTP_GET,   API_ROOT "/images/{id}",        images_get,       SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_PATCH, API_ROOT "/images/{id}",        images_patch,     SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_DELETE, API_ROOT "/images/{id}",       images_delete,    SCOPE_ADMIN,   BODY_NONE, NULL },
	{ HTTP_GET,   API_ROOT "/images/{id}/content", image_content_get, SCOPE_READ,  BODY_NONE,
	  "offset length" },
	{ HTTP_GET,   API_ROOT "/images/{id}/analysis", image_analysis_get, SCOPE_READ, BODY_NONE,
	  "secrets target at" },
	{ HTTP_GET,   API_ROOT "/images/{id}/partitions/{name}", image_partition_get, SCOPE_READ,
	  BODY_NONE, "decoded" },
	{ HTTP_GET,   API_ROOT "/images/{id}/map",    image_map_get,    SCOPE_READ,    BODY_NONE, NULL },

	{ HTTP_GET,   API_ROOT "/devices",            devices_list,     SCOPE_READ,    BODY_NONE,
	  "q " PAGE },
	{ HTTP_GET,   API_ROOT "/devices/{id}",       devices_get,      SCOPE_READ,    BODY_NONE, NULL },
	{ HTTP_PATCH, API_ROOT "/devices/{id}",       devices_patch,    SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_POST,  API_ROOT "/devices/{id}/merge", devices_merge,    SCOPE_OPERATE, BODY_JSON, NULL },
	{ HTTP_GET,   API_ROOT "/chips",              chips_list,       SCOPE_READ,    BODY_NONE,
	  "q after limit" },
};
/* clang-format on */

/* The description of the API stands under the API, not beside the page. */
static bool is_page(const struct web_asset *asset)
{
	return strcmp(asset->path, "/openapi.yaml") != 0;
}

struct route *routes_new(size_t *n, struct err *e)
{
	size_t assets, at = ARRAY_LEN(routes);
	const struct web_asset *asset = web_assets(&assets);
	struct route *all = calloc(at + assets, sizeof *all);

	if (!all) {
		err_set(e, ERR_MEMORY, "routes: out of memory");
		return NULL;
	}
	memcpy(all, routes, sizeof routes);
	for (size_t i = 0; i < assets; i++)
		if (is_page(&asset[i]))
			all[at++] = (struct route){ .method = HTTP_GET,
						    .pattern = asset[i].path,
						    .handler = page_get };
	*n = at;
	return all;
}

bool routes_take_long(const struct request *req)
{
	static int (*const handlers[])(struct request * req, struct reply * reply,
				       struct err * e) = {
		dump_find_get,      dump_analysis_get,  dump_map_get,  dump_diff_get,
		dump_partition_get, image_analysis_get, image_map_get, image_partition_get,
	};

	for (size_t i = 0; i < ARRAY_LEN(handlers); i++)
		if (req->route->handler == handlers[i])
			return true;
	return req->route->handler == dumps_list && request_query(req, "contains");
}
