/* Dumps: finding, looking, fetching, comparing. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "auto.h"
#include "fetch.h"
#include "follow.h"
#include "origin.h"
#include "plain.h"

static const struct column list_columns[] = {
	{ "DUMP", "id", COLUMN_NUMBER },
	{ "DEVICE", "device", COLUMN_NUMBER },
	{ "SLOT", "slot", COLUMN_TEXT },
	{ "CHIP", "chip", COLUMN_TEXT },
	{ "OFFSET", "offset", COLUMN_ADDRESS },
	{ "SIZE", "size", COLUMN_BYTES },
	{ "CRC-32", "crc32", COLUMN_TEXT },
	{ "VERIFIED", "verified", COLUMN_TEXT },
	{ "CREATED (UTC)", "created_at", COLUMN_TIME },
	{ "LABEL", "label", COLUMN_TEXT },
	{ "FOUND AT", "found", COLUMN_TEXT },
};

static const struct column columns[] = {
	{ "dump", "id", COLUMN_TEXT },
	{ "label", "label", COLUMN_TEXT },
	{ "notes", "notes", COLUMN_TEXT },
	{ "tags", "tags", COLUMN_TEXT },
	{ "device", "device", COLUMN_TEXT },
	{ "slot", "slot", COLUMN_TEXT },
	{ "job", "job", COLUMN_TEXT },
	{ "chip", "chip", COLUMN_TEXT },
	{ "JEDEC ID", "jedec_id", COLUMN_TEXT },
	{ "offset", "offset", COLUMN_ADDRESS },
	{ "size", "size", COLUMN_BYTES },
	{ "whole chip", "complete", COLUMN_TEXT },
	{ "verified", "verified", COLUMN_TEXT },
	{ "CRC-32", "crc32", COLUMN_TEXT },
	{ "Beken CRC", "beken_crc32", COLUMN_TEXT },
	{ "SHA-256", "sha256", COLUMN_TEXT },
	{ "source", "source", COLUMN_TEXT },
	{ "created", "created_at", COLUMN_TIME },
	{ "in the file", "stored_bytes", COLUMN_BYTES },
};

static const struct ask_columns all = { columns, ARRAY_LEN(columns) };
static const struct ask_columns rows = { list_columns, ARRAY_LEN(list_columns) };

int dumps_command(struct cli *cli, struct err *e)
{
	char path[2048] = "/dumps";

	ask_query(&cli->args,
		  "device= jedec-id= sha256= crc32= q= slot= chip= label= tag= size= since= until= "
		  "verified= "
		  "contains=",
		  path, sizeof path);
	return ask_list(cli, path, "dumps", &rows, e);
}

static int path_of(const char *word, const char *rest, char *path, size_t size, struct err *e)
{
	long long id;

	if (ask_id(word, "dump", &id, e) < 0)
		return -1;
	snprintf(path, size, "/dumps/%lld%s", id, rest);
	return 0;
}

int dump_command(struct cli *cli, struct err *e)
{
	char path[64];

	if (path_of(cli->args.word[0], "", path, sizeof path, e) < 0)
		return -1;
	return ask_object(cli, "GET", path, NULL, &all, e);
}

static int save_sidecar(struct cli *cli, const char *word, const char *name, struct err *e)
{
	AUTO(auto_free) char *text = NULL;
	char path[64], file[FETCH_NAME + 8];

	if (path_of(word, "", path, sizeof path, e) < 0 ||
	    client_text(cli->client, path, &text, e) < 0)
		return -1;
	snprintf(file, sizeof file, "%s.json", name);
	return fetch_save(file, text, args_has(&cli->args, "force"), e);
}

int dump_get_command(struct cli *cli, struct err *e)
{
	const struct args *a = &cli->args;
	char path[200], name[FETCH_NAME];
	const char *out = args_get(a, "o") ? args_get(a, "o") : args_get(a, "out");
	const bool part = args_has(a, "offset") || args_has(a, "length");
	const struct fetch what = { path, out, part ? "" : NULL, args_has(a, "force") };

	if (path_of(a->word[0], "/content", path, sizeof path, e) < 0)
		return -1;
	ask_query(a, "offset= length=", path, sizeof path);
	if (fetch(cli->client, &what, name, e) < 0)
		return -1;
	if (!cli->quiet)
		fprintf(stderr, "saved as %s\n", name);
	return args_has(a, "sidecar") ? save_sidecar(cli, a->word[0], name, e) : CLI_DONE;
}

static const struct ask_field set_fields[] = {
	{ "label", "label", ASK_TEXT },
	{ "notes", "notes", ASK_TEXT },
	{ "tags", "tags", ASK_LIST },
	{ "device", "device", ASK_NUMBER },
};

int dump_set_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *body = ask_body(e);
	char path[64];

	if (!body || path_of(cli->args.word[0], "", path, sizeof path, e) < 0 ||
	    ask_fields(&cli->args, set_fields, ARRAY_LEN(set_fields), body, e) < 0)
		return -1;
	if (!body->child)
		return err_set(e, ERR_BAD_INPUT,
			       "what shall be set? --label, --notes, --tags or --device");
	return ask_object(cli, "PATCH", path, TAKE(body), &all, e);
}

int dump_delete_command(struct cli *cli, struct err *e)
{
	char path[80];

	if (path_of(cli->args.word[0], args_has(&cli->args, "force") ? "?force=1" : "", path,
		    sizeof path, e) < 0)
		return -1;
	return ask_only(cli, "DELETE", path, NULL, "the dump is gone", e);
}

/* ---- comparing */

static const struct column range_columns[] = {
	{ "OFFSET", "offset", COLUMN_ADDRESS },
	{ "LENGTH", "length", COLUMN_BYTES },
};
static const struct column partition_columns[] = {
	{ "PARTITION", "name", COLUMN_TEXT },
	{ "OFFSET", "offset", COLUMN_ADDRESS },
	{ "LENGTH", "length", COLUMN_BYTES },
	{ "SECTORS THAT DIFFER", "differing_sectors", COLUMN_NUMBER },
};

static void show_diff(const cJSON *diff)
{
	const cJSON *partitions = cJSON_GetObjectItemCaseSensitive(diff, "partitions");

	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(diff, "equal"))) {
		printf("equal\n");
		return;
	}
	printf("%" PRId64 " sectors of %" PRId64 " bytes differ\n",
	       plain_int(diff, "differing_sectors", 0), plain_int(diff, "sector_size", 4096));
	table_list(cJSON_GetObjectItemCaseSensitive(diff, "ranges"), range_columns,
		   ARRAY_LEN(range_columns), stdout);
	if (cJSON_GetArraySize(partitions) > 0)
		table_list(partitions, partition_columns, ARRAY_LEN(partition_columns), stdout);
}

/* Status 1 when they differ, as diff(1) has it. */
int diff_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *diff = NULL;
	char path[100], rest[40];
	long long other;

	if (ask_id(cli->args.word[1], "dump", &other, e) < 0)
		return -1;
	snprintf(rest, sizeof rest, "/diff/%lld", other);
	if (path_of(cli->args.word[0], rest, path, sizeof path, e) < 0 ||
	    client_ask(cli->client, "GET", path, NULL, &diff, e) < 0)
		return -1;
	if (cli->json)
		table_json(diff, stdout);
	else
		show_diff(diff);
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(diff, "equal")) ? CLI_DONE
									     : CLI_FAILED;
}

/* Where in a dump some bytes stand; status 1 when nowhere. */
static void print_found(const struct cli *cli, const cJSON *page)
{
	const cJSON *at;

	if (cli->json) {
		table_json(page, stdout);
		return;
	}
	cJSON_ArrayForEach(at, cJSON_GetObjectItemCaseSensitive(page, "found"))
	{
		if (at->valuedouble >= 0 && at->valuedouble < 1e15)
			printf("0x%06" PRIx64 "\n", (uint64_t)at->valuedouble);
	}
}

/* A page of addresses; *next is where the one after it begins, "" at the end. */
static int find_page(struct cli *cli, char next[24], int *n, struct err *e)
{
	AUTO(auto_cjson) cJSON *page = NULL;
	char path[1024];

	if (path_of(cli->args.word[0], "/find", path, sizeof path, e) < 0)
		return -1;
	client_query(path, sizeof path, "contains", cli->args.word[1]);
	if (*next)
		client_query(path, sizeof path, "after", next);
	if (client_ask(cli->client, "GET", path, NULL, &page, e) < 0)
		return -1;
	print_found(cli, page);
	*n = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(page, "found"));
	plain_field(page, "next", next, 24);
	return 0;
}

int find_command(struct cli *cli, struct err *e)
{
	const bool every = args_has(&cli->args, "all");
	char next[24] = "";
	int found = 0, n = 0;

	do {
		if (find_page(cli, next, &n, e) < 0)
			return -1;
		found |= n;
	} while (every && *next && n > 0 && !follow_stopped());
	if (*next && !every && !cli->json && !cli->quiet)
		fprintf(stderr, "more: --all\n");
	return found ? CLI_DONE : CLI_FAILED;
}

/* ---- what a dump says about itself */

/* Objects as indented lines, for what has no table of its own. */
static void print_tree(const cJSON *o, int depth)
{
	const cJSON *item;
	char value[400];

	cJSON_ArrayForEach(item, o)
	{
		const bool nested = cJSON_IsObject(item) ||
				    (cJSON_IsArray(item) && cJSON_IsObject(item->child));
		char name[100];

		snprintf(name, sizeof name, "%s", item->string ? item->string : "-");
		plain_clean(name);
		if (cJSON_IsNull(item))
			continue;
		if (nested) {
			printf("%*s%s:\n", 2 * depth, "", name);
			print_tree(item, depth < 8 ? depth + 1 : depth);
			continue;
		}
		plain_field(o, item->string ? item->string : "", value, sizeof value);
		printf("%*s%s: %s\n", 2 * depth, "", name, value);
	}
}

static int show_tree(struct cli *cli, const char *path, struct err *e)
{
	AUTO(auto_cjson) cJSON *answer = NULL;

	if (client_ask(cli->client, "GET", path, NULL, &answer, e) < 0)
		return -1;
	if (cli->json)
		table_json(answer, stdout);
	else
		print_tree(answer, 0);
	return CLI_DONE;
}

/* A dump's number, or image:N. */
static int thing_path(const char *word, const char *rest, char *path, size_t size, struct err *e)
{
	const bool image = !strncmp(word, "image:", 6);
	long long id;

	if (ask_id(word + (image                       ? 6
			   : strncmp(word, "dump:", 5) ? 0
						       : 5),
		   image ? "image" : "dump", &id, e) < 0)
		return -1;
	snprintf(path, size, "/%s/%lld%s", image ? "images" : "dumps", id, rest);
	return 0;
}

int analysis_command(struct cli *cli, struct err *e)
{
	char path[200];

	if (thing_path(cli->args.word[0], "/analysis", path, sizeof path, e) < 0)
		return -1;
	ask_query(&cli->args, "secrets", path, sizeof path);
	return show_tree(cli, path, e);
}

/* 64 sectors a line, with the address in front. */
int map_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *map = NULL;
	const char *cells;
	char path[200];
	int64_t sector;

	if (thing_path(cli->args.word[0], "/map", path, sizeof path, e) < 0)
		return -1;
	ask_query(&cli->args, "other=", path, sizeof path);
	if (client_ask(cli->client, "GET", path, NULL, &map, e) < 0)
		return -1;
	cells = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(map, "cells"));
	sector = plain_int(map, "sector_size", 4096);
	if (cli->json || !cells) {
		table_json(map, stdout);
		return CLI_DONE;
	}
	for (size_t at = 0, len = strlen(cells); at < len; at += 64) {
		char line[65];

		snprintf(line, sizeof line, "%s", cells + at);
		plain_clean(line);
		printf("0x%07" PRIx64 "  %s\n", (uint64_t)at * (uint64_t)sector, line);
	}
	print_tree(cJSON_GetObjectItemCaseSensitive(map, "legend"), 0);
	return CLI_DONE;
}

/* Does the archive have these bytes? Status 1 when it does not. */
int lookup_command(struct cli *cli, struct err *e)
{
	const char *word = cli->args.word[0];
	AUTO(auto_cjson) cJSON *found = NULL;
	const cJSON *dumps;
	char sha256[65];
	uint64_t size;

	if (strlen(word) == 64 && strspn(word, "0123456789abcdefABCDEF") == 64) {
		snprintf(sha256, sizeof sha256, "%s", word);
	} else {
		AUTO(auto_fclose) FILE *file = fetch_open(word, e);

		if (!file || fetch_sum(file, word, sha256, &size, e) < 0)
			return -1;
	}
	if (origin_lookup(cli, sha256, &found, e) < 0)
		return -1;
	dumps = cJSON_GetObjectItemCaseSensitive(found, "dumps");
	if (cli->json)
		table_json(found, stdout);
	else
		table_list(dumps, list_columns, ARRAY_LEN(list_columns), stdout);
	return cJSON_GetArraySize(dumps) > 0 ? CLI_DONE : CLI_FAILED;
}
