#include "check.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "archive.h"
#include "auto.h"
#include "db.h"
#include "temp.h"

#define SIZE  ((size_t)3 << 20) /* of a dump: three transactions */
#define DUMPS 5                 /* different ones: what is committed does not grow for ever */

static struct err e;

/* Ends the process without a word after so many pieces. */
struct fuse {
	long left;
};

static void burn(struct fuse *fuse)
{
	if (fuse->left-- == 0)
		_exit(9);
}

static int append_all(struct ingest *in, const uint8_t *bytes, struct fuse *fuse)
{
	for (size_t at = 0; at < SIZE; at += 65536) {
		if (ingest_append(in, bytes + at, 65536, &e) < 0)
			return -1;
		burn(fuse);
	}
	return 0;
}

static int commit(struct db *db, struct ingest *in, int64_t *id, struct fuse *fuse)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	struct content content;

	if (ingest_seal(in, &content, &e) < 0)
		return -1;
	burn(fuse);
	if (ingest_commit(in, &tx, &content, &e) < 0)
		return -1;
	burn(fuse);
	if (tx_commit(&tx, &e) < 0)
		return -1;
	*id = content.id;
	return 0;
}

/* Takes sister dumps in until it dies; says each id that was committed. */
static void ingest_until_death(const char *path, uint64_t seed, int say, struct fuse fuse)
{
	AUTO(auto_free) uint8_t *bytes = noise_new(1, SIZE);
	struct noise noise = { seed };
	struct db db;
	size_t n;

	if (db_open(&db, path, &e) < 0 || archive_sweep(&db, &n, &e) < 0)
		_exit(1);
	for (;;) {
		AUTO(auto_ingest_close) struct ingest *in = ingest_open(&db, &e);
		int64_t id;

		noise_fill(noise_next(&noise) % DUMPS, bytes + SIZE / 2, SIZE / 2);
		if (!in || append_all(in, bytes, &fuse) < 0 || commit(&db, in, &id, &fuse) < 0 ||
		    write(say, &id, sizeof id) != sizeof id)
			_exit(1);
		burn(&fuse);
	}
}

static void sleep_us(long us)
{
	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

/* Runs it and lets it die by seed: by its own fuse, or by SIGKILL at any instant. */
static int die(const char *path, uint64_t seed, int64_t *last)
{
	struct noise noise = { seed };
	const bool by_fuse = noise_next(&noise) % 2;
	const long when = (long)(noise_next(&noise) % 1000);
	int pipes[2], status;
	int64_t id;
	pid_t pid;

	if (pipe(pipes) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0)
		ingest_until_death(path, seed, pipes[1],
				   (struct fuse){ .left = by_fuse ? when / 8 : -1 });
	close(pipes[1]);
	if (!by_fuse) {
		sleep_us(when * 80);
		kill(pid, SIGKILL);
	}
	while (read(pipes[0], &id, sizeof id) == sizeof id)
		*last = id;
	close(pipes[0]);
	if (waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 1 ? -1 : 0;
}

/* Every content that is complete can be read, and is what its sums say. */
static bool all_are_sound(struct db *db)
{
	AUTO(auto_free) uint8_t *bytes = malloc(SIZE);
	const int64_t last = ask(db, "SELECT max(id) FROM content");
	uint8_t sha256[HASH_SHA256_LEN];

	for (int64_t id = 1; id <= last; id++) {
		AUTO(tx_end) struct tx tx = tx_begin_read(db);
		struct content content;

		if (content_get(&tx, id, &content, &e) < 0)
			continue;
		if (content.size != SIZE || content_read(&tx, id, 0, bytes, SIZE, &e) < 0)
			return false;
		hash_sha256_of(bytes, SIZE, sha256);
		if (memcmp(sha256, content.sha256, sizeof sha256) != 0)
			return false;
	}
	return true;
}

static void check_after_death(const char *path, int64_t last)
{
	AUTO(db_close) struct db db;
	char exists[100];
	size_t n;

	CHECK_OK(db_open(&db, path, &e), e);
	CHECK(ask(&db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
	CHECK_OK(archive_sweep(&db, &n, &e), e);
	CHECK(is_clean(&db));
	CHECK(all_are_sound(&db));
	snprintf(exists, sizeof exists,
		 "SELECT count(*) FROM content WHERE complete = 1 AND id = %lld", (long long)last);
	CHECK(!last || ask(&db, exists) == 1);
}

static void death_at_any_point_leaves_whole_contents_only(void)
{
	enum { SEEDS = 24 };
	AUTO(temp_close) struct temp temp = temp_open();

	for (uint64_t seed = 0; seed < SEEDS && !check_failed; seed++) {
		int64_t last = 0;

		CHECK(die(temp.path, seed, &last) == 0);
		check_after_death(temp.path, last);
	}
}

/* Many deaths in a row need no more room than one: what they left is used again. */
static void space_of_the_dead_is_used_again(void)
{
	AUTO(temp_close) struct temp temp = temp_open();

	for (uint64_t seed = 0; seed < 12; seed++) {
		const pid_t pid = fork();

		if (pid == 0)
			ingest_until_death(temp.path, seed, -1, (struct fuse){ .left = 40 });
		CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
	}

	AUTO(db_close) struct db db;
	size_t n = 0;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(archive_sweep(&db, &n, &e), e);
	CHECK(n == 1);
	CHECK(ask(&db, "SELECT count(*) FROM block") == 0);
	CHECK(ask(&db, "PRAGMA page_count") * 1024 < (int64_t)SIZE * 3 / 2);
}

static int die_at_commit(void *left)
{
	if ((*(int *)left)-- == 0)
		_exit(9);
	return 0;
}

/* Sweeps what is there until so many transactions are done. */
static bool sweep_dies(const char *path, int commits)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct db db;
		size_t n;

		if (db_open(&db, path, &e) < 0)
			_exit(1);
		sqlite3_commit_hook(db.writer.raw, die_at_commit, &commits);
		_exit(archive_sweep(&db, &n, &e) < 0 ? 1 : 0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 9;
}

/* 640 blocks are left; the sweep dies in the middle of them, and what comes in next names some. */
static void sweep_that_died_goes_on(void)
{
	for (int commits = 0; commits < 3; commits++) {
		AUTO(temp_close) struct temp temp = temp_open();
		AUTO(auto_free) uint8_t *bytes = noise_new(1, SIZE);
		const pid_t pid = fork();
		struct content content;

		if (pid == 0)
			ingest_until_death(temp.path, 1, -1, (struct fuse){ .left = 40 });
		CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
		CHECK(sweep_dies(temp.path, commits));

		AUTO(db_close) struct db db;

		CHECK_OK(db_open(&db, temp.path, &e), e);
		CHECK_OK(take_in(&db, bytes, SIZE, &content, &e), e);
		CHECK(all_are_sound(&db) && is_clean(&db));
		CHECK(ask(&db, "SELECT count(*) FROM block") == SIZE / ARCHIVE_BLOCK);
	}
}

static void sweep_of_a_clean_archive_does_nothing(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(auto_free) uint8_t *bytes = noise_new(1, SIZE);
	AUTO(db_close) struct db db;
	struct content content;
	size_t n = 9;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK_OK(take_in(&db, bytes, SIZE, &content, &e), e);
	CHECK_OK(archive_sweep(&db, &n, &e), e);
	CHECK(n == 0);
	CHECK(ask(&db, "SELECT count(*) FROM block") == SIZE / ARCHIVE_BLOCK);
}

static const struct check all[] = {
	{ "death at any point leaves whole contents only",
	  death_at_any_point_leaves_whole_contents_only },
	{ "the space of the dead is used again", space_of_the_dead_is_used_again },
	{ "a sweep that died goes on", sweep_that_died_goes_on },
	{ "a sweep of a clean archive does nothing", sweep_of_a_clean_archive_does_nothing },
};
CHECK_MAIN(all)
