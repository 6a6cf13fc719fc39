#include "fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "auto.h"
#include "hash.h"

/* A file that comes into being, with its sum. */
struct landing {
	struct client_sink sink;
	const struct fetch *what;
	struct client_meta meta;
	char name[512], part[520];
	FILE *file; /* opened when the first byte, and with it the name, is here */
	struct hash hash;
};

static int fail(const char *doing, const char *name, struct err *e)
{
	err_set(e, ERR_IO, "%s %s: %s", doing, name, strerrordesc_np(errno));
	return errno == ENOSPC ? err_hint(e, "The disk here is full; nothing is left of it.") : -1;
}

static int refuse_existing(const char *name, bool force, struct err *e)
{
	struct stat st;

	if (force || stat(name, &st) < 0)
		return 0;
	err_set(e, ERR_CONFLICT, "%s is there already", name);
	return err_hint(e, "Take another name, or --force.");
}

static bool to_stdout(const struct landing *l)
{
	return l->what->file && !strcmp(l->what->file, "-");
}

static int open_landing(struct landing *l, struct err *e)
{
	if (to_stdout(l)) {
		l->file = stdout;
		return 0;
	}
	snprintf(l->name, sizeof l->name, "%s",
		 l->what->file        ? l->what->file
		 : *l->meta.file_name ? l->meta.file_name
				      : "flashrig.bin");
	snprintf(l->part, sizeof l->part, "%s.part", l->name);
	if (refuse_existing(l->name, l->what->force, e) < 0)
		return -1;
	l->file = fopen(l->part, "wb");
	return l->file ? 0 : fail("writing", l->part, e);
}

static int land(struct client_sink *sink, const void *bytes, size_t len, struct err *e)
{
	struct landing *l = (struct landing *)sink;

	if (!l->file && open_landing(l, e) < 0)
		return -1;
	if (fwrite(bytes, 1, len, l->file) != len)
		return fail("writing", l->part, e);
	hash_update(&l->hash, bytes, len);
	return 0;
}

static int check_sum(struct landing *l, struct err *e)
{
	const char *want = l->what->sha256 ? l->what->sha256 : l->meta.etag;
	uint8_t sha256[HASH_SHA256_LEN];
	char text[HASH_SHA256_TEXT];

	hash_sha256(&l->hash, sha256);
	hash_hex(sha256, sizeof sha256, text);
	if (strlen(want) != HASH_SHA256_TEXT - 1 || !strcmp(want, text))
		return 0;
	err_set(e, ERR_VERIFY_FAILED, "what came has the SHA-256 %s, it should be %s", text, want);
	return err_hint(e, "Something between here and the daemon changed it; try again.");
}

static int settle(struct landing *l, struct err *e)
{
	if (!l->file && open_landing(l, e) < 0) /* nothing came: an empty file */
		return -1;
	if (check_sum(l, e) < 0)
		return -1;
	if (to_stdout(l))
		return fflush(stdout) == 0 ? 0 : fail("writing", "standard output", e);
	if (fflush(l->file) != 0 || fsync(fileno(l->file)) < 0)
		return fail("writing", l->part, e);
	return rename(l->part, l->name) == 0 ? 0 : fail("renaming", l->part, e);
}

int fetch(struct client *client, const struct fetch *what, char name[512], struct err *e)
{
	struct landing l = { .sink.write = land, .what = what };
	int result;

	if (what->file && strcmp(what->file, "-") != 0 &&
	    refuse_existing(what->file, what->force, e) < 0)
		return -1;
	hash_init(&l.hash);
	result = client_download(client, what->path, &l.sink, &l.meta, e);
	if (result == 0)
		result = settle(&l, e);
	if (l.file && l.file != stdout)
		fclose(l.file);
	if (result < 0 && l.part[0] && l.file)
		unlink(l.part);
	if (result == 0)
		snprintf(name, 512, "%s", to_stdout(&l) ? "standard output" : l.name);
	return result;
}

int fetch_sum(FILE *file, const char *name, char sha256[65], uint64_t *size, struct err *e)
{
	static uint8_t buf[64 * 1024];
	uint8_t sum[HASH_SHA256_LEN];
	struct hash hash;
	size_t n;

	hash_init(&hash);
	while ((n = fread(buf, 1, sizeof buf, file)) > 0)
		hash_update(&hash, buf, n);
	if (ferror(file) || fseek(file, 0, SEEK_SET) != 0)
		return fail("reading", name, e);
	*size = hash.len;
	hash_sha256(&hash, sum);
	hash_hex(sum, sizeof sum, sha256);
	return 0;
}

FILE *fetch_open(const char *name, struct err *e)
{
	FILE *file = fopen(name, "rb");
	struct stat st;

	if (file && fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode))
		return file;
	err_set(e, ERR_BAD_INPUT, "%s: %s", name, file ? "it is no file" : strerrordesc_np(errno));
	if (file)
		fclose(file);
	return NULL;
}

int fetch_save(const char *name, const char *text, bool force, struct err *e)
{
	AUTO(auto_fclose) FILE *file = NULL;

	if (refuse_existing(name, force, e) < 0)
		return -1;
	file = fopen(name, "w");
	if (!file || fprintf(file, "%s\n", text) < 0 || fflush(file) != 0)
		return fail("writing", name, e);
	return 0;
}
