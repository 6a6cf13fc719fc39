#include "trail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "handlers.h"
#include "json.h"
#include "paging.h"

/* ---- a request becomes an entry */

static bool is_login(const struct request *req)
{
	return req->route->scope == SCOPE_NONE && req->method == HTTP_POST;
}

/* A token that is not known or does not do, not a visitor without one. */
static bool is_refusal(const struct request *req, const struct err *why)
{
	if (!why)
		return false;
	switch ((int)why->code) {
	case ERR_FORBIDDEN: return door_was_tried(req);
	case ERR_UNAUTHORIZED:
	case ERR_TOO_MANY: /* a full queue is none */
		return is_login(req) || (door_was_tried(req) && !req->grant.scope);
	}
	return false;
}

/* A session that has ended is no refusal: pages that were left open come again and again. */
static bool is_old_page(const struct request *req, const struct err *why)
{
	return why->code == ERR_UNAUTHORIZED && !request_header(req, "Authorization") &&
	       !is_login(req);
}

static bool is_change(const struct request *req)
{
	return req->method != HTTP_GET && req->route->scope >= SCOPE_OPERATE &&
	       req->grant.scope >= req->route->scope;
}

/* Paths are what clients send: only what can be seen is kept. */
static void copy_path(char path[TRAIL_PATH], const char *from)
{
	size_t at = 0;

	for (; from[at] && at < TRAIL_PATH - 1; at++)
		path[at] = (char)(from[at] > ' ' && from[at] < 0x7f ? from[at] : '?');
	path[at] = '\0';
}

/* Without words of its own: what it made, or why not. */
static void say_what(const struct request *req, const struct reply *reply, const struct err *why,
		     char what[TRAIL_WHAT])
{
	const char *made = why ? NULL : reply_header_get(reply, "Location");

	if (req->what[0])
		snprintf(what, TRAIL_WHAT, "%s%s%s", req->what, why ? ": " : "",
			 why ? err_name(why->code) : "");
	else
		snprintf(what, TRAIL_WHAT, "%s", why ? err_name(why->code) : (made ? made : ""));
}

void trail_answered(struct api *api, const struct request *req, const struct reply *reply,
		    const struct err *why)
{
	struct trail trail = { .status = (int)reply->status, .token = req->grant.token };

	if (!req->route)
		return;
	trail.refused = is_refusal(req, why);
	if (trail.refused ? is_old_page(req, why) : !req->what[0] && !is_change(req))
		return;
	snprintf(trail.address, sizeof trail.address, "%s", req->peer);
	snprintf(trail.method, sizeof trail.method, "%s", http_method_name(req->method));
	copy_path(trail.path, req->path);
	say_what(req, reply, why, trail.what);
	scribe_note(&api->scribe, &trail);
}

/* ---- entries, as they are shown */

static bool add_request(cJSON *o, const struct trail *t)
{
	return json_text_or_null(o, "method", t->method) && json_text_or_null(o, "path", t->path) &&
	       json_int_or_null(o, "status", t->status ? t->status : -1);
}

static cJSON *wire_trail(const struct trail *t)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "id", t->id) && json_time(o, "at", t->at_ms) &&
	    json_text_or_null(o, "who", t->who) && json_text_or_null(o, "address", t->address) &&
	    add_request(o, t) && json_bool(o, "refused", t->refused) &&
	    json_text(o, "what", t->what))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_trails(const struct trail *trails, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire_trail(&trails[i])))
			return NULL;
	return TAKE(array);
}

int trail_get(struct request *req, struct reply *reply, struct err *e)
{
	struct api *api = api_of(req);
	AUTO(auto_free) struct trail *trails = NULL;
	struct paging paging;
	struct page page;

	if (paging_read(req, &paging, e) < 0)
		return -1;
	scribe_flush(&api->scribe);
	page = (struct page){ .max = (size_t)paging.limit };
	trails = calloc(page.max, sizeof *trails);
	if (!trails)
		return err_set(e, ERR_MEMORY, "out of memory for the audit log");
	AUTO(tx_end) struct tx tx = tx_begin_read(api->db);
	if (trail_list(&tx, paging.before, trails, &page, e) < 0)
		return -1;
	return json_reply_list(reply, "entries", wire_trails(trails, page.n), page.next, e);
}
