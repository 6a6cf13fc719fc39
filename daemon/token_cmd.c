#include "token_cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "auto.h"
#include "clock.h"
#include "trail_store.h"

#define LIST_PAGE 50

/* In the audit log too: the shell is one more door. */
static int note(struct tx *tx, const char *done, const struct token_cmd *cmd, struct err *e)
{
	struct trail trail = { .at_ms = clock_wall_ms(), .who = "command line" };

	if (cmd->verb == TOKEN_CMD_ADD)
		snprintf(trail.what, sizeof trail.what, "token %.64s %s (%s)", cmd->name, done,
			 token_scope_name(cmd->scope));
	else
		snprintf(trail.what, sizeof trail.what, "token %.64s %s", cmd->name, done);
	return trail_add(tx, &trail, e);
}

static int run_add(struct db *db, const struct token_cmd *cmd, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	char text[TOKEN_TEXT];

	if (token_add(&tx, cmd->name, cmd->scope, text, e) < 0 || note(&tx, "added", cmd, e) < 0 ||
	    tx_commit(&tx, e) < 0)
		return -1;
	puts(text);
	return 0;
}

static void print(const struct token *token)
{
	char made[CLOCK_TEXT];

	clock_wall_text(token->created_ms, made);
	printf("%-24s %-8s made %s\n", token->name, token_scope_name(token->scope), made);
}

static int run_list(struct db *db, const struct token_cmd *cmd, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	struct token tokens[LIST_PAGE];
	struct page page = { .next = -1 };

	(void)cmd;
	do {
		page.max = LIST_PAGE;
		if (token_list(&tx, page.next, tokens, &page, e) < 0)
			return -1;
		for (size_t i = 0; i < page.n; i++)
			print(&tokens[i]);
	} while (page.next >= 0);
	return 0;
}

static int run_revoke(struct db *db, const struct token_cmd *cmd, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	if (token_revoke(&tx, cmd->name, e) < 0 || note(&tx, "revoked", cmd, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

static const struct {
	const char *word;
	int words; /* with the verb */
	bool scope;
	int (*run)(struct db *db, const struct token_cmd *cmd, struct err *e);
} verbs[] = {
	[TOKEN_CMD_NONE] = { "", 0, false, NULL },
	[TOKEN_CMD_ADD] = { "add", 2, true, run_add },
	[TOKEN_CMD_LIST] = { "list", 1, false, run_list },
	[TOKEN_CMD_REVOKE] = { "revoke", 2, false, run_revoke },
};

static int wrong(struct err *e)
{
	return err_set(
		e, ERR_BAD_INPUT,
		"token: one of \"token add NAME --scope read|operate|admin\", \"token list\", "
		"\"token revoke NAME\" is wanted");
}

static enum token_verb find_verb(const char *word)
{
	for (size_t i = TOKEN_CMD_ADD; i < ARRAY_LEN(verbs); i++)
		if (!strcmp(verbs[i].word, word))
			return (enum token_verb)i;
	return TOKEN_CMD_NONE;
}

int token_cmd_parse(char *const *words, int n, const char *scope, struct token_cmd *cmd,
		    struct err *e)
{
	struct token_cmd parsed = { .verb = n > 0 ? find_verb(words[0]) : TOKEN_CMD_NONE };

	if (parsed.verb == TOKEN_CMD_NONE || n != verbs[parsed.verb].words ||
	    verbs[parsed.verb].scope != (scope != NULL))
		return wrong(e);
	if (scope && token_scope_parse(scope, &parsed.scope) < 0)
		return err_set(e, ERR_BAD_INPUT,
			       "--scope %.40s: the scopes are read, operate, admin", scope);
	parsed.name = n > 1 ? words[1] : NULL;
	if (parsed.verb == TOKEN_CMD_ADD && token_name_check(parsed.name, e) < 0)
		return -1;
	*cmd = parsed;
	return 0;
}

/* A new archive that root has made is given to whom its folder belongs: the daemon's user. */
static void give_away(const char *path)
{
	AUTO(auto_free) char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	struct stat st;

	if (slash)
		slash[1] = '\0';
	if (folder && geteuid() == 0 && stat(slash ? folder : ".", &st) == 0)
		(void)!chown(path, st.st_uid, st.st_gid);
}

int token_cmd_run(const struct token_cmd *cmd, const char *path, struct err *e)
{
	AUTO(db_close) struct db db;
	struct stat st;
	const bool is_new = stat(path, &st) != 0;

	if (db_open(&db, path, e) < 0)
		return -1;
	if (is_new)
		give_away(path);
	if (verbs[cmd->verb].run(&db, cmd, e) < 0)
		return -1;
	if (fflush(stdout) != 0)
		return err_set(e, ERR_IO, "standard output: cannot be written");
	return 0;
}
