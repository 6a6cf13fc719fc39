/*
 * `flashrigd token ...`: access tokens from the shell. Works on the archive beside a running
 * daemon, which asks it for every request: what is done here holds at once.
 */
#pragma once

#include "err.h"
#include "token_store.h"

enum token_verb { TOKEN_CMD_NONE, TOKEN_CMD_ADD, TOKEN_CMD_LIST, TOKEN_CMD_REVOKE };

struct token_cmd {
	enum token_verb verb;
	const char *name; /* borrowed; NULL for a list */
	enum token_scope scope;
};

/* The n words behind "token", and what --scope said (NULL: nothing). ERR_BAD_INPUT. */
int token_cmd_parse(char *const *words, int n, const char *scope, struct token_cmd *cmd,
		    struct err *e) MUST_CHECK;

/*
 * Does it in the archive at path, which it makes where there is none. What it answers goes to
 * standard output: a new token alone on a line, or a line for each of a list.
 */
int token_cmd_run(const struct token_cmd *cmd, const char *path, struct err *e) MUST_CHECK;
