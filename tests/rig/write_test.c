#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "bare_stage.h"

static struct job job;
static struct err e;
static uint8_t before[BARE_SIZE], after[BARE_SIZE], now[BARE_SIZE];

static void write_changes_the_range_and_nothing_else(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	uint8_t image[50001];

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	stage_noise(image, sizeof image, 5);
	q.image = stage_add_image(&s, image, sizeof image);
	q.offset = 12345;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.verified == 1);
	memcpy(after, before, BARE_SIZE);
	memcpy(after + 12345, image, sizeof image);
	bare_see(&s, now);
	CHECK(!memcmp(now, after, BARE_SIZE));
	CHECK(job.result.erased > 0 && job.result.programmed > 0);
	CHECK(stage_partial(&s, job.result.device).job == JOB_NONE);
	CHECK(sim_board_at_rest(s.board[0]));
}

static void backup_is_made_first_and_can_be_restored(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	int64_t backup;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	stage_noise(after, BARE_SIZE, 6);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.backup != JOB_NONE);
	backup = job.result.backup;
	q = bare_ask(JOB_RESTORE);
	q.dump = backup;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE);
	bare_see(&s, now);
	CHECK(!memcmp(now, before, BARE_SIZE));
	CHECK(stage_dump_is_board(&s, backup, s.board[0]));
}

static void known_content_needs_no_second_dump(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	int64_t dump;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	dump = job.result.dump;
	stage_noise(after, BARE_SIZE, 7);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.backup == dump && stage_dumps(&s) == 1);
	q.backup = JOB_BACKUP_ALWAYS;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.backup != dump && stage_dumps(&s) == 2);
	CHECK(job.result.erased == 0 && job.result.programmed == 0); /* it is there already */
}

/* Before and after: a change of one sector in the image of a whole chip, half of it erased. */
static void one_sector_of_a_known_chip_costs_two_reads(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_ERASE);

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	q.offset = BARE_SIZE / 2;
	q.length = BARE_SIZE / 2;
	CHECK(stage_run(&s, &q, &job) && job.state == JOB_DONE);
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job) && job.state == JOB_DONE);
	bare_see(&s, now);
	memcpy(after, now, BARE_SIZE);
	stage_noise(after + 0x9000, 4096, 12);
	q = bare_ask(JOB_WRITE);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(stage_run(&s, &q, &job) && job.state == JOB_DONE);
	CHECK(job.result.erased == 4096 && job.result.programmed > 4000);
	CHECK(job.result.skipped == BARE_SIZE - 4096 && job.result.verified == 1);
	CHECK(job.result.wire_bytes < 2 * BARE_SIZE + 8 * 4096);
	bare_see(&s, now);
	CHECK(!memcmp(now, after, BARE_SIZE));
}

static void never_means_never_and_is_logged(void)
{
	AUTO(stage_done) struct stage s;
	AUTO(auto_free) char *log = NULL;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_ERASE);

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	q.backup = JOB_BACKUP_NEVER;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.backup == JOB_NONE && stage_dumps(&s) == 0);
	CHECK_OK(rig_job_log(s.rig, job.id, &log, &e), e);
	CHECK(strstr(log, "backup: none"));
	bare_see(&s, now);
	for (size_t i = 0; i < BARE_SIZE; i++)
		CHECK(now[i] == 0xff);
}

static void preserved_ranges_and_fill_are_honoured(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	q.fill = 0x5a;
	q.offset = 1000;
	q.length = 100000;
	snprintf(q.preserve, sizeof q.preserve, "0+1500 40000+8192 90000+999999");
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE);
	memcpy(after, before, BARE_SIZE);
	memset(after + 1500, 0x5a, 40000 - 1500);
	memset(after + 48192, 0x5a, 90000 - 48192);
	bare_see(&s, now);
	CHECK(!memcmp(now, after, BARE_SIZE));
}

static void wrong_chip_and_wrong_size_change_nothing(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	bool existed;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	stage_noise(after, BARE_SIZE, 8);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	q.offset = 1;
	CHECK(stage_run(&s, &q, &job)); /* the rig does not know yet what chip is there */
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_CHIP_MISMATCH);
	CHECK(rig_submit(s.rig, &q, NULL, &job, &existed, &e) < 0); /* now it does */
	CHECK(e.code == ERR_UNPROCESSABLE && strstr(e.text, "image 1") && *e.hint);
	q.offset = JOB_NONE;
	snprintf(q.expect_jedec_id, sizeof q.expect_jedec_id, "0B4016");
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_CHIP_MISMATCH);
	bare_see(&s, now);
	CHECK(!memcmp(now, before, BARE_SIZE));
}

static void dump_of_another_board_is_refused(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_RESTORE);

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	q.dump = job.result.dump;
	stage_stop(&s);
	bare.sim.unique_id[0] = 0x99;
	bare.sim.image = NULL;
	CHECK(stage_start(&s, &bare, 1));
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_CHIP_MISMATCH);
	CHECK(strstr(job.error.hint, "other_device"));
	bare_see(&s, now);
	CHECK(now[0] == 0xff && now[BARE_SIZE - 1] == 0xff);
	q.other_device = 1;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE);
	bare_see(&s, now);
	CHECK(!memcmp(now, before, BARE_SIZE));
}

/* Death at some transaction of the write: the device says so, and the way back is there. */
static void dead_board_is_partial_until_it_is_restored(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	int64_t backup, device;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	stage_stop(&s);
	bare.sim.faults.die_after = 400; /* after the backup's read, in the middle of the write */
	bare.sim.image_save = true;
	CHECK(stage_start(&s, &bare, 1));
	stage_noise(after, BARE_SIZE, 9);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_FAILED);
	backup = job.result.backup;
	device = job.result.device;
	CHECK(backup != JOB_NONE && stage_partial(&s, device).job == job.id);
	stage_stop(&s);
	bare.sim.faults.die_after = 0;
	CHECK(stage_start(&s, &bare, 1));
	CHECK(stage_run(&s, &q, &job)); /* the same again goes on from what it finds */
	CHECK(job.state == JOB_DONE);
	CHECK(stage_partial(&s, device).job == JOB_NONE);
	bare_see(&s, now);
	CHECK(!memcmp(now, after, BARE_SIZE));
	q = bare_ask(JOB_RESTORE);
	q.dump = backup;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE);
	bare_see(&s, now);
	CHECK(!memcmp(now, before, BARE_SIZE));
}

static void verify_names_the_first_difference(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_VERIFY);

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	memcpy(after, before, BARE_SIZE);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE && job.result.verified == 1);
	after[70000] ^= 1;
	after[200000] ^= 1;
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_VERIFY_FAILED);
	CHECK(job.error.offset == 70000 && job.error.differing_sectors == 2);
}

static void blank_check_names_the_first_byte(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_BLANK_CHECK);

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_NOT_BLANK && job.error.offset == 0);
	q = bare_ask(JOB_ERASE);
	q.offset = 4096;
	q.length = 8192;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE);
	q = bare_ask(JOB_BLANK_CHECK);
	q.offset = 4096;
	q.length = 8192;
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE);
}

static void protected_chip_is_written_and_protected_again(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);

	CHECK(stage_open(&s));
	bare.sim.protect = 0x1c;
	CHECK(bare_start(&s, &bare, before));
	stage_noise(after, BARE_SIZE, 10);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	CHECK(stage_run(&s, &q, &job));
	CHECK(job.state == JOB_DONE);
	bare_see(&s, now);
	CHECK(!memcmp(now, after, BARE_SIZE));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_IDENTIFY, "bare"), &job));
	CHECK(!strncmp(job.result.status, "1C", 2));
}

/* Whatever happens on the bus: done means right, and the way back is in the archive. */
static void noise_on_the_bus_never_makes_a_wrong_write_done(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = bare_slot();
	struct job_request q = bare_ask(JOB_WRITE);
	int done = 0;

	CHECK(stage_open(&s) && bare_start(&s, &bare, before));
	stage_noise(after, BARE_SIZE, 11);
	q.image = stage_add_image(&s, after, BARE_SIZE);
	for (uint64_t seed = 1; seed <= 40; seed++) {
		stage_stop(&s);
		bare.sim.faults = (struct fault_plan){ .seed = seed,
						       .flip = seed % 3 ? 1e-6 : 3e-5,
						       .short_ = seed % 5 ? 0 : 0.002,
						       .drop = seed % 7 ? 0 : 1e-4,
						       .write_lie = seed % 2 ? 0 : 0.01,
						       .die_after = seed % 4 ? 0 : 200 * seed };
		CHECK(stage_start(&s, &bare, 1));
		CHECK(stage_run(&s, &q, &job));
		CHECK(job.state == JOB_DONE || (job.state == JOB_FAILED && *job.error.text));
		bare_see(&s, now);
		if (job.state == JOB_DONE) {
			done++;
			CHECK(!memcmp(now, after, BARE_SIZE));
		} else if (memcmp(now, before, BARE_SIZE) != 0) {
			CHECK(job.result.backup != JOB_NONE);
			CHECK(stage_partial(&s, job.result.device).job == job.id);
		}
	}
	CHECK(done > 10);
}

static const struct check all[] = {
	{ "write changes the range and nothing else", write_changes_the_range_and_nothing_else },
	{ "backup is made first and can be restored", backup_is_made_first_and_can_be_restored },
	{ "known content needs no second dump", known_content_needs_no_second_dump },
	{ "one sector of a known chip costs two reads",
	  one_sector_of_a_known_chip_costs_two_reads },
	{ "never means never and is logged", never_means_never_and_is_logged },
	{ "preserved ranges and fill are honoured", preserved_ranges_and_fill_are_honoured },
	{ "wrong chip and wrong size change nothing", wrong_chip_and_wrong_size_change_nothing },
	{ "dump of another board is refused", dump_of_another_board_is_refused },
	{ "dead board is partial until it is restored",
	  dead_board_is_partial_until_it_is_restored },
	{ "verify names the first difference", verify_names_the_first_difference },
	{ "blank check names the first byte", blank_check_names_the_first_byte },
	{ "protected chip is written and protected again",
	  protected_chip_is_written_and_protected_again },
	{ "noise on the bus never makes a wrong write done",
	  noise_on_the_bus_never_makes_a_wrong_write_done },
};
CHECK_MAIN(all)
