#include "house.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "api.h"
#include "auto.h"
#include "guard.h"
#include "hub.h"
#include "log.h"
#include "meta_store.h"
#include "rig.h"
#include "server.h"
#include "settings.h"

/* Events per start: far more than a daemon publishes, and 2^53 (what JavaScript counts to) holds nine million starts. */
#define EVENTS_PER_START 1000000000u

struct house {
	const struct config *config; /* borrowed */
	struct settings settings;
	struct guard guard;
	struct db db;
	bool has_db;
	struct boards boards;
	struct hub *hub;
	struct rig *rig;
	struct api *api;
	struct http_server *server;
};

static void auto_house_close(struct house **house)
{
	house_close(*house);
}

void house_archive(const struct config *config, const char *data, char path[HOUSE_PATH])
{
	if (data)
		snprintf(path, HOUSE_PATH, "%s/archive.db", data);
	else
		snprintf(path, HOUSE_PATH, "%s", config->archive);
}

static int open_archive(struct house *h, const char *data, struct err *e)
{
	char path[HOUSE_PATH];

	house_archive(h->config, data, path);
	if (db_open(&h->db, path, e) < 0)
		return -1;
	h->has_db = true;
	return guard_take(&h->guard, path, e);
}

static int count_start(struct db *db, int64_t *starts, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return meta_count_start(&tx, starts, e) < 0 ? -1 : tx_commit(&tx, e);
}

/* A full disk refuses the first try, which gives up the reserve for the second. */
static int count_start_even_when_full(struct db *db, int64_t *starts, struct err *e)
{
	if (count_start(db, starts, e) == 0)
		return 0;
	return e->code == ERR_ARCHIVE_FULL ? count_start(db, starts, e) : -1;
}

/* The id of this start's first event: higher than all of the starts before. */
static int open_hub(struct house *h, struct err *e)
{
	int64_t starts;

	if (count_start_even_when_full(&h->db, &starts, e) < 0)
		return err_prefix(e, "archive: ");
	h->hub = hub_new((uint64_t)starts * EVENTS_PER_START, e);
	return h->hub ? 0 : -1;
}

static int open_rig(struct house *h, const char *data, struct err *e)
{
	const struct rig_limits limits = { .queued = h->config->max_queued,
					   .log_bytes = h->config->job_log,
					   .check_every_ms = h->config->check_every_ms };
	AUTO(auto_free)
	struct rig_slot *slots = calloc(h->config->n_slots + 1, sizeof *slots);

	if (!slots)
		return err_set(e, ERR_MEMORY, "no memory for %zu slots", h->config->n_slots);
	if (boards_open(&h->boards, h->config, data, slots, e) < 0)
		return -1;
	h->rig = rig_new(&h->db, slots, h->config->n_slots, &limits, e);
	return h->rig ? 0 : -1;
}

static int open_api(struct house *h, bool demo, struct err *e)
{
	struct api_info info = { .name = h->config->name,
				 .version = FLASHRIG_VERSION,
				 .demo = demo,
				 .max_upload = h->config->http.max_upload,
				 .check_every_ms = h->config->check_every_ms,
				 .json_depth = h->config->http.json_depth,
				 .needs_token = access_needs_token(&h->config->http) };

	if (settings_init(&h->settings, h->config, db_path(&h->db), e) < 0)
		return -1;
	info.settings = h->settings.all;
	info.n_settings = h->settings.n;
	h->api = api_new(h->rig, &h->db, h->hub, &info, e);
	if (!h->api)
		return -1;
	rig_observe(h->rig, api_observer(h->api));
	return rig_start(h->rig, e);
}

/* The names of the configuration, one string apart. */
static size_t split_names(char *text, const char **names, size_t max)
{
	size_t n = 0;
	char *rest = NULL;

	for (char *name = strtok_r(text, " ", &rest); name && n < max;
	     name = strtok_r(NULL, " ", &rest))
		names[n++] = name;
	return n;
}

static int open_door(struct house *h, struct err *e)
{
	const struct config_http *http = &h->config->http;
	char text[CONFIG_TEXT];
	char proxy[CONFIG_TEXT];
	const char *names[CONFIG_TEXT / 2], *proxies[CONFIG_TEXT / 2];
	struct http_config config = { .host = http->listen.host,
				      .port = http->listen.port,
				      .names = names,
				      .limits = http_limits_default() };

	snprintf(text, sizeof text, "%s", http->names);
	config.n_names = split_names(text, names, ARRAY_LEN(names));
	snprintf(proxy, sizeof proxy, "%s", http->proxy);
	config.proxies = proxies;
	config.n_proxies = split_names(proxy, proxies, ARRAY_LEN(proxies));
	config.tls_cert = http->tls_cert[0] ? http->tls_cert : NULL;
	config.tls_key = http->tls_key;
	config.limits.json_body = http->max_json_body;
	config.limits.upload = http->max_upload;
	config.limits.headers = http->max_headers;
	config.limits.connections = http->max_connections;
	config.limits.per_address = http->max_per_address;
	config.limits.streams = http->max_streams;
	config.limits.head_ms = (unsigned)http->head_timeout_ms;
	config.limits.body_rate = (unsigned)http->min_body_rate;
	h->server = http_server_open(&config, api_app(h->api), e);
	return h->server ? 0 : -1;
}

/* Without room on the disk the daemon still serves those who have a token. */
static void hand_out_first_token(struct house *h)
{
	struct err e;

	if (access_needs_token(&h->config->http) && access_first_token(&h->db, &e) < 0)
		log_error("%s%s%s", e.text, e.hint[0] ? "; " : "", e.hint);
}

struct house *house_open(const struct config *config, const char *data, bool demo, struct err *e)
{
	AUTO(auto_house_close) struct house *h = calloc(1, sizeof *h);

	if (!h) {
		err_set(e, ERR_MEMORY, "no memory for a house");
		return NULL;
	}
	h->config = config;
	h->guard.fd = -1;
	if (open_archive(h, data, e) < 0 || open_hub(h, e) < 0 || open_rig(h, data, e) < 0 ||
	    open_api(h, demo, e) < 0 || open_door(h, e) < 0)
		return NULL;
	hand_out_first_token(h);
	return TAKE(h);
}

const char *house_address(const struct house *house)
{
	return http_server_address(house->server);
}

void house_close(struct house *house)
{
	if (!house)
		return;
	http_server_close(house->server);
	rig_free(house->rig);
	api_free(house->api);
	settings_done(&house->settings);
	hub_free(house->hub);
	boards_done(&house->boards);
	if (house->has_db)
		db_close(&house->db);
	guard_release(&house->guard);
	free(house);
}
