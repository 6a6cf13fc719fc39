#include "api.h"

#include <stdlib.h>

#include "api_impl.h"
#include "auto.h"
#include "clock.h"
#include "events.h"
#include "json.h"
#include "routes.h"
#include "strict.h"
#include "trail.h"
#include "wire.h"

static char *error_body(struct http_app *app, const struct err *e)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	(void)app;
	return o && json_child(o, "error", wire_error(e)) ? json_print(TAKE(o)) : NULL;
}

static int authorize(struct http_app *app, const struct request *req, enum scope needed,
		     struct grant *granted, struct err *e)
{
	return door_authorize(&((struct api *)app)->door, req, needed, granted, e);
}

static bool still_granted(struct http_app *app, const struct grant *granted)
{
	return door_still_granted(&((struct api *)app)->door, granted);
}

static void answered(struct http_app *app, const struct request *req, const struct reply *reply,
		     const struct err *why)
{
	struct api *api = (struct api *)app;

	metrics_answered(&api->metrics, req, reply->status);
	trail_answered(api, req, reply, why);
}

static int init(struct api *api, struct err *e)
{
	events_init(api);
	door_init(&api->door, api->db, api->info.needs_token);
	api->started_ns = clock_now_ns(clock_real());
	api->routes = routes_new(&api->http.table.n, e);
	if (!api->routes)
		return -1;
	api->http.table.routes = api->routes;
	api->http.hub = api->hub;
	api->http.error_body = error_body;
	api->http.snapshot = events_snapshot;
	api->http.recent = events_recent;
	api->http.authorize = authorize;
	api->http.still_granted = still_granted;
	api->http.takes_long = routes_take_long;
	api->http.answered = answered;
	if (events_topics(api, e) < 0)
		return -1;
	if (metrics_init(&api->metrics, api->db, e) < 0)
		return -1;
	return scribe_open(&api->scribe, api->db, e);
}

static void auto_api(struct api **api)
{
	api_free(*api);
}

struct api *api_new(struct rig *rig, struct db *db, struct hub *hub, const struct api_info *info,
		    struct err *e)
{
	AUTO(auto_api) struct api *api = calloc(1, sizeof *api);

	if (!api) {
		err_set(e, ERR_MEMORY, "api: out of memory");
		return NULL;
	}
	api->rig = rig;
	api->db = db;
	api->hub = hub;
	api->info = *info;
	search_init(&api->search);
	if (!api->info.max_upload)
		api->info.max_upload = UINT64_MAX;
	if (!api->info.json_depth)
		api->info.json_depth = STRICT_DEPTH;
	return init(api, e) < 0 ? NULL : TAKE(api);
}

void api_free(struct api *api)
{
	if (!api)
		return;
	scribe_close(&api->scribe);
	metrics_done(&api->metrics);
	search_done(&api->search);
	door_done(&api->door);
	free(api->routes);
	free(api->topic);
	free(api);
}

struct rig_observer *api_observer(struct api *api)
{
	return &api->observer;
}

struct http_app *api_app(struct api *api)
{
	return &api->http;
}
