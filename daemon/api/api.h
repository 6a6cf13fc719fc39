/*
 * What the rig can be asked: the resources of /api/v1, the page, and the events. Turns requests
 * into calls of the rig and the archive, and what they say into JSON.
 */
#pragma once

#include <stdbool.h>

#include "db.h"
#include "err.h"
#include "hub.h"
#include "rig.h"
#include "server.h"

struct api;

/* One line of the configuration. */
struct api_setting {
	const char *section;
	const char *slot; /* NULL outside of slots; the same pointer for all of one slot */
	const char *key;
	const char *text; /* NULL: not given, or a number or bool */
	bool is_number, is_bool;
	double number;
};

/* What GET /info and GET /config say. All that is pointed to is borrowed. */
struct api_info {
	const char *name;    /* of this rig */
	const char *version; /* of the program */
	bool demo;
	uint64_t max_upload;                /* bytes of a dump; 0: any */
	uint64_t check_every_ms;            /* 0: the archive is not checked by itself */
	unsigned json_depth;                /* of request bodies: 32; 0 means 32 too */
	bool needs_token;                   /* false: everybody may do everything */
	const struct api_setting *settings; /* sections one after the other, then slots */
	size_t n_settings;
};

/*
 * rig, db and hub are borrowed; info is copied. The rig gets api_observer() before it starts, the
 * server api_app(); both must be gone before api_free(). ERR_MEMORY.
 */
struct api *api_new(struct rig *rig, struct db *db, struct hub *hub, const struct api_info *info,
		    struct err *e) MUST_CHECK;
void api_free(struct api *api); /* accepts NULL */

/* Renders what the rig tells, once, and publishes it to the hub. */
struct rig_observer *api_observer(struct api *api);

struct http_app *api_app(struct api *api);
