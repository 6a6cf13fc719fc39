/* Devices: boards that the archive knows. */
#include <stdlib.h>

#include "ask.h"
#include "auto.h"

static const struct column list_columns[] = {
	{ "DEVICE", "id", COLUMN_NUMBER },
	{ "LABEL", "label", COLUMN_TEXT },
	{ "JEDEC ID", "jedec_id", COLUMN_TEXT },
	{ "UNIQUE ID", "unique_id", COLUMN_TEXT },
	{ "MAC", "mac", COLUMN_TEXT },
	{ "DUMPS", "dumps", COLUMN_NUMBER },
	{ "LAST SEEN (UTC)", "last_seen", COLUMN_TIME },
	{ "HALF WRITTEN", "partial.job", COLUMN_NUMBER },
};

static const struct column columns[] = {
	{ "device", "id", COLUMN_TEXT },
	{ "label", "label", COLUMN_TEXT },
	{ "notes", "notes", COLUMN_TEXT },
	{ "tags", "tags", COLUMN_TEXT },
	{ "JEDEC ID", "jedec_id", COLUMN_TEXT },
	{ "unique ID", "unique_id", COLUMN_TEXT },
	{ "MAC", "mac", COLUMN_TEXT },
	{ "dumps", "dumps", COLUMN_TEXT },
	{ "first seen", "first_seen", COLUMN_TIME },
	{ "last seen", "last_seen", COLUMN_TIME },
	{ "half written by job", "partial.job", COLUMN_TEXT },
	{ "the way back: dump", "partial.backup", COLUMN_TEXT },
};

static const struct ask_columns all = { columns, ARRAY_LEN(columns) };

int devices_command(struct cli *cli, struct err *e)
{
	const struct ask_columns rows = { list_columns, ARRAY_LEN(list_columns) };
	char path[512] = "/devices";

	ask_query(&cli->args, "q=", path, sizeof path);
	return ask_list(cli, path, "devices", &rows, e);
}

static int path_of(const struct cli *cli, const char *rest, char path[80], struct err *e)
{
	long long id;

	if (ask_id(cli->args.word[0], "device", &id, e) < 0)
		return -1;
	snprintf(path, 80, "/devices/%lld%s", id, rest);
	return 0;
}

int device_command(struct cli *cli, struct err *e)
{
	char path[80];

	return path_of(cli, "", path, e) < 0 ? -1 : ask_object(cli, "GET", path, NULL, &all, e);
}

static const struct ask_field set_fields[] = {
	{ "label", "label", ASK_TEXT },
	{ "notes", "notes", ASK_TEXT },
	{ "tags", "tags", ASK_LIST },
};

int device_set_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *body = ask_body(e);
	char path[80];

	if (!body || path_of(cli, "", path, e) < 0 ||
	    ask_fields(&cli->args, set_fields, ARRAY_LEN(set_fields), body, e) < 0)
		return -1;
	if (!body->child)
		return err_set(e, ERR_BAD_INPUT, "what shall be set? --label, --notes or --tags");
	return ask_object(cli, "PATCH", path, TAKE(body), &all, e);
}

int merge_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *body = ask_body(e);
	char path[80];
	long long other;

	if (!body || path_of(cli, "/merge", path, e) < 0 ||
	    ask_id(cli->args.word[1], "device", &other, e) < 0)
		return -1;
	cJSON_AddNumberToObject(body, "other", (double)other);
	return ask_object(cli, "POST", path, TAKE(body), &all, e);
}
