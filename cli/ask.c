#include "ask.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "parse.h"
#include "plain.h"

#define LIMIT    50
#define PAGE_MAX 200 /* of one request */

static int bad(const char *option, const char *value, const char *want, struct err *e)
{
	return err_set(e, ERR_BAD_INPUT, "--%s %.60s: %s is wanted", option, value, want);
}

/* What parse_size() takes, and 0x... too. */
static int read_number(const char *text, uint64_t *out)
{
	return parse_u64(text, INT64_MAX, out) == 0 ? 0 : parse_size(text, INT64_MAX, out);
}

static bool add_range(cJSON *list, uint64_t offset, uint64_t length)
{
	cJSON *o = cJSON_CreateObject();

	return o && cJSON_AddNumberToObject(o, "offset", (double)offset) &&
	       cJSON_AddNumberToObject(o, "length", (double)length) &&
	       cJSON_AddItemToArray(list, o);
}

static int add_ranges(cJSON *list, char *text, struct err *e)
{
	char *rest = text;

	for (char *one; (one = strsep(&rest, ",")) != NULL;) {
		char *plus = strchr(one, '+');
		uint64_t offset, length;

		if (plus)
			*plus++ = '\0';
		if (!plus || read_number(one, &offset) < 0 || read_number(plus, &length) < 0)
			return err_set(e, ERR_BAD_INPUT, "OFFSET+LENGTH,... is wanted");
		if (!add_range(list, offset, length))
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	return 0;
}

static int add_list(cJSON *list, char *text, struct err *e)
{
	char *rest = text;

	for (char *one; (one = strsep(&rest, ",")) != NULL;)
		if (*one && !cJSON_AddItemToArray(list, cJSON_CreateString(one)))
			return err_set(e, ERR_MEMORY, "out of memory");
	return 0;
}

static int add_array(const struct ask_field *f, const char *value, cJSON *body, struct err *e)
{
	AUTO(auto_free) char *text = strdup(value);
	cJSON *list = cJSON_AddArrayToObject(body, f->member);

	if (!text || !list)
		return err_set(e, ERR_MEMORY, "out of memory");
	if ((f->kind == ASK_RANGES ? add_ranges : add_list)(list, text, e) < 0)
		return err_prefix(e, "--%s: ", f->option);
	return 0;
}

static int add_field(const struct ask_field *f, const char *value, cJSON *body, struct err *e)
{
	const cJSON *made = NULL;
	uint64_t number;

	switch (f->kind) {
	case ASK_RANGES:
	case ASK_LIST: return add_array(f, value, body, e);
	case ASK_FLAG: made = cJSON_AddTrueToObject(body, f->member); break;
	case ASK_TEXT: made = cJSON_AddStringToObject(body, f->member, value); break;
	case ASK_NUMBER:
	case ASK_ADDRESS:
		if (read_number(value, &number) < 0)
			return bad(f->option, value, "a number, like 4096, 0x1000 or 4K,", e);
		made = cJSON_AddNumberToObject(body, f->member, (double)number);
	}
	return made ? 0 : err_set(e, ERR_MEMORY, "out of memory");
}

int ask_fields(const struct args *args, const struct ask_field *fields, size_t n, cJSON *body,
	       struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = args_get(args, fields[i].option);

		if (value && add_field(&fields[i], value, body, e) < 0)
			return -1;
	}
	return 0;
}

void ask_query(const struct args *args, const char *names, char *path, size_t size)
{
	char option[40], name[40];

	for (const char *at = names; *at;) {
		const size_t len = strcspn(at, "= ");
		const char *value;

		snprintf(option, sizeof option, "%.*s", (int)len, at);
		snprintf(name, sizeof name, "%s", option);
		for (char *c = name; *c; c++)
			*c = *c == '-' ? '_' : *c;
		value = args_get(args, option);
		if (value)
			client_query(path, size, name, *value || at[len] == '=' ? value : "1");
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
}

int ask_seconds(const struct args *args, const char *option, uint64_t *seconds, struct err *e)
{
	const char *text = args_get(args, option);

	if (!text || parse_u64(text, 31536000, seconds) == 0)
		return 0;
	return bad(option, text, "a number of seconds", e);
}

int ask_id(const char *word, const char *what, long long *id, struct err *e)
{
	uint64_t number;

	if (parse_u64(word, INT64_MAX, &number) < 0 || number < 1)
		return err_set(e, ERR_BAD_INPUT, "%.60s: the number of a %s is wanted", word, what);
	*id = (long long)number;
	return 0;
}

/* ---- showing */

void ask_show(const struct cli *cli, const cJSON *object, const struct ask_columns *columns)
{
	if (cli->json)
		table_json(object, stdout);
	else if (object)
		table_object(object, columns->column, columns->n, stdout);
}

int ask_object(struct cli *cli, const char *method, const char *path, cJSON *body,
	       const struct ask_columns *columns, struct err *e)
{
	AUTO(auto_cjson) cJSON *answer = NULL;

	if (client_ask(cli->client, method, path, body, &answer, e) < 0)
		return -1;
	ask_show(cli, answer, columns);
	return 0;
}

int ask_only(struct cli *cli, const char *method, const char *path, cJSON *body, const char *done,
	     struct err *e)
{
	AUTO(auto_cjson) cJSON *answer = NULL;

	if (client_ask(cli->client, method, path, body, &answer, e) < 0)
		return -1;
	if (cli->json)
		table_json(answer, stdout);
	else if (!cli->quiet)
		printf("%s\n", done);
	return 0;
}

cJSON *ask_body(struct err *e)
{
	cJSON *body = cJSON_CreateObject();

	if (!body)
		err_set(e, ERR_MEMORY, "out of memory");
	return body;
}

/* ---- lists */

/* How many objects are wanted, from --limit and --all. */
static int read_limit(const struct args *args, uint64_t *limit, struct err *e)
{
	const char *text = args_get(args, "limit");

	*limit = args_has(args, "all") ? UINT64_MAX : LIMIT;
	if (!text || parse_u64(text, INT64_MAX, limit) == 0)
		return 0;
	return bad("limit", text, "a number", e);
}

struct paging {
	const char *base, *name;
	char next[24]; /* where the page after this one begins; "" at the end */
	cJSON *all;
};

/* One page more of the list. */
static int load_page(struct cli *cli, struct paging *p, uint64_t most, struct err *e)
{
	char path[2048], number[24];
	AUTO(auto_cjson) cJSON *answer = NULL;
	cJSON *list;

	snprintf(path, sizeof path, "%s", p->base);
	snprintf(number, sizeof number, "%" PRIu64, most < PAGE_MAX ? most : PAGE_MAX);
	client_query(path, sizeof path, "limit", number);
	if (p->next[0])
		client_query(path, sizeof path, "before", p->next);
	if (client_ask(cli->client, "GET", path, NULL, &answer, e) < 0)
		return -1;
	list = cJSON_GetObjectItemCaseSensitive(answer, p->name);
	while (cJSON_IsArray(list) && list->child)
		cJSON_AddItemToArray(p->all, cJSON_DetachItemFromArray(list, 0));
	plain_field(answer, "next", p->next, sizeof p->next);
	return 0;
}

static void show_list(const struct cli *cli, const cJSON *all, const struct ask_columns *columns)
{
	const cJSON *object;

	if (!cli->json) {
		table_list(all, columns->column, columns->n, stdout);
		return;
	}
	cJSON_ArrayForEach(object, all)
	{
		table_json(object, stdout);
	}
}

int ask_list(struct cli *cli, const char *path, const char *name, const struct ask_columns *columns,
	     struct err *e)
{
	AUTO(auto_cjson) cJSON *all = cJSON_CreateArray();
	const char *before = args_get(&cli->args, "before");
	struct paging p = { path, name, "", all };
	uint64_t limit;

	if (!all)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (read_limit(&cli->args, &limit, e) < 0)
		return -1;
	snprintf(p.next, sizeof p.next, "%s", before ? before : "");
	do {
		const uint64_t have = (uint64_t)cJSON_GetArraySize(all);

		if (load_page(cli, &p, limit - have, e) < 0)
			return -1;
		if ((uint64_t)cJSON_GetArraySize(all) == have)
			break;
	} while (p.next[0] && (uint64_t)cJSON_GetArraySize(all) < limit);
	show_list(cli, all, columns);
	if (p.next[0] && !cli->json && !cli->quiet)
		fprintf(stderr, "more: --before %s, or --all\n", p.next);
	return 0;
}
