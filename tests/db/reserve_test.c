#include "check.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "auto.h"
#include "db.h"
#include "job_store.h"
#include "meta_store.h"
#include "reserve.h"
#include "temp.h"

#define MIB ((size_t)1 << 20)

static struct err e;

/* Bytes that the file really has on the disk. */
static size_t allocated(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (size_t)st.st_blocks * 512 : 0;
}

static int add_job(struct db *db)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	struct job job = { .request.slot = "left", .batch = JOB_NONE };
	bool existed;

	if (job_add(&tx, &job, NULL, &existed, &e) < 0 ||
	    job_move(&tx, &job, JOB_RUNNING, &e) < 0 || job_move(&tx, &job, JOB_FAILED, &e) < 0)
		return -1;
	return tx_commit(&tx, &e);
}

/* As the rig does it: what finds the disk full gives up the reserve, and what comes then has its room. */
static int end_job(struct db *db)
{
	if (add_job(db) == 0)
		return 0;
	return e.code == ERR_ARCHIVE_FULL && !db->reserve.held ? add_job(db) : -1;
}

/* ---- the file */

static void reserve_really_holds_its_space(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(reserve_done) struct reserve reserve = { 0 };

	CHECK_OK(reserve_init(&reserve, temp.path, &e), e);
	CHECK(!reserve.held);
	CHECK_OK(reserve_take(&reserve, &e), e);
	CHECK(reserve.held && allocated(reserve.path) >= RESERVE_BYTES);
	CHECK_OK(reserve_take(&reserve, &e), e);
	reserve_release(&reserve);
	CHECK(!reserve.held && access(reserve.path, F_OK) < 0);
	reserve_release(&reserve);
}

static void next_run_finds_the_reserve(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(reserve_done) struct reserve second = { 0 };
	struct reserve first;

	CHECK_OK(reserve_init(&first, temp.path, &e), e);
	CHECK_OK(reserve_take(&first, &e), e);
	reserve_done(&first);
	CHECK_OK(reserve_init(&second, temp.path, &e), e);
	CHECK(second.held);
}

static void reserve_that_cannot_be_made_says_why(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(reserve_done) struct reserve reserve = { 0 };
	char path[300];

	snprintf(path, sizeof path, "%s/no/where", temp.dir);
	CHECK_OK(reserve_init(&reserve, path, &e), e);
	CHECK(reserve_take(&reserve, &e) == -1);
	CHECK(e.code == ERR_IO && strstr(e.text, path) && !reserve.held);
}

static void archive_takes_its_reserve_when_it_opens(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	char path[300];

	snprintf(path, sizeof path, "%s-reserve", temp.path);
	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(allocated(path) >= RESERVE_BYTES);
}

/* ---- a full disk */

/* Takes noise in until it fails; the number of bytes that went in before. */
static size_t fill(struct db *db, size_t most)
{
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(db, &e);
	AUTO(auto_free) uint8_t *bytes = noise_new(1, MIB);

	for (size_t done = 0; in && done < most; done += MIB) {
		noise_fill(done, bytes, MIB);
		if (ingest_append(in, bytes, MIB, &e) < 0)
			return done;
	}
	return most;
}

/* What must be so after the disk was full in the middle of an ingest. */
static void check_full(struct db *db)
{
	CHECK(fill(db, 32 * MIB) < 32 * MIB);
	CHECK(e.code == ERR_ARCHIVE_FULL && *e.hint && strstr(e.text, "storing 0x"));
	CHECK_OK(end_job(db), e);
	CHECK(ask(db, "SELECT count(*) FROM job WHERE state = 'failed'") == 1);
	CHECK(ask(db, "SELECT count(*) FROM content WHERE complete = 1") == 0);
	CHECK(ask(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
}

/* Where a child works, and how large its disk is. */
struct place {
	const char *dir;
	unsigned mib, ballast_kib;
};

/* Runs in a child, where limits and mounts bind nobody else: 0 ok, 1 failed, 77 not possible. */
static int run_at(int (*fn)(const struct place *place), const struct place *place)
{
	int status;
	const pid_t pid = fork();

	if (pid == 0)
		_exit(fn(place));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void under_a_limit(const char *dir)
{
	const struct rlimit limit = { .rlim_cur = 3 * MIB, .rlim_max = 3 * MIB };
	AUTO(db_close) struct db db;
	char path[300];

	snprintf(path, sizeof path, "%s/archive.db", dir);
	signal(SIGXFSZ, SIG_IGN);
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	CHECK_OK(db_open(&db, path, &e), e);
	check_full(&db);
}

static int limit_child(const struct place *place)
{
	under_a_limit(place->dir);
	return check_failed;
}

static void file_size_limit_is_a_full_archive(void)
{
	AUTO(temp_close) struct temp temp = temp_open();

	CHECK(run_at(limit_child, &(struct place){ .dir = temp.dir }) == 0);
}

/* Writes a file of that size, or as much as the disk has room for. */
static void take_space(const char *path, size_t most)
{
	AUTO(auto_close) int fd = open(path, O_WRONLY | O_CREAT, 0600);
	static const char zeros[4096];

	for (size_t done = 0; done < most; done += sizeof zeros)
		if (fd < 0 || write(fd, zeros, sizeof zeros) <= 0)
			return;
}

/* What is left of the WAL may still give way to it: then it is held. */
static bool begins_only_with_a_reserve(struct db *db)
{
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(db, &e);

	return in ? db->reserve.held : e.code == ERR_ARCHIVE_FULL && *e.hint;
}

/* Nothing new begins without a reserve. The ballast is thrown off bit by bit: as soon as the archive
 * says that it can be written, it can. */
static void check_recovery(struct db *db, const char *ballast)
{
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 65536);
	struct content content;

	CHECK(begins_only_with_a_reserve(db));
	for (off_t left = 3 << 20; meta_try_write(db, &e) < 0; left -= 65536) {
		CHECK(e.code == ERR_ARCHIVE_FULL && *e.hint);
		CHECK(truncate(ballast, left) == 0);
	}
	CHECK_OK(take_in(db, bytes, 65536, &content, &e), e);
	CHECK(db->reserve.held);
	CHECK(is_clean(db));
}

static void on_a_small_disk(const char *dir)
{
	AUTO(db_close) struct db db;
	char path[300], ballast[300], rest[300];

	snprintf(path, sizeof path, "%s/archive.db", dir);
	snprintf(ballast, sizeof ballast, "%s/ballast", dir);
	snprintf(rest, sizeof rest, "%s/rest", dir);
	take_space(ballast, 3 * MIB);
	CHECK_OK(db_open(&db, path, &e), e);
	CHECK(db.reserve.held);
	check_full(&db);
	if (check_failed)
		return;
	take_space(rest, SIZE_MAX);
	check_recovery(&db, ballast);
}

static bool mount_disk(const struct place *place)
{
	char options[60];

	snprintf(options, sizeof options, "size=%uM,mode=0700", place->mib);
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("small", place->dir, "tmpfs", 0, options) == 0;
}

static int small_disk_child(const struct place *place)
{
	if (!mount_disk(place))
		return 77;
	on_a_small_disk(place->dir);
	return check_failed;
}

/* Of several sizes: full in the middle of a piece, and of copying the WAL back. */
static void full_disk_leaves_room_for_the_end_of_a_job(void)
{
	static const unsigned sizes[] = { 5, 6, 7, 8, 9, 11, 15, 24 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(temp_close) struct temp temp = temp_open();
		const struct place place = { .dir = temp.dir, .mib = sizes[i] };
		const int rc = run_at(small_disk_child, &place);

		if (rc == 77)
			SKIP("mounting a small disk needs rights");
		CHECK(rc == 0);
	}
}

/* Right after an ingest that was too large: what it left gives way, in the file and in the WAL. */
static void smaller_one_fits(const char *dir, unsigned kib)
{
	AUTO(db_close) struct db db;
	AUTO(auto_free) uint8_t *bytes = noise_new(7, MIB);
	struct content content;
	char path[300], ballast[300];

	snprintf(path, sizeof path, "%s/archive-%u.db", dir, kib);
	snprintf(ballast, sizeof ballast, "%s/ballast", dir);
	take_space(ballast, kib * (size_t)1024);
	CHECK_OK(db_open(&db, path, &e), e);
	CHECK(fill(&db, 32 * MIB) < 32 * MIB && e.code == ERR_ARCHIVE_FULL);
	CHECK_OK(end_job(&db), e);
	CHECK_OK(take_in(&db, bytes, MIB, &content, &e), e);
	CHECK(db.reserve.held);
}

static int smaller_one_child(const struct place *place)
{
	if (!mount_disk(place))
		return 77;
	smaller_one_fits(place->dir, place->ballast_kib);
	return check_failed;
}

static void after_one_that_was_too_large_a_smaller_one_is_taken(void)
{
	for (unsigned i = 0; i < 14; i++) {
		AUTO(temp_close) struct temp temp = temp_open();
		const struct place place = { temp.dir, i < 10 ? 12 : 24, i * 100 };
		const int rc = run_at(smaller_one_child, &place);

		if (rc == 77)
			SKIP("mounting a small disk needs rights");
		CHECK(rc == 0);
	}
}

/* All of the disk is taken, but for the reserve that the last run left. */
static void reopen_on_a_full_disk(const char *dir)
{
	struct db db;
	char path[300], ballast[300];

	snprintf(path, sizeof path, "%s/archive.db", dir);
	snprintf(ballast, sizeof ballast, "%s/ballast", dir);
	CHECK_OK(db_open(&db, path, &e), e);
	CHECK_OK(add_job(&db), e);
	db_close(&db);
	take_space(ballast, SIZE_MAX);
	CHECK_OK(db_open(&db, path, &e), e);

	const int64_t jobs = ask(&db, "SELECT count(*) FROM job");
	const int rc = add_job(&db);

	db_close(&db);
	CHECK(jobs == 1);
	CHECK_OK(rc, e);
}

static int reopen_child(const struct place *place)
{
	if (!mount_disk(place))
		return 77;
	reopen_on_a_full_disk(place->dir);
	return check_failed;
}

static void archive_on_a_full_disk_can_be_opened(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	const struct place place = { .dir = temp.dir, .mib = 4 };
	const int rc = run_at(reopen_child, &place);

	if (rc == 77)
		SKIP("mounting a small disk needs rights");
	CHECK(rc == 0);
}

/* ---- asking whether the archive can be written */

static void trying_to_write_leaves_one_row(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	for (int i = 0; i < 5; i++)
		CHECK_OK(meta_try_write(&db, &e), e);
	CHECK(ask(&db, "SELECT count(*) FROM meta") == 1);
}

/* There is none as long as the reserve is not whole again. */
static void trying_to_write_tells_of_a_missing_reserve(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;

	CHECK_OK(db_open(&db, temp.path, &e), e);
	reserve_release(&db.reserve);
	CHECK(mkdir(db.reserve.path, 0700) == 0);
	CHECK(meta_try_write(&db, &e) == -1 && strstr(e.text, "-reserve"));
	CHECK(!ingest_open(&db, &e) && strstr(e.text, "-reserve"));
	CHECK(rmdir(db.reserve.path) == 0);
	CHECK_OK(meta_try_write(&db, &e), e);
	CHECK(db.reserve.held);
}

static const struct check all[] = {
	{ "the reserve really holds its space", reserve_really_holds_its_space },
	{ "the next run finds the reserve", next_run_finds_the_reserve },
	{ "a reserve that cannot be made says why", reserve_that_cannot_be_made_says_why },
	{ "the archive takes its reserve when it opens", archive_takes_its_reserve_when_it_opens },
	{ "a file size limit is a full archive", file_size_limit_is_a_full_archive },
	{ "a full disk leaves room for the end of a job",
	  full_disk_leaves_room_for_the_end_of_a_job },
	{ "after one that was too large, a smaller one is taken",
	  after_one_that_was_too_large_a_smaller_one_is_taken },
	{ "an archive on a full disk can be opened", archive_on_a_full_disk_can_be_opened },
	{ "trying to write leaves one row", trying_to_write_leaves_one_row },
	{ "trying to write tells of a missing reserve",
	  trying_to_write_tells_of_a_missing_reserve },
};
CHECK_MAIN(all)
