/*
 * Who may come in. A request shows a token ("Authorization: Bearer frt_...") or the cookie of a
 * session that a token has opened; the archive is asked each time, so that a token revoked by
 * another process is of no use from then on.
 */
#pragma once

#include <stdbool.h>

#include "db.h"
#include "err.h"
#include "reply.h"
#include "request.h"
#include "sessions.h"
#include "tries.h"

struct door {
	struct db *db;    /* borrowed; never changes */
	bool needs_token; /* false: everybody is an admin; never changes */
	struct sessions sessions;
	struct tries tries;
};

void door_init(struct door *door, struct db *db, bool needs_token);
void door_done(struct door *door);

/*
 * What the request may do. ERR_UNAUTHORIZED without a valid token, ERR_FORBIDDEN when its scope is
 * too small (*granted is then what it has), ERR_TOO_MANY after too many wrong ones from there.
 */
int door_authorize(struct door *door, const struct request *req, enum scope needed,
		   struct grant *granted, struct err *e) MUST_CHECK;

/* The same without a complaint: SCOPE_NONE when it may do nothing. Counts nothing. */
int door_look(struct door *door, const struct request *req, struct grant *granted, struct err *e)
	MUST_CHECK;

/* False when the token is not valid any more, also when that cannot be found out. */
bool door_still_granted(struct door *door, const struct grant *granted);

/*
 * Opens a session with a token; the reply carries its cookie, and req->grant is what it may do.
 * ERR_UNAUTHORIZED, ERR_TOO_MANY.
 */
int door_log_in(struct door *door, struct request *req, const char *token, struct reply *reply,
		struct err *e) MUST_CHECK;

/* True when the request came with a token or a session of whatever worth. */
bool door_was_tried(const struct request *req);

/* Ends the session of the request, if there is one; the reply takes the cookie back. */
void door_log_out(struct door *door, const struct request *req, struct reply *reply);

/* For a part of a request that wants more than its route: ERR_FORBIDDEN names what. */
int door_need(const struct request *req, enum scope needed, const char *what, struct err *e)
	MUST_CHECK;
