/*
 * The daemon's API over HTTP. One connection that is kept; used by one thread. Paths begin behind
 * /api/v1. Everything blocks until the answer is there; a daemon that cannot be reached is
 * ERR_OFFLINE, an answer that is an error has the daemon's code, message and hint.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"

#define CLIENT_URL "http://127.0.0.1:8471" /* the daemon's own default */

struct client;

/* Strings are borrowed for client_new() alone; NULL where there is nothing to say. */
struct client_config {
	const char *url;
	const char *token;  /* sent as Authorization: Bearer */
	const char *cacert; /* a PEM file with what to trust over https */
	bool insecure;      /* https without looking at the certificate */
};

struct client *client_new(const struct client_config *config, struct err *e) MUST_CHECK;
void client_free(struct client *client); /* accepts NULL */
static inline void auto_client_free(struct client **client)
{
	client_free(*client);
}
static inline void auto_cjson(cJSON **json)
{
	cJSON_Delete(*json);
}

/*
 * Sends body (takes; NULL: none) and parses what comes back: *answer is the caller's, NULL where
 * the answer has no body. answer may be NULL: it is thrown away.
 */
int client_ask(struct client *client, const char *method, const char *path, cJSON *body,
	       cJSON **answer, struct err *e) MUST_CHECK;

/*
 * A POST that must not happen twice, as client_ask(): when the connection breaks before the answer
 * is there it is sent again, with the same Idempotency-Key.
 */
int client_ask_once(struct client *client, const char *path, cJSON *body, cJSON **answer,
		    struct err *e) MUST_CHECK;

/* An answer that is text. *text is from malloc. */
int client_text(struct client *client, const char *path, char **text, struct err *e) MUST_CHECK;

/* Where the bytes of an answer go. */
struct client_sink {
	int (*write)(struct client_sink *sink, const void *bytes, size_t len, struct err *e);
};

/* What the headers of a download said; "" where they said nothing. */
struct client_meta {
	char etag[80];       /* without quotes */
	char file_name[256]; /* no folders in it */
};

/* meta is filled before the first byte goes into the sink. */
int client_download(struct client *client, const char *path, struct client_sink *sink,
		    struct client_meta *meta, struct err *e) MUST_CHECK;

/* Like it, for a stream that never ends by itself: stops when the sink fails, or after 45 s of silence. */
int client_follow(struct client *client, const char *path, const char *last_id,
		  struct client_sink *sink, struct err *e) MUST_CHECK;

/* POSTs size bytes of file as application/octet-stream. */
int client_upload(struct client *client, const char *path, FILE *file, uint64_t size,
		  cJSON **answer, struct err *e) MUST_CHECK;

/* Asked now and then while a transfer is on its way; true ends it as ERR_INTERRUPTED. NULL: never. */
void client_set_stop(struct client *client, bool (*stop)(void *ctx), void *ctx);

/* Another one for the same daemon, with a connection of its own. */
struct client *client_twin(const struct client *client, struct err *e) MUST_CHECK;

/* True when the last failure was an answer of the daemon, not something here. */
bool client_was_refused(const struct client *client);

/* Appends "?name=value" or "&name=value", escaped; a path that would not fit is cut and refused by the daemon. */
void client_query(char *path, size_t size, const char *name, const char *value);
