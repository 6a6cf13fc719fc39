/* Access tokens, for those who may make them. The shell has the same: flashrigd token. */
#include "token_store.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "clock.h"
#include "handlers.h"
#include "json.h"
#include "paging.h"
#include "read.h"

static cJSON *wire_token(const struct token *token)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "id", token->id) && json_text(o, "name", token->name) &&
	    json_text(o, "scope", token_scope_name(token->scope)) &&
	    json_time(o, "created_at", token->created_ms) &&
	    json_time(o, "revoked_at", token->revoked_ms))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_tokens(const struct token *tokens, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire_token(&tokens[i])))
			return NULL;
	return TAKE(array);
}

int tokens_list(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct token *tokens = NULL;
	struct paging paging;
	struct page page;

	if (paging_read(req, &paging, e) < 0)
		return -1;
	page = (struct page){ .max = (size_t)paging.limit };
	tokens = calloc(page.max, sizeof *tokens);
	if (!tokens)
		return err_set(e, ERR_MEMORY, "out of memory for a list of tokens");
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);
	if (token_list_all(&tx, paging.before, tokens, &page, e) < 0)
		return -1;
	return json_reply_list(reply, "tokens", wire_tokens(tokens, page.n), page.next, e);
}

/* ---- a new one */

struct wish {
	char name[TOKEN_NAME], scope[16];
};

static int read_wish(const struct request *req, struct token *token, struct err *e)
{
	static const struct field fields[] = {
		{ "name", read_text, offsetof(struct wish, name), TOKEN_NAME },
		{ "scope", read_text, offsetof(struct wish, scope),
		  sizeof((struct wish *)0)->scope },
	};
	AUTO(auto_json) cJSON *json = NULL;
	struct wish wish = { .name = "" };

	if (read_json(req->body, req->body_len, api_of(req)->info.json_depth, &json, e) < 0 ||
	    read_fields(json, fields, ARRAY_LEN(fields), &wish, e) < 0 ||
	    token_name_check(wish.name, e) < 0)
		return -1;
	if (token_scope_parse(wish.scope, &token->scope) < 0)
		return err_set(e, ERR_BAD_INPUT, "scope: one of read, operate, admin is wanted");
	memcpy(token->name, wish.name, sizeof token->name);
	return 0;
}

static int make(struct db *db, struct token *token, char text[TOKEN_TEXT], struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	if (token_add(&tx, token->name, token->scope, text, e) < 0 ||
	    token_get(&tx, tx_last_id(&tx), token, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int tokens_post(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_json) cJSON *o = NULL;
	char text[TOKEN_TEXT];
	struct token token;

	if (read_wish(req, &token, e) < 0 || make(api_of(req)->db, &token, text, e) < 0)
		return -1;
	request_note(req, "token %s added (%s)", token.name, token_scope_name(token.scope));
	o = wire_token(&token);
	return json_reply(reply, HTTP_CREATED, o && json_text(o, "token", text) ? TAKE(o) : NULL,
			  e);
}

/* ---- one less */

/* Nobody saws off the branch that he sits on, with everybody else on it. */
static int check_last(struct tx *tx, const struct token *token, struct err *e)
{
	int64_t admins;

	if (token->scope != TOKEN_ADMIN || token->revoked_ms >= 0)
		return 0;
	if (token_count(tx, TOKEN_ADMIN, &admins, e) < 0)
		return -1;
	if (admins > 1)
		return 0;
	err_set(e, ERR_CONFLICT, "this is the last token of an admin");
	return err_hint(e, "Make another one first; or, on the rig: flashrigd token revoke %s.",
			token->name);
}

static int take_back(const struct request *req, struct token *token, struct err *e)
{
	const struct api *api = api_of(req);
	AUTO(tx_end) struct tx tx = tx_begin(api->db);

	if (token_get(&tx, req->args.id, token, e) < 0 ||
	    (api->door.needs_token && check_last(&tx, token, e) < 0) ||
	    token_revoke_id(&tx, token->id, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int tokens_delete(struct request *req, struct reply *reply, struct err *e)
{
	struct token token;

	if (take_back(req, &token, e) < 0)
		return -1;
	request_note(req, "token %s revoked", token.name);
	reply_empty(reply, HTTP_NO_CONTENT);
	return 0;
}
