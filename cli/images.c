/* Images: firmware that waits to be written. */
#include <stdlib.h>

#include "ask.h"
#include "auto.h"
#include "fetch.h"
#include "origin.h"

static const struct column list_columns[] = {
	{ "IMAGE", "id", COLUMN_NUMBER }, { "NAME", "name", COLUMN_TEXT },
	{ "SIZE", "size", COLUMN_BYTES }, { "CRC-32", "crc32", COLUMN_TEXT },
	{ "KIND", "kind", COLUMN_TEXT },  { "CREATED (UTC)", "created_at", COLUMN_TIME },
};

static const struct column columns[] = {
	{ "image", "id", COLUMN_TEXT },           { "name", "name", COLUMN_TEXT },
	{ "size", "size", COLUMN_BYTES },         { "kind", "kind", COLUMN_TEXT },
	{ "CRC-32", "crc32", COLUMN_TEXT },       { "SHA-256", "sha256", COLUMN_TEXT },
	{ "created", "created_at", COLUMN_TIME },
};

static const struct ask_columns all = { columns, ARRAY_LEN(columns) };

int images_command(struct cli *cli, struct err *e)
{
	const struct ask_columns rows = { list_columns, ARRAY_LEN(list_columns) };

	return ask_list(cli, "/images", "images", &rows, e);
}

int upload_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *image = NULL;
	bool known;

	if (origin_upload(cli, cli->args.word[0], args_get(&cli->args, "name"), &image, &known, e) <
	    0)
		return -1;
	if (known && !cli->quiet && !cli->json)
		fprintf(stderr, "it is there already\n");
	ask_show(cli, image, &all);
	return CLI_DONE;
}

static int path_of(const struct cli *cli, const char *rest, char path[80], struct err *e)
{
	long long id;

	if (ask_id(cli->args.word[0], "image", &id, e) < 0)
		return -1;
	snprintf(path, 80, "/images/%lld%s", id, rest);
	return 0;
}

int image_get_command(struct cli *cli, struct err *e)
{
	const struct args *a = &cli->args;
	char path[80], name[FETCH_NAME];
	const char *out = args_get(a, "o") ? args_get(a, "o") : args_get(a, "out");
	const struct fetch what = { path, out, NULL, args_has(a, "force") };

	if (path_of(cli, "/content", path, e) < 0 || fetch(cli->client, &what, name, e) < 0)
		return -1;
	if (!cli->quiet)
		fprintf(stderr, "saved as %s\n", name);
	return CLI_DONE;
}

int image_rename_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *body = ask_body(e);
	char path[80];

	if (!body || path_of(cli, "", path, e) < 0)
		return -1;
	cJSON_AddStringToObject(body, "name", cli->args.word[1]);
	return ask_object(cli, "PATCH", path, TAKE(body), &all, e);
}

int image_delete_command(struct cli *cli, struct err *e)
{
	char path[80];

	if (path_of(cli, "", path, e) < 0)
		return -1;
	return ask_only(cli, "DELETE", path, NULL, "the image is gone", e);
}
