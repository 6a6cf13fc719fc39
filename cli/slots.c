/* Slots: what is in them, and what can be done to them beside jobs. */
#include <string.h>

#include "ask.h"
#include "auto.h"

static const struct column list_columns[] = {
	{ "SLOT", "name", COLUMN_TEXT },
	{ "TARGET", "target", COLUMN_TEXT },
	{ "BOARD", "board", COLUMN_TEXT },
	{ "WIRES", "transports", COLUMN_TEXT },
	{ "STATE", "state", COLUMN_TEXT },
	{ "JOB", "job", COLUMN_NUMBER },
	{ "QUEUED", "queued", COLUMN_NUMBER },
	{ "JEDEC ID", "chip.jedec_id", COLUMN_TEXT },
	{ "CHIP", "chip.name", COLUMN_TEXT },
	{ "SIZE", "chip.size", COLUMN_BYTES },
	{ "DEVICE", "device", COLUMN_NUMBER },
	{ "HANDS-FREE", "hands_free.state", COLUMN_TEXT },
	{ "LAST ERROR", "last_error.code", COLUMN_TEXT },
};

static const struct column columns[] = {
	{ "slot", "name", COLUMN_TEXT },
	{ "target", "target", COLUMN_TEXT },
	{ "board", "board", COLUMN_TEXT },
	{ "state", "state", COLUMN_TEXT },
	{ "transports", "transports", COLUMN_TEXT },
	{ "job", "job", COLUMN_TEXT },
	{ "queued", "queued", COLUMN_TEXT },
	{ "chip", "chip.name", COLUMN_TEXT },
	{ "JEDEC ID", "chip.jedec_id", COLUMN_TEXT },
	{ "size", "chip.size", COLUMN_BYTES },
	{ "device", "device", COLUMN_TEXT },
	{ "hands-free", "hands_free.state", COLUMN_TEXT },
	{ "batch", "hands_free.batch", COLUMN_TEXT },
	{ "boards done", "hands_free.boards", COLUMN_TEXT },
	{ "last error", "last_error.code", COLUMN_TEXT },
	{ "reason", "last_error.message", COLUMN_TEXT },
	{ "what to do", "last_error.hint", COLUMN_TEXT },
};

int slots_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *answer = NULL;
	const cJSON *slots, *slot;

	if (client_ask(cli->client, "GET", "/slots", NULL, &answer, e) < 0)
		return -1;
	slots = cJSON_GetObjectItemCaseSensitive(answer, "slots");
	if (!cli->json)
		table_list(slots, list_columns, ARRAY_LEN(list_columns), stdout);
	else
		cJSON_ArrayForEach(slot, slots) table_json(slot, stdout);
	return CLI_DONE;
}

/* A name that is no path and no query of its own. */
static int path_of(const struct cli *cli, const char *rest, char path[200], struct err *e)
{
	const char *name = cli->args.word[0];

	if (strpbrk(name, "/?#% ") || strlen(name) > 100)
		return err_set(e, ERR_BAD_INPUT, "%.60s: that is no name of a slot", name);
	snprintf(path, 200, "/slots/%s%s", name, rest);
	return 0;
}

int slot_command(struct cli *cli, struct err *e)
{
	const struct ask_columns all = { columns, ARRAY_LEN(columns) };
	char path[200];

	return path_of(cli, "", path, e) < 0 ? -1 : ask_object(cli, "GET", path, NULL, &all, e);
}

int reset_command(struct cli *cli, struct err *e)
{
	char path[200];

	if (path_of(cli, "/reset", path, e) < 0)
		return -1;
	return ask_only(cli, "POST", path, NULL, "the board was reset", e);
}

int sim_command(struct cli *cli, struct err *e)
{
	const bool in = !strcmp(cli->args.word[1], "in"), out = !strcmp(cli->args.word[1], "out");
	char path[200];
	cJSON *body;

	if (!in && !out)
		return err_set(e, ERR_BAD_INPUT, "%.60s: in or out is wanted", cli->args.word[1]);
	if (path_of(cli, "/sim", path, e) < 0)
		return -1;
	body = ask_body(e);
	if (!body)
		return -1;
	cJSON_AddBoolToObject(body, "present", in);
	if (args_has(&cli->args, "fresh"))
		cJSON_AddTrueToObject(body, "fresh");
	return ask_only(cli, "POST", path, body, in ? "the board is in" : "the board is out", e);
}
