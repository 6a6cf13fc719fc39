/* The rig itself: what it is, its archive, who may come in. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "auto.h"
#include "follow.h"
#include "plain.h"
#include "start.h"

static const struct column info_columns[] = {
	{ "name", "name", COLUMN_TEXT },
	{ "version", "version", COLUMN_TEXT },
	{ "API", "api", COLUMN_TEXT },
	{ "schema", "schema", COLUMN_TEXT },
	{ "up, seconds", "uptime_s", COLUMN_TEXT },
	{ "demo", "demo", COLUMN_TEXT },
	{ "you may", "auth.scope", COLUMN_TEXT },
};

int info_command(struct cli *cli, struct err *e)
{
	const struct ask_columns all = { info_columns, ARRAY_LEN(info_columns) };

	return ask_object(cli, "GET", "/info", NULL, &all, e);
}

static const struct column chip_columns[] = {
	{ "JEDEC ID", "jedec_id", COLUMN_TEXT }, { "VENDOR", "vendor", COLUMN_TEXT },
	{ "SIZE", "size", COLUMN_BYTES },        { "PAGE", "page", COLUMN_NUMBER },
	{ "PARTS", "parts", COLUMN_TEXT },
};

/* The list of chips goes on behind an ID, not before one: all that fit in one request are enough. */
int chips_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *answer = NULL;
	const cJSON *chips, *chip;
	char path[512] = "/chips?limit=200";

	if (cli->args.words > 0)
		client_query(path, sizeof path, "q", cli->args.word[0]);
	if (client_ask(cli->client, "GET", path, NULL, &answer, e) < 0)
		return -1;
	chips = cJSON_GetObjectItemCaseSensitive(answer, "chips");
	if (!cli->json)
		table_list(chips, chip_columns, ARRAY_LEN(chip_columns), stdout);
	else
		cJSON_ArrayForEach(chip, chips) table_json(chip, stdout);
	return CLI_DONE;
}

/* ---- the archive */

static const struct column archive_columns[] = {
	{ "dumps", "dumps", COLUMN_TEXT },
	{ "devices", "devices", COLUMN_TEXT },
	{ "bytes of dumps", "bytes_logical", COLUMN_BYTES },
	{ "bytes in the file", "bytes_stored", COLUMN_BYTES },
	{ "last check", "last_check.finished_at", COLUMN_TIME },
	{ "damaged then", "last_check.damaged", COLUMN_TEXT },
	{ "next check", "next_check", COLUMN_TIME },
	{ "damaged", "damaged", COLUMN_TEXT },
};

int archive_command(struct cli *cli, struct err *e)
{
	const struct ask_columns all = { archive_columns, ARRAY_LEN(archive_columns) };

	return ask_object(cli, "GET", "/archive", NULL, &all, e);
}

static const struct column damage_columns[] = {
	{ "DUMP", "dump", COLUMN_NUMBER },
	{ "OFFSET", "offset", COLUMN_ADDRESS },
	{ "LENGTH", "length", COLUMN_BYTES },
	{ "REASON", "reason", COLUMN_TEXT },
};

static int show_check(struct cli *cli, const cJSON *job)
{
	const cJSON *damaged = plain_find(job, "result.damaged");
	const int n = cJSON_GetArraySize(damaged);
	char state[16];

	plain_field(job, "state", state, sizeof state);
	if (cli->json || strcmp(state, "done") != 0)
		return follow_report(cli, job) == CLI_DONE && n == 0 ? CLI_DONE : CLI_FAILED;
	printf("%" PRId64 " dumps checked, %d damaged ranges\n",
	       plain_int(job, "result.checked", 0), n);
	if (n > 0)
		table_list(damaged, damage_columns, ARRAY_LEN(damage_columns), stdout);
	return n == 0 ? CLI_DONE : CLI_FAILED;
}

int check_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *queued = NULL;
	AUTO(auto_cjson) cJSON *job = NULL;

	if (client_ask(cli->client, "POST", "/archive/check", NULL, &queued, e) < 0)
		return -1;
	if (args_has(&cli->args, "no-wait"))
		return start_report(cli, queued);
	if (follow_job(cli, (long long)plain_int(queued, "id", 0), &job, e) < 0)
		return -1;
	return show_check(cli, job);
}

/* The archive's file is the daemon's: its own program copies it, on the machine where it is. */
int backup_archive_command(struct cli *cli, struct err *e)
{
	const struct args *a = &cli->args;
	const char *argv[8] = { "flashrigd" };
	size_t n = 1;

	if (args_has(a, "config")) {
		argv[n++] = "--config";
		argv[n++] = args_get(a, "config");
	}
	if (args_has(a, "data")) {
		argv[n++] = "--data";
		argv[n++] = args_get(a, "data");
	}
	argv[n++] = "backup-archive";
	argv[n++] = a->word[0];
	execvp(argv[0], (char *const *)argv);
	err_set(e, ERR_IO, "flashrigd cannot be started: %s", strerrordesc_np(errno));
	return err_hint(
		e, "The copy is made on the rig itself, by the daemon's program: is it in PATH?");
}

/* ---- who may come in */

static const struct column token_columns[] = {
	{ "ID", "id", COLUMN_NUMBER },
	{ "NAME", "name", COLUMN_TEXT },
	{ "SCOPE", "scope", COLUMN_TEXT },
	{ "CREATED (UTC)", "created_at", COLUMN_TIME },
	{ "REVOKED (UTC)", "revoked_at", COLUMN_TIME },
};

static int add_token(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *body = ask_body(e);
	AUTO(auto_cjson) cJSON *made = NULL;
	const char *scope = args_get(&cli->args, "scope");
	char token[200];

	if (!body)
		return -1;
	if (!scope || cli->args.words != 2)
		return err_set(e, ERR_BAD_INPUT, "token add NAME --scope read|operate|admin");
	cJSON_AddStringToObject(body, "name", cli->args.word[1]);
	cJSON_AddStringToObject(body, "scope", scope);
	if (client_ask(cli->client, "POST", "/tokens", TAKE(body), &made, e) < 0)
		return -1;
	plain_field(made, "token", token, sizeof token);
	if (cli->json)
		table_json(made, stdout);
	else
		printf("%s\n", token);
	return CLI_DONE;
}

/* The id of the token of that name that still holds; 0: none. */
static int find_token(struct cli *cli, const char *name, int64_t *id, struct err *e)
{
	AUTO(auto_cjson) cJSON *answer = NULL;
	const cJSON *token;
	char has[200], revoked[40];

	*id = 0;
	if (client_ask(cli->client, "GET", "/tokens?limit=200", NULL, &answer, e) < 0)
		return -1;
	cJSON_ArrayForEach(token, cJSON_GetObjectItemCaseSensitive(answer, "tokens"))
	{
		plain_field(token, "name", has, sizeof has);
		plain_field(token, "revoked_at", revoked, sizeof revoked);
		if (!strcmp(has, name) && !*revoked)
			*id = plain_int(token, "id", 0);
	}
	return 0;
}

static int revoke_token(struct cli *cli, struct err *e)
{
	char path[64];
	int64_t id;

	if (cli->args.words != 2)
		return err_set(e, ERR_BAD_INPUT, "token revoke NAME");
	if (find_token(cli, cli->args.word[1], &id, e) < 0)
		return -1;
	if (id == 0)
		return err_set(e, ERR_NOT_FOUND, "no token is called \"%s\"", cli->args.word[1]);
	snprintf(path, sizeof path, "/tokens/%" PRId64, id);
	return ask_only(cli, "DELETE", path, NULL, "it is of no use any more", e);
}

int token_command(struct cli *cli, struct err *e)
{
	const struct ask_columns rows = { token_columns, ARRAY_LEN(token_columns) };
	const char *verb = cli->args.word[0];

	if (!strcmp(verb, "add"))
		return add_token(cli, e);
	if (!strcmp(verb, "revoke"))
		return revoke_token(cli, e);
	if (!strcmp(verb, "list"))
		return ask_list(cli, "/tokens", "tokens", &rows, e);
	return err_set(e, ERR_BAD_INPUT, "token %.40s: add, list or revoke is wanted", verb);
}

static const struct column audit_columns[] = {
	{ "AT (UTC)", "at", COLUMN_TIME },   { "WHO", "who", COLUMN_TEXT },
	{ "FROM", "address", COLUMN_TEXT },  { "STATUS", "status", COLUMN_NUMBER },
	{ "METHOD", "method", COLUMN_TEXT }, { "PATH", "path", COLUMN_TEXT },
	{ "WHAT", "what", COLUMN_TEXT },
};

int audit_command(struct cli *cli, struct err *e)
{
	const struct ask_columns rows = { audit_columns, ARRAY_LEN(audit_columns) };

	return ask_list(cli, "/audit", "entries", &rows, e);
}

int config_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *answer = NULL;
	AUTO(auto_free) char *text = NULL;

	if (client_ask(cli->client, "GET", "/config", NULL, &answer, e) < 0)
		return -1;
	text = cli->json ? cJSON_PrintUnformatted(answer) : cJSON_Print(answer);
	if (text)
		printf("%s\n", text);
	return CLI_DONE;
}
