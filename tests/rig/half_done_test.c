#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "bare_stage.h"

static struct job job;
static struct err e;
static uint8_t before[BARE_SIZE], after[BARE_SIZE], now[BARE_SIZE];

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
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	stage_noise(after, BARE_SIZE, 4);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(spoil(&s, 1)); /* its last sector */
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_ARCHIVE_DAMAGED);
	CHECK(strstr(job.error.text, "check: ") && strstr(job.error.hint, "Nothing was written"));
	CHECK(job.result.erased == JOB_NONE && job.result.backup == JOB_NONE);
	bare_see(&s, now);
	CHECK(!memcmp(now, before, BARE_SIZE));
	CHECK(stage_dumps(&s) == 0);
}

static void damaged_way_back_is_mended_before_it_is_relied_on(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_ERASE);
	int64_t first;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	first = job.result.dump;
	CHECK(spoil(&s, first));
	q.offset = 0;
	q.length = 8192;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.backup >= first);
	q = bare_ask(JOB_RESTORE);
	q.dump = first; /* reading the board has mended it */
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE);
	bare_see(&s, now);
	CHECK(!memcmp(now, before, BARE_SIZE));
}

static void changed_board_is_noticed(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	const struct rig_plug other = { .present = true, .other = true };
	struct slot_info info;
	int64_t first;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
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
	return stage_start(s, bare, 1) && stage_run(s, q, &job) && job.state == JOB_FAILED &&
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
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	static uint8_t image[100001];
	int64_t first, backup;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	stage_noise(image, sizeof image, 5);
	q.image = stage_add_image(&s, image, sizeof image);
	q.offset = 12345;
	CHECK(die_in_a_write(&s, &bare, &q));
	first = job.id;
	backup = job.result.backup;
	CHECK(stage_partial(&s, job.result.device).job == first);
	stage_stop(&s);
	CHECK(lose_ends(&bare));
	bare.sim.faults.die_after = 0;
	CHECK(stage_start(&s, &bare, 1));
	CHECK_OK(rig_job_resume(s.rig, first, &job, &e), e);
	CHECK(job.resumes == first);
	CHECK(stage_wait(&s, job.id, &job));
	CHECK(job.state == JOB_DONE && job.result.backup != backup);
	memcpy(after, before, BARE_SIZE);
	memcpy(after + 12345, image, sizeof image);
	bare_see(&s, now);
	CHECK(!memcmp(now, after, BARE_SIZE));
	CHECK(stage_partial(&s, job.result.device).job == -1);
}

static void resume_on_another_board_is_refused(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	int64_t first;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	stage_noise(after, BARE_SIZE, 5);
	q.image = stage_add_image(&s, after, BARE_SIZE);
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
	CHECK(stage_partial(&s, 1).job == first);
}

/* Without a unique ID a half-written board is known by what was there and what was to come. */
static void half_written_board_without_an_id_is_known_again(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	int64_t first, device, backup;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	bare.sim.has_unique_id = false;
	stage_noise(after, BARE_SIZE, 5);
	q.image = stage_add_image(&s, after, BARE_SIZE);
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
	q = bare_ask(JOB_RESTORE);
	q.dump = backup;
	q.other_device = 1; /* what is there now has nothing in common with it */
	CHECK(stage_run(&s, &q, &job));
	bare_see(&s, now);
	CHECK(job.state == JOB_DONE && !memcmp(now, before, BARE_SIZE));
}

static void board_without_an_id_is_the_same_after_all_of_it_was_written(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	int64_t device;

	CHECK(stage_open(&s));
	bare.sim.has_unique_id = false;
	CHECK(bare_start(&s, &bare, before));
	stage_noise(after, BARE_SIZE, 6);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(stage_run(&s, &q, &job));
	device = job.result.device;
	CHECK(job.state == JOB_DONE && device != JOB_NONE);
	q = bare_ask(JOB_ERASE); /* finds, by a second backup, what the first job has written */
	q.offset = 0;
	q.length = 3 * BARE_SIZE / 4;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.device == device);
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	CHECK(job.state == JOB_DONE && job.result.device == device);
	CHECK(!strstr(job.result.note, "changed"));
}

/* Equal bytes are stored once: the way back may be another board's dump. */
static void way_back_may_be_a_dump_of_another_board(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_ERASE);
	int64_t other;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	other = job.result.dump;
	stage_stop(&s);
	bare.sim.unique_id[0] = 9;
	CHECK(stage_start(&s, &bare, 1));
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.backup == other && job.result.device == 2);
	q = bare_ask(JOB_RESTORE);
	q.dump = other;
	CHECK(stage_run(&s, &q, &job));
	bare_see(&s, now);
	CHECK(job.state == JOB_DONE && !memcmp(now, before, BARE_SIZE));
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
