#include "start.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "auto.h"
#include "fetch.h"
#include "follow.h"
#include "origin.h"
#include "plain.h"

static const struct ask_field fields[] = {
	{ "offset", "offset", ASK_ADDRESS },    { "length", "length", ASK_NUMBER },
	{ "label", "label", ASK_TEXT },         { "fill", "fill", ASK_NUMBER },
	{ "backup", "backup", ASK_TEXT },       { "expect-jedec-id", "expect_jedec_id", ASK_TEXT },
	{ "preserve", "preserve", ASK_RANGES }, { "other-device", "other_device", ASK_FLAG },
	{ "force", "force", ASK_FLAG },         { "transport", "transport", ASK_TEXT },
	{ "seconds", "seconds", ASK_NUMBER },
};

static const struct ask_field boot_fields[] = {
	{ "boot-pattern", "pattern", ASK_TEXT },
	{ "boot-seconds", "seconds", ASK_NUMBER },
};

static int add_boot_check(struct cli *cli, cJSON *body, struct err *e)
{
	cJSON *check;

	if (!args_has(&cli->args, "boot-pattern"))
		return args_has(&cli->args, "boot-seconds")
			       ? err_set(e, ERR_BAD_INPUT,
					 "--boot-seconds goes with --boot-pattern")
			       : 0;
	check = cJSON_AddObjectToObject(body, "boot_check");
	return check ? ask_fields(&cli->args, boot_fields, ARRAY_LEN(boot_fields), check, e)
		     : err_set(e, ERR_MEMORY, "out of memory");
}

int start_fields(struct cli *cli, cJSON *body, struct err *e)
{
	if (ask_fields(&cli->args, fields, ARRAY_LEN(fields), body, e) < 0)
		return -1;
	return add_boot_check(cli, body, e);
}

int start_source(struct cli *cli, const char *type, const char *source, cJSON *body, struct err *e)
{
	long long dump;

	if (strcmp(type, "restore") != 0)
		return origin_add(cli, source, body, e);
	if (ask_id(source + (strncmp(source, "dump:", 5) ? 0 : 5), "dump", &dump, e) < 0)
		return -1;
	cJSON_AddNumberToObject(body, "dump", (double)dump);
	return 0;
}

static int post(struct cli *cli, cJSON *body, cJSON **job, struct err *e)
{
	AUTO(auto_cjson) cJSON *queued = NULL;
	long long id;

	if (client_ask_once(cli->client, "/jobs", body, &queued, e) < 0)
		return -1;
	if (args_has(&cli->args, "no-wait")) {
		*job = TAKE(queued);
		return 0;
	}
	id = (long long)plain_int(queued, "id", 0);
	if (!cli->quiet && !cli->json)
		fprintf(stderr, "job %lld\n", id);
	return follow_job(cli, id, job, e);
}

int start_job(struct cli *cli, const char *type, const char *slot, const char *source, cJSON **job,
	      struct err *e)
{
	AUTO(auto_cjson) cJSON *body = ask_body(e);

	if (!body)
		return -1;
	cJSON_AddStringToObject(body, "type", type);
	cJSON_AddStringToObject(body, "slot", slot);
	if (start_fields(cli, body, e) < 0)
		return -1;
	if (!strcmp(type, "backup")) /* there it is about the file */
		cJSON_DeleteItemFromObjectCaseSensitive(body, "force");
	if ((source && start_source(cli, type, source, body, e) < 0))
		return -1;
	return post(cli, TAKE(body), job, e);
}

int start_report(const struct cli *cli, const cJSON *job)
{
	if (!args_has(&cli->args, "no-wait"))
		return follow_report(cli, job);
	if (cli->json)
		table_json(job, stdout);
	else
		printf("%lld\n", (long long)plain_int(job, "id", 0));
	return CLI_DONE;
}

/* ---- commands */

int job_start_command(struct cli *cli, struct err *e)
{
	const struct args *a = &cli->args;
	AUTO(auto_cjson) cJSON *job = NULL;

	if (start_job(cli, a->command, a->word[0], a->words > 1 ? a->word[1] : NULL, &job, e) < 0)
		return -1;
	return start_report(cli, job);
}

int write_command(struct cli *cli, struct err *e)
{
	if (cli->args.words < 2 && !args_has(&cli->args, "fill"))
		return err_set(e, ERR_BAD_INPUT,
			       "what shall be written? A FILE, an image's number, "
			       "dump:N, or --fill");
	return job_start_command(cli, e);
}

/* ---- restore: which dump? */

static bool is_true(const cJSON *o, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, name));
}

static int newest_backup(struct cli *cli, int64_t device, int64_t *dump, struct err *e)
{
	AUTO(auto_cjson) cJSON *page = NULL;
	const cJSON *each;
	char path[80];

	snprintf(path, sizeof path, "/dumps?limit=200&device=%" PRId64, device);
	if (client_ask(cli->client, "GET", path, NULL, &page, e) < 0)
		return -1;
	cJSON_ArrayForEach(each, cJSON_GetObjectItemCaseSensitive(page, "dumps"))
	{
		if (is_true(each, "verified") && is_true(each, "complete")) {
			*dump = plain_int(each, "id", 0);
			return 0;
		}
	}
	return err_set(e, ERR_NOT_FOUND, "device %" PRId64 " has no complete, verified dump",
		       device);
}

/* What a write that did not come to its end left as the way back; else the newest proven backup. */
static int way_back(struct cli *cli, const char *slot, int64_t *dump, struct err *e)
{
	AUTO(auto_cjson) cJSON *o = NULL;
	AUTO(auto_cjson) cJSON *device = NULL;
	char path[400];
	int64_t id;

	if (strpbrk(slot, "/?#% ") || strlen(slot) > 100)
		return err_set(e, ERR_BAD_INPUT, "%.60s: that is no name of a slot", slot);
	snprintf(path, sizeof path, "/slots/%s", slot);
	if (client_ask(cli->client, "GET", path, NULL, &o, e) < 0)
		return -1;
	id = plain_int(o, "device", 0);
	if (id < 1) {
		err_set(e, ERR_NOT_FOUND, "nobody knows which board is in %s", slot);
		return err_hint(e, "flashrig identify %s finds out; or name the dump.", slot);
	}
	snprintf(path, sizeof path, "/devices/%" PRId64, id);
	if (client_ask(cli->client, "GET", path, NULL, &device, e) < 0)
		return -1;
	*dump = plain_int(device, "partial.backup", 0);
	return *dump > 0 ? 0 : newest_backup(cli, id, dump, e);
}

int restore_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *job = NULL;
	const struct args *a = &cli->args;
	char found[24];
	int64_t dump = 0;

	if (a->words > 1)
		return job_start_command(cli, e);
	if (way_back(cli, a->word[0], &dump, e) < 0)
		return -1;
	if (!cli->quiet && !cli->json)
		fprintf(stderr, "dump %" PRId64 " is the way back\n", dump);
	snprintf(found, sizeof found, "%" PRId64, dump);
	if (start_job(cli, a->command, a->word[0], found, &job, e) < 0)
		return -1;
	return start_report(cli, job);
}

static int fetch_dump(struct cli *cli, const cJSON *job, const char *out, struct err *e)
{
	char path[80], sidecar[FETCH_NAME + 8], sha256[80], name[FETCH_NAME];
	const bool force = args_has(&cli->args, "force");
	AUTO(auto_free) char *text = NULL;

	plain_field(job, "result.sha256", sha256, sizeof sha256);
	snprintf(path, sizeof path, "/dumps/%lld/content",
		 (long long)plain_int(job, "result.dump", 0));
	const struct fetch what = { path, *out ? out : NULL, sha256, force };
	if (fetch(cli->client, &what, name, e) < 0)
		return -1;
	if (!cli->quiet)
		fprintf(stderr, "saved as %s\n", name);
	if (!args_has(&cli->args, "sidecar"))
		return 0;
	snprintf(path, sizeof path, "/dumps/%lld", (long long)plain_int(job, "result.dump", 0));
	snprintf(sidecar, sizeof sidecar, "%s.json", name);
	return client_text(cli->client, path, &text, e) < 0 ? -1
							    : fetch_save(sidecar, text, force, e);
}

int backup_command(struct cli *cli, struct err *e)
{
	const char *out = args_get(&cli->args, "o");
	AUTO(auto_cjson) cJSON *job = NULL;
	struct args *a = &cli->args;
	int status;

	if (!out)
		out = args_get(a, "out");
	if (out && args_has(a, "no-wait"))
		return err_set(e, ERR_BAD_INPUT,
			       "--out needs the end of the job: leave out --no-wait");
	if (args_has(a, "sidecar") && !out)
		return err_set(e, ERR_BAD_INPUT, "--sidecar goes with -o FILE");
	if (fetch_check(out, args_has(a, "force"), e) < 0 ||
	    start_job(cli, "backup", a->word[0], NULL, &job, e) < 0)
		return -1;
	status = start_report(cli, job);
	if (!out || status != CLI_DONE || fetch_dump(cli, job, out, e) == 0)
		return status;
	if (!e->hint[0])
		err_hint(e, "The dump is in the archive: flashrig get %lld brings it.",
			 (long long)plain_int(job, "result.dump", 0));
	return -1;
}

int bootlog_command(struct cli *cli, struct err *e)
{
	AUTO(auto_cjson) cJSON *job = NULL;
	AUTO(auto_free) char *text = NULL;
	char path[64];
	int status;

	if (start_job(cli, "bootlog", cli->args.word[0], NULL, &job, e) < 0)
		return -1;
	if (args_has(&cli->args, "no-wait") || cli->json)
		return start_report(cli, job);
	status = follow_report(cli, job);
	snprintf(path, sizeof path, "/jobs/%lld/bootlog", (long long)plain_int(job, "id", 0));
	if (client_text(cli->client, path, &text, e) < 0)
		return status == CLI_DONE ? -1 : status;
	plain_clean_lines(text);
	fputs(text, stdout);
	return status;
}
