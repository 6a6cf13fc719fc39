/* What the daemon says about itself. */
#include "api_impl.h"
#include "auto.h"
#include "clock.h"
#include "dump_store.h"
#include "handlers.h"
#include "json.h"
#include "meta_store.h"
#include "migrate.h"

static cJSON *info(const struct api *api)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	const uint64_t up_ns = clock_now_ns(clock_real()) - api->started_ns;

	if (o && json_text(o, "name", api->info.name) &&
	    json_text(o, "version", api->info.version) && json_int(o, "api", 1) &&
	    json_int(o, "schema", migrate_newest()) &&
	    json_int(o, "uptime_s", (int64_t)(up_ns / CLOCK_S)) &&
	    json_bool(o, "demo", api->info.demo))
		return TAKE(o);
	return NULL;
}

int info_get(struct request *req, struct reply *reply, struct err *e)
{
	return json_reply(reply, HTTP_OK, info(api_of(req)), e);
}

static cJSON *totals(const struct archive_totals *t)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "dumps", (int64_t)t->dumps) &&
	    json_int(o, "devices", (int64_t)t->devices) &&
	    json_int(o, "bytes_logical", (int64_t)t->bytes_logical) &&
	    json_int(o, "bytes_stored", (int64_t)t->bytes_stored) &&
	    json_int_or_null(o, "last_check", -1)) /* nothing checks the archive yet */
		return TAKE(o);
	return NULL;
}

int archive_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);
	struct archive_totals t;

	if (archive_totals_get(&tx, &t, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, totals(&t), e);
}

int health_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (meta_try_write(api_of(req)->db, e) < 0) {
		e->code = ERR_UNAVAILABLE; /* whatever it is: nothing can be stored */
		return err_prefix(e, "the archive cannot be written: ");
	}
	return json_reply(reply, HTTP_OK, o && json_text(o, "status", "ok") ? TAKE(o) : NULL, e);
}
