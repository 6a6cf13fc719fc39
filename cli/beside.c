#include "beside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "auto.h"
#include "plain.h"

#define BIGGEST (1u << 20)

static FILE *open_beside(const char *file, char *path, size_t size)
{
	const size_t len = strlen(file);
	const size_t stem = len > 4 && file[len - 4] == '.' ? len - 4 : len;
	FILE *f;

	snprintf(path, size, "%.*s.json", (int)stem, file);
	f = fopen(path, "rbe");
	if (f)
		return f;
	snprintf(path, size, "%s.json", file);
	return fopen(path, "rbe");
}

int beside_read(const char *file, cJSON **side, struct err *e)
{
	char path[4200];
	AUTO(auto_fclose) FILE *f = open_beside(file, path, sizeof path);
	AUTO(auto_free) char *text = f ? calloc(1, BIGGEST) : NULL;

	*side = NULL;
	if (!f)
		return 0;
	if (!text)
		return err_set(e, ERR_MEMORY, "out of memory");
	*side = cJSON_ParseWithLength(text, fread(text, 1, BIGGEST - 1, f));
	return *side ? 0 : err_set(e, ERR_BAD_INPUT, "%s: that is no JSON", path);
}

static void copy(const cJSON *side, const char *name, cJSON *body)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(side, name);
	const bool something =
		cJSON_IsArray(value) ? value->child != NULL : *plain_text(side, name) != '\0';

	if (something)
		cJSON_AddItemToObject(body, name, cJSON_Duplicate(value, true));
}

int beside_add(struct cli *cli, int64_t dump, const cJSON *side, struct err *e)
{
	AUTO(auto_cjson) cJSON *body = ask_body(e);
	char path[64];

	if (!body)
		return -1;
	copy(side, "notes", body);
	copy(side, "tags", body);
	if (!body->child)
		return 0;
	snprintf(path, sizeof path, "/dumps/%" PRId64, dump);
	return client_ask(cli->client, "PATCH", path, TAKE(body), NULL, e);
}
