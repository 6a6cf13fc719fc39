/*
 * Access tokens: who may do what over HTTP. Only the SHA-256 of a token is stored, so what the
 * archive holds opens no door. A revoked token stays as a row, so that it is told from a guess.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "db.h"

#define TOKEN_NAME 64   /* bytes of a name, with NUL: letters, digits, - _ and dots */
#define TOKEN_MAX  1000 /* valid ones */
#define TOKEN_TEXT 69   /* "frt_", 64 hex digits, NUL */

/* Each may do what the one before it may. The names are stored, and part of the contract. */
enum token_scope { TOKEN_READ, TOKEN_OPERATE, TOKEN_ADMIN };

const char *token_scope_name(enum token_scope scope);
int token_scope_parse(const char *name, enum token_scope *scope) MUST_CHECK; /* -1: there is none */

struct token {
	int64_t id;
	char name[TOKEN_NAME];
	enum token_scope scope;
	int64_t created_ms, revoked_ms; /* revoked_ms is -1 while it is valid */
};

/* ERR_BAD_INPUT for a name that is none. */
int token_name_check(const char *name, struct err *e) MUST_CHECK;

/*
 * Makes a token of 32 random bytes and adds it. text is the only copy: it can never be read again.
 * ERR_BAD_INPUT for a name that is none; ERR_CONFLICT when a valid token has the name;
 * ERR_TOO_MANY when there are TOKEN_MAX. tx_last_id() is its id.
 */
int token_add(struct tx *tx, const char *name, enum token_scope scope, char text[TOKEN_TEXT],
	      struct err *e) MUST_CHECK;

/* What a client presents, of any length. ERR_NOT_FOUND; a revoked one is found. */
int token_find(struct tx *tx, const char *text, struct token *token, struct err *e) MUST_CHECK;

/* ERR_NOT_FOUND; a revoked one is found. */
int token_get(struct tx *tx, int64_t id, struct token *token, struct err *e) MUST_CHECK;

/* The valid ones, newest first; before = page->next of the page before, -1 at first. */
int token_list(struct tx *tx, int64_t before, struct token *tokens, struct page *page,
	       struct err *e) MUST_CHECK;

/* The same with the revoked ones. */
int token_list_all(struct tx *tx, int64_t before, struct token *tokens, struct page *page,
		   struct err *e) MUST_CHECK;

/* Ends the valid token of this name, from now on. ERR_NOT_FOUND names it. */
int token_revoke(struct tx *tx, const char *name, struct err *e) MUST_CHECK;

/* Ends this one; nothing happens to one that is revoked already. */
int token_revoke_id(struct tx *tx, int64_t id, struct err *e) MUST_CHECK;

/* How many valid ones may do this much or more. */
int token_count(struct tx *tx, enum token_scope least, int64_t *n, struct err *e) MUST_CHECK;

/* True when at least one is valid. */
int token_any(struct tx *tx, bool *any, struct err *e) MUST_CHECK;
