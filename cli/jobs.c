/* Jobs that are there: list, look, cancel, wait, watch. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "auto.h"
#include "follow.h"
#include "plain.h"
#include "sse.h"
#include "start.h"

static const struct column list_columns[] = {
	{ "JOB", "id", COLUMN_NUMBER },           { "TYPE", "type", COLUMN_TEXT },
	{ "SLOT", "slot", COLUMN_TEXT },          { "STATE", "state", COLUMN_TEXT },
	{ "PHASE", "phase", COLUMN_TEXT },        { "CREATED (UTC)", "created_at", COLUMN_TIME },
	{ "CHIP", "result.chip", COLUMN_TEXT },   { "CRC-32", "result.crc32", COLUMN_TEXT },
	{ "DUMP", "result.dump", COLUMN_NUMBER }, { "ERROR", "error.code", COLUMN_TEXT },
};

int jobs_command(struct cli *cli, struct err *e)
{
	const struct ask_columns columns = { list_columns, ARRAY_LEN(list_columns) };
	char path[1024] = "/jobs";

	ask_query(&cli->args, "slot= state= type= batch=", path, sizeof path);
	return ask_list(cli, path, "jobs", &columns, e);
}

static int path_of(const struct cli *cli, const char *rest, char *path, size_t size, struct err *e)
{
	long long id;

	if (ask_id(cli->args.word[0], "job", &id, e) < 0)
		return -1;
	snprintf(path, size, "/jobs/%lld%s", id, rest);
	return 0;
}

int job_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *job = NULL;
	char path[64];

	if (path_of(cli, "", path, sizeof path, e) < 0 ||
	    client_ask(cli->client, "GET", path, NULL, &job, e) < 0)
		return -1;
	follow_show(cli, job, stdout);
	return CLI_DONE;
}

int job_log_command(struct cli *cli, struct err *e)
{
	AUTO(auto_free) char *text = NULL;
	char path[64];

	if (path_of(cli, "/log", path, sizeof path, e) < 0 ||
	    client_text(cli->client, path, &text, e) < 0)
		return -1;
	plain_clean_lines(text);
	fputs(text, stdout);
	return CLI_DONE;
}

int cancel_command(struct cli *cli, struct err *e)
{
	char path[64];

	if (path_of(cli, "/cancel", path, sizeof path, e) < 0)
		return -1;
	return ask_only(cli, "POST", path, NULL, "asked to stop", e);
}

int resume_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *queued = NULL;
	AUTO(auto_cjson) cJSON *job = NULL;
	char path[64];

	if (path_of(cli, "/resume", path, sizeof path, e) < 0 ||
	    client_ask(cli->client, "POST", path, NULL, &queued, e) < 0)
		return -1;
	if (args_has(&cli->args, "no-wait"))
		return start_report(cli, queued);
	if (follow_job(cli, (long long)plain_int(queued, "id", 0), &job, e) < 0)
		return -1;
	return follow_report(cli, job);
}

int wait_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *job = NULL;
	long long id;

	if (ask_id(cli->args.word[0], "job", &id, e) < 0 || follow_job(cli, id, &job, e) < 0)
		return -1;
	return follow_report(cli, job);
}

/* ---- what happens, as it happens */

struct listener {
	struct sse sse; /* first member */
	bool json;
	/* What was last shown of each job, so that progress does not fill the screen. */
	struct {
		int64_t id;
		char shown[64];
	} seen[64];
};

/* True when this is news: another state or phase than was last shown. */
static bool is_news(struct listener *l, const cJSON *job, const char *what)
{
	const int64_t id = plain_int(job, "id", 0);
	const size_t at = (size_t)(id % (int64_t)ARRAY_LEN(l->seen));

	if (l->seen[at].id == id && !strcmp(l->seen[at].shown, what))
		return false;
	l->seen[at].id = id;
	snprintf(l->seen[at].shown, sizeof l->seen[at].shown, "%s", what);
	return true;
}

static void show_job(struct listener *l, const cJSON *job)
{
	char slot[80], type[24], state[16], phase[40], what[64], message[400];

	plain_field(job, "slot", slot, sizeof slot);
	plain_field(job, "type", type, sizeof type);
	plain_field(job, "state", state, sizeof state);
	plain_field(job, "phase", phase, sizeof phase);
	plain_field(job, "error.message", message, sizeof message);
	snprintf(what, sizeof what, "%s%s%s", state, *phase ? ": " : "", phase);
	if (is_news(l, job, what))
		printf("%-12s job %lld %s: %s%s%s\n", *slot ? slot : "archive",
		       (long long)plain_int(job, "id", 0), type, what, *message ? ": " : "",
		       message);
}

static void show_hands_free(const cJSON *slot)
{
	char name[80], state[16], ok[8];

	plain_field(slot, "name", name, sizeof name);
	plain_field(slot, "hands_free.state", state, sizeof state);
	plain_field(slot, "hands_free.ok", ok, sizeof ok);
	if (*state && strcmp(state, "working") != 0)
		printf("%-12s %s\n", name,
		       strcmp(state, "insert") == 0 ? "put a board in"
		       : !strcmp(ok, "no")          ? "FAILED: take the board out"
						    : "done: take the board out");
}

/* data is taken; NULL for what was no JSON. */
static void show_json(const char *type, const char *id, cJSON *data)
{
	AUTO(auto_cjson) cJSON *line = cJSON_CreateObject();

	cJSON_AddStringToObject(line, "event", type);
	cJSON_AddStringToObject(line, "id", id);
	if (!cJSON_AddItemToObject(line, "data", data ? data : cJSON_CreateNull()))
		cJSON_Delete(data);
	table_json(line, stdout);
}

static void show_text(const cJSON *text)
{
	AUTO(auto_free) char *copy = cJSON_IsString(text) ? strdup(text->valuestring) : NULL;
	const size_t len = copy ? strlen(copy) : 0;

	if (!copy)
		return;
	plain_clean_lines(copy);
	printf("%s%s", copy, len > 0 && copy[len - 1] == '\n' ? "" : "\n");
}

static int on_event(struct sse *sse, const char *type, const char *data, struct err *e)
{
	struct listener *l = (struct listener *)sse;
	AUTO(auto_cjson) cJSON *json = cJSON_Parse(data);

	(void)e;

	if (l->json) {
		show_json(type, sse->id, TAKE(json));
	} else if (!strcmp(type, "job")) {
		show_job(l, json);
	} else if (!strcmp(type, "slot")) {
		show_hands_free(json);
	} else if (!strcmp(type, "log")) {
		show_text(plain_find(json, "text"));
	}
	fflush(stdout);
	return 0;
}

static bool has_begun(const struct listener *l)
{
	return l->sse.id[0] || l->sse.line_room;
}

/* Follows a stream until Ctrl-C; a daemon that goes away is waited for. */
static int listen_to(struct cli *cli, const char *path, bool json, struct err *e)
{
	struct listener l = { .json = json };
	bool lost = false;

	sse_init(&l.sse, on_event);
	while (!follow_stopped()) {
		if (client_follow(cli->client, path, l.sse.id, &l.sse.sink, e) < 0) {
			if (client_was_refused(cli->client) || e->code != ERR_OFFLINE ||
			    (!lost && !has_begun(&l)))
				break;
			if (!lost)
				fprintf(stderr, "the daemon does not answer; waiting for it\n");
			lost = true;
		} else {
			lost = false;
		}
		sse_restart(&l.sse);
		follow_pause_ms(1000);
	}
	sse_done(&l.sse);
	return follow_stopped() ? err_set(e, ERR_INTERRUPTED, "stopped") : -1;
}

int watch_command(struct cli *cli, struct err *e)
{
	return listen_to(cli, "/events", cli->json, e);
}

int events_command(struct cli *cli, struct err *e)
{
	return listen_to(cli, "/events", true, e);
}

int log_command(struct cli *cli, struct err *e)
{
	char path[200] = "/slots/";

	snprintf(path, sizeof path, "/slots/%.100s/log", cli->args.word[0]);
	return listen_to(cli, path, cli->json, e);
}
