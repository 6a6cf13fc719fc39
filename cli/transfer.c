/* Archives and folders in and out. */
#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "ask.h"
#include "auto.h"
#include "beside.h"
#include "fetch.h"
#include "follow.h"
#include "origin.h"
#include "plain.h"

/* What an import came to. */
struct tally {
	size_t imported, known, failed;
};

static bool has_suffix(const char *name, const char *suffix)
{
	const size_t n = strlen(name), k = strlen(suffix);

	return n > k && !strcasecmp(name + n - k, suffix);
}

/* What --label says, else what is known, else the name: "rtl_plug.bin" is called "rtl_plug". */
static void label_of(const struct cli *cli, const char *file, const cJSON *side, char label[200])
{
	const char *given = args_get(&cli->args, "label"), *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;

	if (!given && *plain_text(side, "label"))
		given = plain_text(side, "label");
	if (given)
		snprintf(label, 200, "%s", given);
	else
		snprintf(label, 200, "%.*s",
			 (int)(strlen(name) - (has_suffix(name, ".bin") ? 4 : 0)), name);
	plain_clean(label);
}

static int64_t known_dump(struct cli *cli, const char *sha256, struct err *e)
{
	AUTO(auto_cjson) cJSON *found = NULL;
	const cJSON *dumps;

	if (origin_lookup(cli, sha256, &found, e) < 0)
		return -1;
	dumps = cJSON_GetObjectItemCaseSensitive(found, "dumps");
	return cJSON_GetArraySize(dumps) > 0 ? plain_int(cJSON_GetArrayItem(dumps, 0), "id", 0) : 0;
}

static void import_path(const struct cli *cli, const char *file, const cJSON *side, char *path,
			size_t size)
{
	char label[200];

	label_of(cli, file, side, label);
	snprintf(path, size, "/dumps");
	client_query(path, size, "label", label);
	if (!args_has(&cli->args, "jedec-id") && *plain_text(side, "jedec_id"))
		client_query(path, size, "jedec_id", plain_text(side, "jedec_id"));
	ask_query(&cli->args, "jedec-id=", path, size);
}

/* With what is known of it beside it. */
static int import_dump(struct cli *cli, const char *file, FILE *from, uint64_t size, struct err *e)
{
	AUTO(auto_cjson) cJSON *dump = NULL;
	AUTO(auto_cjson) cJSON *side = NULL;
	char path[1024];

	if (beside_read(file, &side, e) < 0)
		return -1;
	import_path(cli, file, side, path, sizeof path);
	if (client_upload(cli->client, path, from, size, &dump, e) < 0 ||
	    beside_add(cli, plain_int(dump, "id", 0), side, e) < 0)
		return -1;
	if (cli->json)
		table_json(dump, stdout);
	else
		printf("%s: dump %" PRId64 "\n", file, plain_int(dump, "id", 0));
	return 0;
}

static int import_file(struct cli *cli, const char *file, struct tally *tally, struct err *e)
{
	AUTO(auto_fclose) FILE *from = fetch_open(file, e);
	char sha256[65];
	uint64_t size;
	int64_t known;

	if (!from || fetch_sum(from, file, sha256, &size, e) < 0)
		return -1;
	known = known_dump(cli, sha256, e);
	if (known < 0)
		return -1;
	if (known > 0) {
		tally->known++;
		if (!cli->json)
			printf("%s: known, dump %" PRId64 "\n", file, known);
		return 0;
	}
	if (import_dump(cli, file, from, size, e) < 0)
		return -1;
	tally->imported++;
	return 0;
}

static int import_tar(struct cli *cli, const char *file, struct tally *tally, struct err *e)
{
	AUTO(auto_fclose) FILE *from = fetch_open(file, e);
	AUTO(auto_cjson) cJSON *answer = NULL;
	const cJSON *one;
	char sha256[65], name[200], reason[300];
	uint64_t size;

	if (!from || fetch_sum(from, file, sha256, &size, e) < 0 ||
	    client_upload(cli->client, "/archive/import", from, size, &answer, e) < 0)
		return -1;
	if (cli->json)
		table_json(answer, stdout);
	tally->imported += (size_t)plain_int(answer, "imported", 0);
	tally->known += (size_t)plain_int(answer, "known", 0);
	cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(answer, "rejected"))
	{
		plain_field(one, "name", name, sizeof name);
		plain_field(one, "reason", reason, sizeof reason);
		fprintf(stderr, "%s: %s: %s\n", file, name, reason);
		tally->failed++;
	}
	return 0;
}

/* By what is in it, not by its name. */
static bool is_tar(const char *file)
{
	AUTO(auto_fclose) FILE *f = fopen(file, "rbe");
	char head[512];

	return f && fread(head, 1, sizeof head, f) == sizeof head &&
	       !memcmp(head + 257, "ustar", 5);
}

/* One file that does not go in keeps no other from going in; a daemon that is gone does. */
static int import_one(struct cli *cli, const char *file, struct tally *tally, struct err *e)
{
	const bool tar = is_tar(file);

	if ((tar ? import_tar : import_file)(cli, file, tally, e) == 0)
		return 0;
	if (e->code == ERR_OFFLINE || e->code == ERR_INTERRUPTED || e->code == ERR_UNAUTHORIZED ||
	    e->code == ERR_FORBIDDEN)
		return -1;
	fprintf(stderr, "%s: %s\n", file, e->text);
	tally->failed++;
	return 0;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void auto_fts(FTS **fts)
{
	if (*fts)
		fts_close(*fts);
}

static bool is_firmware(const FTSENT *entry)
{
	return entry->fts_info == FTS_F && entry->fts_name[0] != '.' &&
	       has_suffix(entry->fts_name, ".bin");
}

/* In it and below it, by name; links are not followed. */
static int import_folder(struct cli *cli, const char *folder, struct tally *tally, struct err *e)
{
	char *const roots[] = { (char *)folder, NULL };
	AUTO(auto_fts) FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	size_t n = 0;

	if (!fts)
		return err_set(e, ERR_BAD_INPUT, "%s: %s", folder, strerrordesc_np(errno));
	while ((entry = fts_read(fts))) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
			fprintf(stderr, "%s: %s\n", entry->fts_path,
				strerrordesc_np(entry->fts_errno));
			tally->failed++;
		}
		if (!is_firmware(entry))
			continue;
		n++;
		if (follow_stopped())
			return err_set(e, ERR_INTERRUPTED, "interrupted");
		if (import_one(cli, entry->fts_path, tally, e) < 0)
			return -1;
	}
	if (n == 0)
		fprintf(stderr, "%s: no .bin files\n", folder);
	return 0;
}

/* Before anything goes in: is all of it there? */
static int check_words(const struct args *args, struct err *e)
{
	struct stat st;

	for (size_t i = 0; i < args->words; i++)
		if (stat(args->word[i], &st) < 0)
			return err_set(e, ERR_BAD_INPUT, "%s: %s", args->word[i],
				       strerrordesc_np(errno));
	return 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int import_command(struct cli *cli, struct err *e)
{
	struct tally tally = { 0 };

	if (check_words(&cli->args, e) < 0)
		return -1;
	for (size_t i = 0; i < cli->args.words; i++) {
		const char *word = cli->args.word[i];

		if ((is_folder(word) ? import_folder : import_one)(cli, word, &tally, e) < 0)
			return -1;
	}
	if (!cli->json && !cli->quiet)
		printf("%zu imported, %zu known already, %zu failed\n", tally.imported, tally.known,
		       tally.failed);
	return tally.failed ? CLI_FAILED : CLI_DONE;
}

int export_command(struct cli *cli, struct err *e)
{
	const struct args *a = &cli->args;
	char path[2048] = "/archive/export", name[FETCH_NAME];
	const struct fetch what = { path, a->word[0], "", args_has(a, "force") };

	ask_query(a, "dump= device= all", path, sizeof path);
	if (!strchr(path, '?'))
		return err_set(e, ERR_BAD_INPUT,
			       "what shall go out? --dump N,N, --device N or --all");
	if (fetch(cli->client, &what, name, e) < 0)
		return -1;
	if (!cli->quiet)
		fprintf(stderr, "saved as %s\n", name);
	return CLI_DONE;
}
