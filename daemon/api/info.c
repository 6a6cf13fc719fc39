/* What the daemon says about itself. */
#include "api_impl.h"
#include "auto.h"
#include "clock.h"
#include "handlers.h"
#include "json.h"
#include "meta_store.h"
#include "migrate.h"

/* Tells the page whether to ask for a token, and what it may offer. */
static cJSON *auth(const struct api *api, enum scope scope)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_bool(o, "needed", api->door.needs_token) &&
	    json_text_or_null(o, "scope", scope_name(scope)))
		return TAKE(o);
	return NULL;
}

static cJSON *info(const struct api *api, enum scope scope)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	const uint64_t up_ns = clock_now_ns(clock_real()) - api->started_ns;

	if (o && json_text(o, "name", api->info.name) &&
	    json_text(o, "version", api->info.version) && json_int(o, "api", 1) &&
	    json_int(o, "schema", migrate_newest()) &&
	    json_int(o, "uptime_s", (int64_t)(up_ns / CLOCK_S)) &&
	    json_bool(o, "demo", api->info.demo) && json_child(o, "auth", auth(api, scope)))
		return TAKE(o);
	return NULL;
}

int info_get(struct request *req, struct reply *reply, struct err *e)
{
	struct api *api = api_of(req);
	struct grant grant;

	if (door_look(&api->door, req, &grant, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, info(api, grant.scope), e);
}

/*
 * Everybody may ask, without a token, as often as they like: that must not wear out the disk, nor
 * keep a job waiting. A good answer holds for a second.
 */
static int try_archive(struct api *api, struct err *e)
{
	const uint64_t now = clock_now_ns(clock_real());
	const uint64_t well = atomic_load(&api->well_ns);

	if (well && now - well < CLOCK_S)
		return 0;
	if (meta_try_write(api->db, e) < 0)
		return -1;
	atomic_store(&api->well_ns, now);
	return 0;
}

int health_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (try_archive(api_of(req), e) < 0) {
		e->code = ERR_UNAVAILABLE; /* whatever it is: nothing can be stored */
		return err_prefix(e, "the archive cannot be written: ");
	}
	return json_reply(reply, HTTP_OK, o && json_text(o, "status", "ok") ? TAKE(o) : NULL, e);
}
