#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"
#include "hash.h"

/* A file that comes into being, with its sum. */
struct landing {
	struct client_sink sink;
	const struct fetch *what;
	struct client_meta meta;
	char name[FETCH_NAME], part[FETCH_NAME + 8];
	FILE *file; /* opened when the first byte, and with it the name, is here */
	struct hash hash;
};

static int fail(const char *doing, const char *name, struct err *e)
{
	const int why = errno;

	err_set(e, ERR_IO, "%s %s: %s", doing, name, strerrordesc_np(why));
	return why == ENOSPC || why == EDQUOT
		       ? err_hint(e, "The disk here is full; nothing is left of it.")
		       : -1;
}

static int in_the_way(const char *name, struct err *e)
{
	err_set(e, ERR_CONFLICT, "%s is there already", name);
	return err_hint(e, "Take another name, or --force.");
}

static int refuse_existing(const char *name, bool force, struct err *e)
{
	struct stat st;

	return force || lstat(name, &st) < 0 ? 0 : in_the_way(name, e);
}

static bool is_folder(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool to_stdout(const struct landing *l)
{
	return l->what->file && !strcmp(l->what->file, "-");
}

int fetch_check(const char *file, bool force, struct err *e)
{
	if (!file || !strcmp(file, "-") || is_folder(file))
		return 0;
	if (strlen(file) >= FETCH_NAME)
		return err_set(e, ERR_BAD_INPUT, "the name of the file is too long");
	return refuse_existing(file, force, e);
}

/* A folder, or nothing, means the daemon's own name. */
static int find_name(struct landing *l, struct err *e)
{
	const char *file = l->what->file;
	const char *given = *l->meta.file_name ? l->meta.file_name : "flashrig.bin";
	int n;

	if (!file)
		n = snprintf(l->name, sizeof l->name, "%s", given);
	else if (is_folder(file))
		n = snprintf(l->name, sizeof l->name, "%s/%s", file, given);
	else
		n = snprintf(l->name, sizeof l->name, "%s", file);
	if (n < 0 || n >= (int)sizeof l->name)
		return err_set(e, ERR_BAD_INPUT, "the name of the file is too long");
	return refuse_existing(l->name, l->what->force, e);
}

/* One at a time: two that write into one file would spoil it for both. */
static int open_part(struct landing *l, struct err *e)
{
	int fd;

	snprintf(l->part, sizeof l->part, "%s.part", l->name);
	fd = open(l->part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	l->file = fd < 0 ? NULL : fdopen(fd, "wb");
	if (!l->file)
		return fail("writing", l->part, e);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return ftruncate(fd, 0) == 0 ? 0 : fail("writing", l->part, e);
	fclose(l->file);
	l->file = NULL; /* it is not ours, and stays */
	return err_set(e, ERR_CONFLICT, "%s is being written by another program", l->part);
}

static int open_landing(struct landing *l, struct err *e)
{
	if (to_stdout(l)) {
		l->file = stdout;
		return 0;
	}
	return find_name(l, e) < 0 ? -1 : open_part(l, e);
}

static int land(struct client_sink *sink, const void *bytes, size_t len, struct err *e)
{
	struct landing *l = (struct landing *)sink;

	if (!l->file && open_landing(l, e) < 0)
		return -1;
	if (fwrite(bytes, 1, len, l->file) != len)
		return fail("writing", to_stdout(l) ? "standard output" : l->part, e);
	hash_update(&l->hash, bytes, len);
	return 0;
}

static int check_sum(struct landing *l, struct err *e)
{
	const char *want = l->what->sha256 ? l->what->sha256 : l->meta.etag;
	uint8_t sha256[HASH_SHA256_LEN], wanted[HASH_SHA256_LEN];
	char text[HASH_SHA256_TEXT];

	hash_sha256(&l->hash, sha256);
	hash_hex(sha256, sizeof sha256, text);
	if (hash_unhex(want, wanted, sizeof wanted) < 0 || !memcmp(sha256, wanted, sizeof wanted))
		return 0; /* a part, or a tar, has no sum of its own */
	err_set(e, ERR_VERIFY_FAILED, "what came has the SHA-256 %s, it should be %s", text, want);
	return err_hint(e, "Something between here and the daemon changed it; try again.");
}

/* What is there stays there, whoever put it there meanwhile. */
static int give_name(const struct landing *l, struct err *e)
{
	if (l->what->force)
		return rename(l->part, l->name) == 0 ? 0 : fail("renaming", l->part, e);
	if (renameat2(AT_FDCWD, l->part, AT_FDCWD, l->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST)
		return in_the_way(l->name, e);
	if (errno != EINVAL && errno != ENOSYS) /* a file system that cannot do it in one go */
		return fail("renaming", l->part, e);
	if (refuse_existing(l->name, false, e) < 0)
		return -1;
	return rename(l->part, l->name) == 0 ? 0 : fail("renaming", l->part, e);
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
	return give_name(l, e);
}

int fetch(struct client *client, const struct fetch *what, char name[FETCH_NAME], struct err *e)
{
	struct landing l = { .sink.write = land, .what = what };
	int result = fetch_check(what->file, what->force, e);

	if (result < 0)
		return -1;
	hash_init(&l.hash);
	result = client_download(client, what->path, &l.sink, &l.meta, e);
	if (result == 0)
		result = settle(&l, e);
	if (result < 0 && l.file && l.file != stdout)
		unlink(l.part);
	if (l.file && l.file != stdout)
		fclose(l.file);
	if (result == 0)
		snprintf(name, FETCH_NAME, "%s", to_stdout(&l) ? "standard output" : l.name);
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
	file = fopen(name, "we");
	if (!file)
		return fail("writing", name, e);
	if (fprintf(file, "%s\n", text) >= 0 && fflush(file) == 0)
		return 0;
	fail("writing", name, e);
	unlink(name);
	return -1;
}
