#include "door.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auto.h"
#include "clock.h"
#include "token_store.h"

#define COOKIE    "flashrig"
#define COOKIE_AT "; Path=/; HttpOnly; SameSite=Strict"

void door_init(struct door *door, struct db *db, bool needs_token)
{
	door->db = db;
	door->needs_token = needs_token;
	sessions_init(&door->sessions);
	tries_init(&door->tries);
}

void door_done(struct door *door)
{
	sessions_done(&door->sessions);
	tries_done(&door->tries);
}

static uint64_t now_ns(void)
{
	return clock_now_ns(clock_real());
}

/* ---- what a request shows */

/* The text behind "Bearer"; NULL when there is none. */
static const char *bearer(const struct request *req)
{
	const char *text = request_header(req, "Authorization");

	if (!text || strncasecmp(text, "Bearer ", 7) != 0)
		return NULL;
	return text + 7 + strspn(text + 7, " ");
}

/* "a=b; flashrig=VALUE; c=d". Longer values are none of ours. */
static bool cookie(const struct request *req, char value[SESSION_TEXT])
{
	const char *at = request_header(req, "Cookie");

	for (; at && *at; at += *at == ';') {
		const size_t name = strlen(COOKIE "=");
		size_t len;

		at += strspn(at, " ");
		len = strcspn(at, ";");
		if (!strncmp(at, COOKIE "=", name) && len - name == SESSION_TEXT - 1) {
			memcpy(value, at + name, SESSION_TEXT - 1);
			value[SESSION_TEXT - 1] = '\0';
			return true;
		}
		at += len;
	}
	return false;
}

bool door_was_tried(const struct request *req)
{
	char value[SESSION_TEXT];

	return bearer(req) || cookie(req, value);
}

/* ---- what it is worth */

static enum scope scope_of(const struct token *token)
{
	switch (token->scope) {
	case TOKEN_READ: return SCOPE_READ;
	case TOKEN_OPERATE: return SCOPE_OPERATE;
	case TOKEN_ADMIN: return SCOPE_ADMIN;
	}
	return SCOPE_NONE;
}

static int not_known(struct err *e)
{
	err_set(e, ERR_UNAUTHORIZED, "this token is not known here");
	return err_hint(e, "Is it complete, and of this rig? flashrigd token list names them all.");
}

static int take_token(const struct token *token, struct grant *grant, struct err *e)
{
	if (token->revoked_ms >= 0) {
		err_set(e, ERR_UNAUTHORIZED, "this token has been revoked");
		return err_hint(e, "Ask whoever runs this rig for another one.");
	}
	*grant = (struct grant){ .scope = scope_of(token), .token = token->id };
	return 0;
}

/* ERR_NOT_FOUND: a guess. One that was revoked is none. */
static int grant_of_text(struct door *door, const char *text, struct grant *grant, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(door->db);
	struct token token;

	if (token_find(&tx, text, &token, e) < 0)
		return -1;
	return take_token(&token, grant, e);
}

static int grant_of_id(struct door *door, int64_t id, struct grant *grant, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(door->db);
	struct token token;

	if (token_get(&tx, id, &token, e) < 0)
		return e->code == ERR_NOT_FOUND ? not_known(e) : -1;
	return take_token(&token, grant, e);
}

static int nothing_shown(bool had_cookie, struct err *e)
{
	if (had_cookie) {
		err_set(e, ERR_UNAUTHORIZED, "the session has ended");
		return err_hint(e, "Log in again.");
	}
	err_set(e, ERR_UNAUTHORIZED, "an access token is needed");
	return err_hint(e, "Log in with the page, or send \"Authorization: Bearer TOKEN\". On the "
			   "rig, flashrigd token add NAME --scope read makes one.");
}

static int grant_of(struct door *door, const struct request *req, struct grant *grant,
		    struct err *e)
{
	const char *text = bearer(req);
	char value[SESSION_TEXT];
	const bool has_cookie = !text && cookie(req, value);
	int64_t id = SESSION_NOBODY;

	if (!door->needs_token) {
		*grant = (struct grant){ .scope = SCOPE_ADMIN };
		return 0;
	}
	if (text)
		return grant_of_text(door, text, grant, e);
	if (has_cookie)
		id = sessions_find(&door->sessions, value, now_ns());
	if (id == SESSION_NOBODY)
		return nothing_shown(has_cookie, e);
	return grant_of_id(door, id, grant, e);
}

/* ---- wrong ones */

static int too_many(struct err *e)
{
	err_set(e, ERR_TOO_MANY, "too many wrong tokens from this address");
	return err_hint(e, "Wait a minute.");
}

/*
 * Called for a token that is not known: says so, or after too many that it is enough. Who has a
 * valid token is not kept out by a neighbour (behind the same proxy) who guesses.
 */
static int count_wrong(struct door *door, const struct request *req, struct err *e)
{
	const uint64_t now = now_ns();

	if (tries_must_wait(&door->tries, req->peer, now))
		return too_many(e);
	tries_wrong(&door->tries, req->peer, now);
	return not_known(e);
}

/* ---- in and out */

static int too_small(enum scope needed, enum scope has, const char *what, struct err *e)
{
	err_set(e, ERR_FORBIDDEN, "%s needs the scope \"%s\", this token has \"%s\"", what,
		scope_name(needed), scope_name(has));
	return err_hint(e, "On the rig, flashrigd token add NAME --scope %s makes one that may.",
			scope_name(needed));
}

int door_need(const struct request *req, enum scope needed, const char *what, struct err *e)
{
	if (req->grant.scope >= needed)
		return 0;
	return too_small(needed, req->grant.scope, what, e);
}

int door_authorize(struct door *door, const struct request *req, enum scope needed,
		   struct grant *granted, struct err *e)
{
	struct grant grant = { .scope = SCOPE_NONE };

	if (grant_of(door, req, &grant, e) < 0)
		return e->code == ERR_NOT_FOUND ? count_wrong(door, req, e) : -1;
	*granted = grant;
	return grant.scope < needed ? too_small(needed, grant.scope, "this", e) : 0;
}

int door_look(struct door *door, const struct request *req, struct grant *granted, struct err *e)
{
	struct grant grant = { .scope = SCOPE_NONE };

	if (grant_of(door, req, &grant, e) < 0 && e->code != ERR_UNAUTHORIZED &&
	    e->code != ERR_NOT_FOUND)
		return -1;
	*granted = grant;
	return 0;
}

bool door_still_granted(struct door *door, const struct grant *granted)
{
	struct grant now;
	struct err e;

	return !door->needs_token || grant_of_id(door, granted->token, &now, &e) == 0;
}

/* ---- sessions */

/* One that came over TLS never goes out without. */
static void give_cookie(const struct request *req, struct reply *reply, const char *value,
			unsigned seconds)
{
	reply_header(reply, "Set-Cookie", COOKIE "=%s" COOKIE_AT "; Max-Age=%u%s", value, seconds,
		     req->secure ? "; Secure" : "");
}

int door_log_in(struct door *door, struct request *req, const char *token, struct reply *reply,
		struct err *e)
{
	const uint64_t now = now_ns();
	struct grant grant = { .scope = SCOPE_NONE };
	char text[SESSION_TEXT], before[SESSION_TEXT];

	if (tries_must_wait(&door->tries, req->peer, now))
		return too_many(e);
	if (grant_of_text(door, token, &grant, e) < 0)
		return e->code == ERR_NOT_FOUND ? count_wrong(door, req, e) : -1;
	if (sessions_add(&door->sessions, grant.token, now, text, e) < 0)
		return -1;
	if (cookie(req, before)) /* nobody is logged in twice, or as somebody else any more */
		sessions_remove(&door->sessions, before);
	give_cookie(req, reply, text, SESSION_DAYS * 24 * 3600);
	req->grant = grant;
	return 0;
}

void door_log_out(struct door *door, const struct request *req, struct reply *reply)
{
	char value[SESSION_TEXT];

	if (cookie(req, value))
		sessions_remove(&door->sessions, value);
	give_cookie(req, reply, "", 0);
}
