/* Archives and folders in and out. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "ask.h"
#include "auto.h"
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

/* "rtl_plug.bin" is called "rtl_plug", unless --label says otherwise. */
static void label_of(const struct cli *cli, const char *file, char label[200])
{
	const char *given = args_get(&cli->args, "label"), *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;

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

static int import_file(struct cli *cli, const char *file, struct tally *tally, struct err *e)
{
	AUTO(auto_fclose) FILE *from = fetch_open(file, e);
	AUTO(auto_cjson) cJSON *dump = NULL;
	char path[1024] = "/dumps", sha256[65], label[200];
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
	label_of(cli, file, label);
	client_query(path, sizeof path, "label", label);
	ask_query(&cli->args, "jedec-id=", path, sizeof path);
	if (client_upload(cli->client, path, from, size, &dump, e) < 0)
		return -1;
	tally->imported++;
	if (cli->json)
		table_json(dump, stdout);
	else
		printf("%s: dump %" PRId64 "\n", file, plain_int(dump, "id", 0));
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

/* One file that does not go in keeps no other from going in; a daemon that is gone does. */
static int import_one(struct cli *cli, const char *file, struct tally *tally, struct err *e)
{
	const bool tar = has_suffix(file, ".tar");

	if ((tar ? import_tar : import_file)(cli, file, tally, e) == 0)
		return 0;
	if (e->code == ERR_OFFLINE || e->code == ERR_UNAUTHORIZED || e->code == ERR_FORBIDDEN)
		return -1;
	fprintf(stderr, "%s: %s\n", file, e->text);
	tally->failed++;
	return 0;
}

static int is_firmware(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && has_suffix(entry->d_name, ".bin");
}

static int import_folder(struct cli *cli, const char *folder, struct tally *tally, struct err *e)
{
	struct dirent **entry;
	const int n = scandir(folder, &entry, is_firmware, alphasort);
	int result = 0;

	if (n < 0)
		return err_set(e, ERR_BAD_INPUT, "%s: %s", folder, strerrordesc_np(errno));
	if (n == 0)
		fprintf(stderr, "%s: no .bin files\n", folder);
	for (int i = 0; i < n; i++) {
		char path[4096];

		snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
		if (result == 0)
			result = import_one(cli, path, tally, e);
		free(entry[i]);
	}
	free(entry);
	return result;
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
