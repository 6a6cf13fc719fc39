/*
 * What a client shows at the door: an Authorization and a Cookie header, a token in a login, and an
 * X-Forwarded-For. Whatever it is, nobody gets in, and nothing is worse than a clear no.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "door.h"
#include "forwarded.h"
#include "token_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A door with one token that nobody knows, in an archive that goes with the process. */
static struct {
	struct db db;
	struct door door;
	char text[TOKEN_TEXT];
} house;

static int open_house(struct err *e)
{
	char dir[] = "/tmp/fuzz_door.XXXXXX", path[64], command[64];

	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/archive.db", dir);
	if (db_open(&house.db, path, e) < 0)
		return -1;
	snprintf(command, sizeof command, "rm -r %s", dir);
	(void)!system(command);
	door_init(&house.door, &house.db, true);

	AUTO(tx_end) struct tx tx = tx_begin(&house.db);
	return token_add(&tx, "nobody", TOKEN_ADMIN, house.text, e) < 0 ? -1 : tx_commit(&tx, e);
}

/* The three headers, one line of the input each. */
struct visitor {
	struct request req; /* first */
	const char *authorization, *cookie, *forwarded;
};

static const char *header_of(const struct request *req, const char *name)
{
	const struct visitor *v = (const struct visitor *)req;

	if (!strcmp(name, "Authorization"))
		return v->authorization;
	return !strcmp(name, "Cookie") ? v->cookie : NULL;
}

static void look_behind(const char *value)
{
	char peer[PEER_TEXT] = "as it was";

	if (value && !forwarded_peer(value, peer) && strcmp(peer, "as it was") != 0)
		abort();
	if (!memchr(peer, '\0', sizeof peer))
		abort();
}

static void knock(struct visitor *v, const char *token)
{
	struct reply reply = { .status = 0 };
	struct grant grant = { .scope = SCOPE_NONE };
	struct err e = { 0 };

	if (door_authorize(&house.door, &v->req, SCOPE_READ, &grant, &e) == 0 || grant.scope ||
	    (e.code != ERR_UNAUTHORIZED && e.code != ERR_TOO_MANY))
		abort();
	if (door_look(&house.door, &v->req, &grant, &e) < 0 || grant.scope)
		abort();
	(void)door_was_tried(&v->req);
	if (token && door_log_in(&house.door, &v->req, token, &reply, &e) == 0)
		abort();
	door_log_out(&house.door, &v->req, &reply);
	reply_clear(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(auto_free) char *text = malloc(size + 1);
	struct visitor v = { .req = { .peer = "192.0.2.7", .header = header_of } };
	char *rest = text;
	struct err e;

	if (!text || (!house.text[0] && open_house(&e) < 0))
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (strstr(text, house.text + 4))
		return 0;
	v.authorization = strsep(&rest, "\n");
	v.cookie = strsep(&rest, "\n");
	v.forwarded = strsep(&rest, "\n");
	look_behind(v.forwarded);
	knock(&v, rest);
	return 0;
}
