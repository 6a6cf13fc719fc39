/* Batches: many slots, one request. */
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "auto.h"
#include "follow.h"
#include "plain.h"
#include "start.h"

static const struct column list_columns[] = {
	{ "BATCH", "id", COLUMN_NUMBER },
	{ "TYPE", "type", COLUMN_TEXT },
	{ "LABEL", "label", COLUMN_TEXT },
	{ "STATE", "state", COLUMN_TEXT },
	{ "SLOTS", "slots", COLUMN_TEXT },
	{ "TOTAL", "total", COLUMN_NUMBER },
	{ "DONE", "done", COLUMN_NUMBER },
	{ "FAILED", "failed", COLUMN_NUMBER },
	{ "HANDS-FREE", "hands_free", COLUMN_TEXT },
	{ "CREATED (UTC)", "created_at", COLUMN_TIME },
};

static const struct column columns[] = {
	{ "batch", "id", COLUMN_TEXT },
	{ "type", "type", COLUMN_TEXT },
	{ "label", "label", COLUMN_TEXT },
	{ "state", "state", COLUMN_TEXT },
	{ "slots", "slots", COLUMN_TEXT },
	{ "hands-free", "hands_free", COLUMN_TEXT },
	{ "total", "total", COLUMN_TEXT },
	{ "done", "done", COLUMN_TEXT },
	{ "failed", "failed", COLUMN_TEXT },
	{ "cancelled", "cancelled", COLUMN_TEXT },
	{ "interrupted", "interrupted", COLUMN_TEXT },
	{ "running", "running", COLUMN_TEXT },
	{ "queued", "queued", COLUMN_TEXT },
	{ "jobs", "jobs", COLUMN_TEXT },
};

static const struct column row_columns[] = {
	{ "SLOT", "slot", COLUMN_TEXT },         { "RESULT", "result", COLUMN_TEXT },
	{ "CODE", "code", COLUMN_TEXT },         { "DEVICE", "device", COLUMN_NUMBER },
	{ "JEDEC ID", "jedec_id", COLUMN_TEXT }, { "CRC-32", "crc32", COLUMN_TEXT },
	{ "SECONDS", "seconds", COLUMN_NUMBER }, { "JOB", "job", COLUMN_NUMBER },
	{ "DUMP", "dump", COLUMN_NUMBER },       { "MESSAGE", "message", COLUMN_TEXT },
};

int batches_command(struct cli *cli, struct err *e)
{
	const struct ask_columns all = { list_columns, ARRAY_LEN(list_columns) };

	return ask_list(cli, "/batches", "batches", &all, e);
}

/* A row for each board; the exit status: whether all were done. */
static int report(struct cli *cli, const cJSON *batch, struct err *e)
{
	AUTO(auto_cjson) cJSON *answer = NULL;
	char path[80];

	if (cli->json) {
		table_json(batch, stdout);
	} else {
		snprintf(path, sizeof path, "/batches/%lld/report?format=json",
			 (long long)plain_int(batch, "id", 0));
		if (client_ask(cli->client, "GET", path, NULL, &answer, e) < 0)
			return -1;
		table_list(cJSON_GetObjectItemCaseSensitive(answer, "rows"), row_columns,
			   ARRAY_LEN(row_columns), stdout);
	}
	return plain_int(batch, "done", 0) == plain_int(batch, "total", -1) ? CLI_DONE : CLI_FAILED;
}

/* A batch that has just been made; followed to its end unless that is not wanted. */
static int go_on(struct cli *cli, const cJSON *made, struct err *e)
{
	AUTO(auto_cjson) cJSON *batch = NULL;
	const long long id = (long long)plain_int(made, "id", 0);

	if (args_has(&cli->args, "no-wait")) {
		if (cli->json)
			table_json(made, stdout);
		else
			printf("%lld\n", id);
		return CLI_DONE;
	}
	if (!cli->quiet && !cli->json)
		fprintf(stderr, "batch %lld\n", id);
	return follow(cli, FOLLOW_BATCH, id, &batch, e) < 0 ? -1 : report(cli, batch, e);
}

static const struct ask_field fields[] = {
	{ "slots", "slots", ASK_LIST },
	{ "hands-free", "hands_free", ASK_FLAG },
};

static int start(struct cli *cli, struct err *e)
{
	const struct args *a = &cli->args;
	AUTO(auto_cjson) cJSON *body = ask_body(e);
	AUTO(auto_cjson) cJSON *made = NULL;

	if (!body)
		return -1;
	if (!args_has(a, "slots"))
		return err_set(e, ERR_BAD_INPUT, "--slots NAME,NAME,... says where");
	cJSON_AddStringToObject(body, "type", a->word[0]);
	if (ask_fields(a, fields, ARRAY_LEN(fields), body, e) < 0 ||
	    start_fields(cli, body, e) < 0 ||
	    (a->words > 1 && start_source(cli, a->word[0], a->word[1], body, e) < 0) ||
	    client_ask_once(cli->client, "/batches", TAKE(body), &made, e) < 0)
		return -1;
	return go_on(cli, made, e);
}

static int print_csv(struct cli *cli, long long id, struct err *e)
{
	AUTO(auto_free) char *text = NULL;
	char path[80];

	snprintf(path, sizeof path, "/batches/%lld/report?format=%s", id,
		 cli->json ? "json" : "csv");
	if (client_text(cli->client, path, &text, e) < 0)
		return -1;
	fputs(text, stdout);
	return CLI_DONE;
}

static int post(struct cli *cli, long long id, const char *verb, cJSON **batch, struct err *e)
{
	char path[80];

	snprintf(path, sizeof path, "/batches/%lld/%s", id, verb);
	return client_ask(cli->client, "POST", path, NULL, batch, e);
}

/* What can be done with a batch that is there. */
static int act(struct cli *cli, long long id, const char *verb, struct err *e)
{
	const struct ask_columns all = { columns, ARRAY_LEN(columns) };
	AUTO(auto_cjson) cJSON *batch = NULL;

	if (!strcmp(verb, "report"))
		return print_csv(cli, id, e);
	if (!strcmp(verb, "wait"))
		return follow(cli, FOLLOW_BATCH, id, &batch, e) < 0 ? -1 : report(cli, batch, e);
	if (strcmp(verb, "run") != 0 && strcmp(verb, "cancel") != 0 && strcmp(verb, "finish") != 0)
		return err_set(e, ERR_BAD_INPUT,
			       "%.40s: wait, report, run, cancel or finish is wanted", verb);
	if (post(cli, id, verb, &batch, e) < 0)
		return -1;
	if (!strcmp(verb, "run"))
		return go_on(cli, batch, e);
	ask_show(cli, batch, &all);
	return CLI_DONE;
}

int batch_command(struct cli *cli, struct err *e)
{
	const struct ask_columns all = { columns, ARRAY_LEN(columns) };
	const struct args *a = &cli->args;
	char path[64];
	long long id;

	if (strspn(a->word[0], "0123456789") != strlen(a->word[0]))
		return start(cli, e);
	if (ask_id(a->word[0], "batch", &id, e) < 0)
		return -1;
	if (a->words > 1)
		return act(cli, id, a->word[1], e);
	snprintf(path, sizeof path, "/batches/%lld", id);
	return ask_object(cli, "GET", path, NULL, &all, e);
}
