#include "origin.h"

#include <string.h>

#include "ask.h"
#include "auto.h"
#include "fetch.h"
#include "plain.h"

int origin_lookup(struct cli *cli, const char *sha256, cJSON **found, struct err *e)
{
	cJSON *body = ask_body(e);

	if (!body)
		return -1;
	cJSON_AddStringToObject(body, "sha256", sha256);
	return client_ask(cli->client, "POST", "/dumps/lookup", body, found, e);
}

/* The image with these bytes; *image NULL when there is none. */
static int find_known(struct cli *cli, const char *sha256, cJSON **image, struct err *e)
{
	AUTO(auto_cjson) cJSON *found = NULL;
	cJSON *images;

	if (origin_lookup(cli, sha256, &found, e) < 0)
		return -1;
	images = cJSON_GetObjectItemCaseSensitive(found, "images");
	*image = cJSON_IsArray(images) ? cJSON_DetachItemFromArray(images, 0) : NULL;
	return 0;
}

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

int origin_upload(struct cli *cli, const char *file, const char *name, cJSON **image, bool *known,
		  struct err *e)
{
	AUTO(auto_fclose) FILE *from = fetch_open(file, e);
	char sha256[65], path[1024] = "/images";
	uint64_t size;

	if (!from || fetch_sum(from, file, sha256, &size, e) < 0 ||
	    find_known(cli, sha256, image, e) < 0)
		return -1;
	*known = *image != NULL;
	if (*known)
		return 0;
	client_query(path, sizeof path, "name", name ? name : base_name(file));
	client_query(path, sizeof path, "sha256", sha256);
	return client_upload(cli->client, path, from, size, image, e);
}

static int add_file(struct cli *cli, const char *file, cJSON *body, struct err *e)
{
	AUTO(auto_cjson) cJSON *image = NULL;
	bool known;

	if (origin_upload(cli, file, NULL, &image, &known, e) < 0)
		return -1;
	if (!cli->quiet && !cli->json)
		fprintf(stderr, "%s is image %lld%s\n", file, (long long)plain_int(image, "id", 0),
			known ? ", which is there already" : "");
	cJSON_AddNumberToObject(body, "image", (double)plain_int(image, "id", 0));
	return 0;
}

int origin_add(struct cli *cli, const char *word, cJSON *body, struct err *e)
{
	const bool dump = !strncmp(word, "dump:", 5), image = !strncmp(word, "image:", 6);
	const char *number = word + (dump ? 5 : image ? 6 : 0);
	long long id;

	if (!dump && !image && strspn(word, "0123456789") != strlen(word))
		return add_file(cli, word, body, e);
	if (ask_id(number, dump ? "dump" : "image", &id, e) < 0)
		return -1;
	cJSON_AddNumberToObject(body, dump ? "dump" : "image", (double)id);
	return 0;
}
