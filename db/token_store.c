#include "token_store.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "auto.h"
#include "clock.h"
#include "hash.h"

#define PREFIX       "frt_" /* so that a token is known for one where it should not be */
#define RANDOM_BYTES 32
#define NAME_CHARS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

static const char *const scopes[] = {
	[TOKEN_READ] = "read",
	[TOKEN_OPERATE] = "operate",
	[TOKEN_ADMIN] = "admin",
};

const char *token_scope_name(enum token_scope scope)
{
	return scopes[scope];
}

int token_scope_parse(const char *name, enum token_scope *scope)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		if (strcmp(scopes[i], name) != 0)
			continue;
		*scope = (enum token_scope)i;
		return 0;
	}
	return -1;
}

int token_name_check(const char *name, struct err *e)
{
	const size_t len = strlen(name);

	if (len > 0 && len < TOKEN_NAME && name[0] != '-' && strspn(name, NAME_CHARS) == len)
		return 0;
	return err_set(e, ERR_BAD_INPUT,
		       "\"%.80s\" is no name for a token: 1 to %d letters, digits, - _ and dots, "
		       "not beginning with -",
		       name, TOKEN_NAME - 1);
}

static int make_text(char text[TOKEN_TEXT], struct err *e)
{
	uint8_t bytes[RANDOM_BYTES];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return err_set(e, ERR_IO, "no random numbers for a token");
	memcpy(text, PREFIX, sizeof PREFIX);
	hash_hex(bytes, sizeof bytes, text + sizeof PREFIX - 1);
	return 0;
}

/* The id of the valid token of this name; -1 when there is none. */
static int find_name(struct tx *tx, const char *name, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id FROM token WHERE name = ? AND revoked_ms IS NULL");
	int64_t found = -1;

	stmt_text(&s, name);
	if (stmt_row(&s))
		found = stmt_col_int(&s, "id");
	if (stmt_end(&s, e) < 0)
		return -1;
	*id = found;
	return 0;
}

static int check_free(struct tx *tx, const char *name, struct err *e)
{
	int64_t id;

	if (find_name(tx, name, &id, e) < 0)
		return -1;
	if (id < 0)
		return 0;
	err_set(e, ERR_CONFLICT, "there is a token \"%s\" already", name);
	return err_hint(e, "revoke it first, or take another name");
}

static int check_room(struct tx *tx, struct err *e)
{
	int64_t n;

	if (token_count(tx, TOKEN_READ, &n, e) < 0)
		return -1;
	if (n < TOKEN_MAX)
		return 0;
	err_set(e, ERR_TOO_MANY, "there are %d tokens already", TOKEN_MAX);
	return err_hint(e, "Revoke those that nobody uses.");
}

static int insert(struct tx *tx, const char *name, enum token_scope scope, const char *text,
		  struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO token (name, scope, sha256, created_ms)"
				     " VALUES (?, ?, ?, ?)");
	uint8_t sha256[HASH_SHA256_LEN];

	hash_sha256_of(text, strlen(text), sha256);
	stmt_text(&s, name);
	stmt_text(&s, scopes[scope]);
	stmt_blob(&s, sha256, sizeof sha256);
	stmt_int(&s, clock_wall_ms());
	return stmt_end(&s, e);
}

int token_add(struct tx *tx, const char *name, enum token_scope scope, char text[TOKEN_TEXT],
	      struct err *e)
{
	char made[TOKEN_TEXT];

	if (token_name_check(name, e) < 0 || check_free(tx, name, e) < 0 || check_room(tx, e) < 0 ||
	    make_text(made, e) < 0 || insert(tx, name, scope, made, e) < 0)
		return -1;
	memcpy(text, made, sizeof made);
	return 0;
}

/* A scope that is not known (only a damaged file has one) allows the least. */
static void read_token(struct stmt *s, struct token *token)
{
	*token = (struct token){ .id = stmt_col_int(s, "id"),
				 .scope = TOKEN_READ,
				 .created_ms = stmt_col_int(s, "created_ms"),
				 .revoked_ms = stmt_col_int_or_null(s, "revoked_ms") };
	stmt_copy_text(s, "name", token->name, sizeof token->name);
	(void)!token_scope_parse(stmt_col_text(s, "scope"), &token->scope);
}

static int read_one(struct stmt *s, struct token *token, struct err *e)
{
	if (!stmt_row(s))
		return stmt_end(s, e) < 0 ? -1
					  : err_set(e, ERR_NOT_FOUND, "there is no such token");
	read_token(s, token);
	return stmt_end(s, e);
}

int token_find(struct tx *tx, const char *text, struct token *token, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT * FROM token WHERE sha256 = ?");
	uint8_t sha256[HASH_SHA256_LEN];

	hash_sha256_of(text, strlen(text), sha256);
	stmt_blob(&s, sha256, sizeof sha256);
	return read_one(&s, token, e);
}

int token_get(struct tx *tx, int64_t id, struct token *token, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT * FROM token WHERE id = ?");

	stmt_int(&s, id);
	return read_one(&s, token, e);
}

static int list(struct tx *tx, const char *sql, int64_t before, struct token *tokens,
		struct page *page, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	page_bind_before(&s, before);
	page_bind_limit(page, &s);
	while (page_row(page, &s))
		read_token(&s, &tokens[page->n - 1]);
	return stmt_end(&s, e);
}

int token_list(struct tx *tx, int64_t before, struct token *tokens, struct page *page,
	       struct err *e)
{
	return list(tx,
		    "SELECT * FROM token WHERE revoked_ms IS NULL AND id < ?"
		    " ORDER BY id DESC LIMIT ?",
		    before, tokens, page, e);
}

int token_list_all(struct tx *tx, int64_t before, struct token *tokens, struct page *page,
		   struct err *e)
{
	return list(tx, "SELECT * FROM token WHERE id < ? ORDER BY id DESC LIMIT ?", before, tokens,
		    page, e);
}

int token_revoke_id(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE token SET revoked_ms = ? WHERE id = ?"
				     " AND revoked_ms IS NULL");

	stmt_int(&s, clock_wall_ms());
	stmt_int(&s, id);
	return stmt_end(&s, e);
}

int token_revoke(struct tx *tx, const char *name, struct err *e)
{
	int64_t id;

	if (find_name(tx, name, &id, e) < 0)
		return -1;
	if (id < 0)
		return err_set(e, ERR_NOT_FOUND, "there is no token \"%.80s\"", name);
	return token_revoke_id(tx, id, e);
}

/* A scope's name is compared as text, so each that is enough is asked for. */
int token_count(struct tx *tx, enum token_scope least, int64_t *n, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT count(*) AS n FROM token WHERE revoked_ms IS NULL"
				     " AND scope IN (?, ?, ?)");
	int64_t found = 0;

	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		stmt_text(&s, i < least ? "" : scopes[i]);
	if (stmt_row(&s))
		found = stmt_col_int(&s, "n");
	if (stmt_end(&s, e) < 0)
		return -1;
	*n = found;
	return 0;
}

int token_any(struct tx *tx, bool *any, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT 1 FROM token WHERE revoked_ms IS NULL LIMIT 1");
	const bool found = stmt_row(&s);

	if (stmt_end(&s, e) < 0)
		return -1;
	*any = found;
	return 0;
}
