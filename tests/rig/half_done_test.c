#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "device_store.h"
#include "dump_store.h"
#include "image_store.h"
#include "partial_store.h"
#include "stage.h"

#define KIB  1024u
#define SIZE (256u * KIB) /* EF4012 */

static struct job job;
static struct err e;
static uint8_t before[SIZE], after[SIZE], now[SIZE];

static struct stage_slot slot(const char *image)
{
	return (struct stage_slot){ .name = "bare",
				    .target = "nor",
				    .sim = { .part = stage_part("EF4012"),
					     .bare = true,
					     .image = image,
					     .max_hz = 8000000,
					     .faults = { .seed = 3 },
					     .has_unique_id = true,
					     .unique_id = { 1, 2, 3, 4, 5, 6, 7, 8 } } };
}

static void noise(uint8_t *bytes, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(seed >> 56);
	}
}

/* Puts bytes into the archive as an image. */
static int64_t add_image(struct stage *s, const uint8_t *bytes, size_t len)
{
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&s->db, &e);
	struct image image = { .name = "test", .kind = "bin" };

	if (!in || ingest_append(in, bytes, len, &e) < 0 || ingest_seal(in, &image.content, &e) < 0)
		return -1;
	AUTO(tx_end) struct tx tx = tx_begin(&s->db);
	if (ingest_commit(in, &tx, &image.content, &e) < 0 || image_add(&tx, &image, &e) < 0 ||
	    tx_commit(&tx, &e) < 0)
		return -1;
	return image.id;
}

static bool run(struct stage *s, const struct job_request *q)
{
	bool existed;

	if (rig_submit(s->rig, q, NULL, &job, &existed, &e) == 0)
		return stage_wait(s, job.id, &job);
	fprintf(stderr, "submit: %s\n", e.text);
	return false;
}

static struct job_request ask(enum job_type type)
{
	struct job_request q = job_request(type);

	snprintf(q.slot, sizeof q.slot, "bare");
	return q;
}

/* A stage with a chip that holds `before`. */
static bool set(struct stage *s, struct stage_slot *slot_)
{
	const char *path = stage_image(s, "chip", SIZE, 77);
	AUTO(auto_fclose) FILE *f = fopen(path, "rb");

	slot_->sim.image = path;
	return f && fread(before, SIZE, 1, f) == 1 && stage_start(s, slot_, 1);
}

static void see(struct stage *s)
{
	sim_board_peek(s->board[0], 0, now, SIZE);
}

static struct partial partial_of(struct stage *s, int64_t device)
{
	struct partial sum = { .job = -2 };
	AUTO(tx_end) struct tx tx = tx_begin_read(&s->db);

	if (partial_get(&tx, device, &sum, &e) < 0)
		fprintf(stderr, "partial: %s\n", e.text);
	return sum;
}

/* The sectors of what was taken in last do not hold any more what they should. */
static bool spoil(struct stage *s, int64_t content)
{
	AUTO(tx_end) struct tx tx = tx_begin(&s->db);
	AUTO(stmt_free)
	struct stmt stmt = stmt_new(&tx, "UPDATE block SET bytes = zeroblob(length(bytes))"
					 " WHERE id = (SELECT max(id) FROM block)"
					 " AND ? > 0");

	stmt_int(&stmt, content);
	return stmt_end(&stmt, &e) == 0 && tx_commit(&tx, &e) == 0;
}

static void damaged_source_is_found_before_anything_is_written(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);

	CHECK(stage_open(&s) && set(&s, &bare));
	noise(after, SIZE, 4);
	q.image = add_image(&s, after, SIZE);
	CHECK(spoil(&s, 1)); /* its last sector */
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_ARCHIVE_DAMAGED);
	CHECK(strstr(job.error.text, "check: ") && strstr(job.error.hint, "Nothing was written"));
	CHECK(job.result.erased == JOB_NONE && job.result.backup == JOB_NONE);
	see(&s);
	CHECK(!memcmp(now, before, SIZE));
	CHECK(stage_dumps(&s) == 0);
}

static void damaged_way_back_is_mended_before_it_is_relied_on(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_ERASE);
	int64_t first;

	CHECK(stage_open(&s) && set(&s, &bare));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	first = job.result.dump;
	CHECK(spoil(&s, first));
	q.offset = 0;
	q.length = 8192;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.backup >= first);
	q = ask(JOB_RESTORE);
	q.dump = first; /* reading the board has mended it */
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE);
	see(&s);
	CHECK(!memcmp(now, before, SIZE));
}

static void changed_board_is_noticed(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	const struct rig_plug other = { .present = true, .other = true };
	struct slot_info info;
	int64_t first;

	CHECK(stage_open(&s) && set(&s, &bare));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	first = job.result.device;
	CHECK(!strstr(job.result.note, "changed"));
	CHECK_OK(rig_slot_plug(s.rig, "bare", &other, &e), e);
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	CHECK(job.state == JOB_DONE && job.result.device != first);
	CHECK(strstr(job.result.note, "The board was changed: the last one in this slot was "
				      "device 1."));
	CHECK_OK(rig_slot_get(s.rig, "bare", &info, &e), e);
	CHECK(info.device == job.result.device);
	CHECK(stage_wait(&s, stage_submit(&s, JOB_IDENTIFY, "bare"), &job));
	CHECK(!strstr(job.result.note, "changed"));
}

/* A write of an odd range that died in the middle of it. */
static bool die_in_a_write(struct stage *s, struct stage_slot *bare, struct job_request *q)
{
	bare->sim.image_save = true;
	bare->sim.faults.die_after = 700; /* behind the backup, within the write */
	stage_stop(s);
	return stage_start(s, bare, 1) && run(s, q) && job.state == JOB_FAILED &&
	       job.result.backup != JOB_NONE && job.result.erased > 0;
}

/* What a death between an erase and its programs leaves of the bytes around the range. */
static bool lose_ends(const struct stage_slot *bare)
{
	static uint8_t erased[4096];
	AUTO(auto_fclose) FILE *f = fopen(bare->sim.image, "r+b");

	memset(erased, 0xff, sizeof erased);
	return f && fseek(f, 12288, SEEK_SET) == 0 && fwrite(erased, 1, 4096, f) == 4096 &&
	       fseek(f, 12345 + 100001 - 1000, SEEK_SET) == 0 && fwrite(erased, 1, 1500, f) == 1500;
}

static void write_that_is_done_again_mends_what_died_around_it(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	static uint8_t image[100001];
	int64_t first, backup;

	CHECK(stage_open(&s) && set(&s, &bare));
	noise(image, sizeof image, 5);
	q.image = add_image(&s, image, sizeof image);
	q.offset = 12345;
	CHECK(die_in_a_write(&s, &bare, &q));
	first = job.id;
	backup = job.result.backup;
	CHECK(partial_of(&s, job.result.device).job == first);
	stage_stop(&s);
	CHECK(lose_ends(&bare));
	bare.sim.faults.die_after = 0;
	CHECK(stage_start(&s, &bare, 1));
	CHECK_OK(rig_job_resume(s.rig, first, &job, &e), e);
	CHECK(job.resumes == first);
	CHECK(stage_wait(&s, job.id, &job));
	CHECK(job.state == JOB_DONE && job.result.backup != backup);
	memcpy(after, before, SIZE);
	memcpy(after + 12345, image, sizeof image);
	see(&s);
	CHECK(!memcmp(now, after, SIZE));
	CHECK(partial_of(&s, job.result.device).job == -1);
}

static void resume_on_another_board_is_refused(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	int64_t first;

	CHECK(stage_open(&s) && set(&s, &bare));
	noise(after, SIZE, 5);
	q.image = add_image(&s, after, SIZE);
	CHECK(die_in_a_write(&s, &bare, &q));
	first = job.id;
	stage_stop(&s);
	bare.sim.faults.die_after = 0;
	bare.sim.unique_id[0] = 9;
	CHECK(stage_start(&s, &bare, 1));
	CHECK_OK(rig_job_resume(s.rig, first, &job, &e), e);
	CHECK(stage_wait(&s, job.id, &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_CHIP_MISMATCH);
	CHECK(strstr(job.error.hint, "Nothing was written"));
	CHECK(partial_of(&s, 1).job == first);
}

/* Without a unique ID a half-written board is known by what was there and what was to come. */
static void half_written_board_without_an_id_is_known_again(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	int64_t first, device, backup;

	CHECK(stage_open(&s) && set(&s, &bare));
	bare.sim.has_unique_id = false;
	noise(after, SIZE, 5);
	q.image = add_image(&s, after, SIZE);
	CHECK(die_in_a_write(&s, &bare, &q));
	first = job.id;
	device = job.result.device;
	backup = job.result.backup;
	stage_stop(&s);
	bare.sim.faults.die_after = 0;
	CHECK(stage_start(&s, &bare, 1));
	CHECK_OK(rig_job_resume(s.rig, first, &job, &e), e);
	CHECK(stage_wait(&s, job.id, &job));
	CHECK(job.state == JOB_DONE && job.result.device == device);
	q = ask(JOB_RESTORE);
	q.dump = backup;
	q.other_device = 1; /* what is there now has nothing in common with it */
	CHECK(run(&s, &q));
	see(&s);
	CHECK(job.state == JOB_DONE && !memcmp(now, before, SIZE));
}

static void board_without_an_id_is_the_same_after_all_of_it_was_written(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	int64_t device;

	CHECK(stage_open(&s));
	bare.sim.has_unique_id = false;
	CHECK(set(&s, &bare));
	noise(after, SIZE, 6);
	q.image = add_image(&s, after, SIZE);
	CHECK(run(&s, &q));
	device = job.result.device;
	CHECK(job.state == JOB_DONE && device != JOB_NONE);
	q = ask(JOB_ERASE); /* finds, by a second backup, what the first job has written */
	q.offset = 0;
	q.length = 3 * SIZE / 4;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.device == device);
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	CHECK(job.state == JOB_DONE && job.result.device == device);
	CHECK(!strstr(job.result.note, "changed"));
}

/* Equal bytes are stored once: the way back may be another board's dump. */
static void way_back_may_be_a_dump_of_another_board(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_ERASE);
	int64_t other;

	CHECK(stage_open(&s) && set(&s, &bare));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	other = job.result.dump;
	stage_stop(&s);
	bare.sim.unique_id[0] = 9;
	CHECK(stage_start(&s, &bare, 1));
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.backup == other && job.result.device == 2);
	q = ask(JOB_RESTORE);
	q.dump = other;
	CHECK(run(&s, &q));
	see(&s);
	CHECK(job.state == JOB_DONE && !memcmp(now, before, SIZE));
}

static const struct check all[] = {
	{ "damaged source is found before anything is written",
	  damaged_source_is_found_before_anything_is_written },
	{ "damaged way back is mended before it is relied on",
	  damaged_way_back_is_mended_before_it_is_relied_on },
	{ "changed board is noticed", changed_board_is_noticed },
	{ "write that is done again mends what died around it",
	  write_that_is_done_again_mends_what_died_around_it },
	{ "resume on another board is refused", resume_on_another_board_is_refused },
	{ "half-written board without an ID is known again",
	  half_written_board_without_an_id_is_known_again },
	{ "board without an ID is the same after all of it was written",
	  board_without_an_id_is_the_same_after_all_of_it_was_written },
	{ "way back may be a dump of another board", way_back_may_be_a_dump_of_another_board },
};

CHECK_MAIN(all)
