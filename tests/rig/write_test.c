#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "device_store.h"
#include "dump_store.h"
#include "image_store.h"
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

static int64_t partial_of(struct stage *s, int64_t id)
{
	struct device device = { .partial.job = -2 };
	AUTO(tx_end) struct tx tx = tx_begin_read(&s->db);

	if (device_get(&tx, id, &device, &e) < 0)
		fprintf(stderr, "device: %s\n", e.text);
	return device.partial.job;
}

static void write_changes_the_range_and_nothing_else(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	uint8_t image[50001];

	CHECK(stage_open(&s) && set(&s, &bare));
	noise(image, sizeof image, 5);
	q.image = add_image(&s, image, sizeof image);
	q.offset = 12345;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.verified == 1);
	memcpy(after, before, SIZE);
	memcpy(after + 12345, image, sizeof image);
	see(&s);
	CHECK(!memcmp(now, after, SIZE));
	CHECK(job.result.erased > 0 && job.result.programmed > 0);
	CHECK(partial_of(&s, job.result.device) == JOB_NONE);
	CHECK(sim_board_at_rest(s.board[0]));
}

static void backup_is_made_first_and_can_be_restored(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	int64_t backup;

	CHECK(stage_open(&s) && set(&s, &bare));
	noise(after, SIZE, 6);
	q.image = add_image(&s, after, SIZE);
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.backup != JOB_NONE);
	backup = job.result.backup;
	q = ask(JOB_RESTORE);
	q.dump = backup;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE);
	see(&s);
	CHECK(!memcmp(now, before, SIZE));
	CHECK(stage_dump_is_board(&s, backup, s.board[0]));
}

static void known_content_needs_no_second_dump(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	int64_t dump;

	CHECK(stage_open(&s) && set(&s, &bare));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	dump = job.result.dump;
	noise(after, SIZE, 7);
	q.image = add_image(&s, after, SIZE);
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.backup == dump && stage_dumps(&s) == 1);
	q.backup = JOB_BACKUP_ALWAYS;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.backup != dump && stage_dumps(&s) == 2);
	CHECK(job.result.erased == 0 && job.result.programmed == 0); /* it is there already */
}

/* Before and after: a change of one sector in the image of a whole chip, half of it erased. */
static void one_sector_of_a_known_chip_costs_two_reads(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_ERASE);

	CHECK(stage_open(&s) && set(&s, &bare));
	q.offset = SIZE / 2;
	q.length = SIZE / 2;
	CHECK(run(&s, &q) && job.state == JOB_DONE);
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job) && job.state == JOB_DONE);
	see(&s);
	memcpy(after, now, SIZE);
	noise(after + 0x9000, 4096, 12);
	q = ask(JOB_WRITE);
	q.image = add_image(&s, after, SIZE);
	CHECK(run(&s, &q) && job.state == JOB_DONE);
	CHECK(job.result.erased == 4096 && job.result.programmed > 4000);
	CHECK(job.result.skipped == SIZE - 4096 && job.result.verified == 1);
	CHECK(job.result.wire_bytes < 2 * SIZE + 8 * 4096);
	see(&s);
	CHECK(!memcmp(now, after, SIZE));
}

static void never_means_never_and_is_logged(void)
{
	AUTO(stage_done) struct stage s;
	AUTO(auto_free) char *log = NULL;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_ERASE);

	CHECK(stage_open(&s) && set(&s, &bare));
	q.backup = JOB_BACKUP_NEVER;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.backup == JOB_NONE && stage_dumps(&s) == 0);
	CHECK_OK(rig_job_log(s.rig, job.id, &log, &e), e);
	CHECK(strstr(log, "backup: none"));
	see(&s);
	for (size_t i = 0; i < SIZE; i++)
		CHECK(now[i] == 0xff);
}

static void preserved_ranges_and_fill_are_honoured(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);

	CHECK(stage_open(&s) && set(&s, &bare));
	q.fill = 0x5a;
	q.offset = 1000;
	q.length = 100000;
	snprintf(q.preserve, sizeof q.preserve, "0+1500 40000+8192 90000+999999");
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE);
	memcpy(after, before, SIZE);
	memset(after + 1500, 0x5a, 40000 - 1500);
	memset(after + 48192, 0x5a, 90000 - 48192);
	see(&s);
	CHECK(!memcmp(now, after, SIZE));
}

static void wrong_chip_and_wrong_size_change_nothing(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);

	CHECK(stage_open(&s) && set(&s, &bare));
	noise(after, SIZE, 8);
	q.image = add_image(&s, after, SIZE);
	q.offset = 1;
	CHECK(run(&s, &q)); /* the rig does not know yet what chip is there */
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_CHIP_MISMATCH);
	CHECK(!run(&s, &q)); /* now it does */
	CHECK(e.code == ERR_UNPROCESSABLE && strstr(e.text, "image 1") && *e.hint);
	q.offset = JOB_NONE;
	snprintf(q.expect_jedec_id, sizeof q.expect_jedec_id, "0B4016");
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_CHIP_MISMATCH);
	see(&s);
	CHECK(!memcmp(now, before, SIZE));
}

static void dump_of_another_board_is_refused(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_RESTORE);

	CHECK(stage_open(&s) && set(&s, &bare));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	q.dump = job.result.dump;
	stage_stop(&s);
	bare.sim.unique_id[0] = 0x99;
	bare.sim.image = NULL;
	CHECK(stage_start(&s, &bare, 1));
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_CHIP_MISMATCH);
	CHECK(strstr(job.error.hint, "other_device"));
	see(&s);
	CHECK(now[0] == 0xff && now[SIZE - 1] == 0xff);
	q.other_device = 1;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE);
	see(&s);
	CHECK(!memcmp(now, before, SIZE));
}

/* Death at some transaction of the write: the device says so, and the way back is there. */
static void dead_board_is_partial_until_it_is_restored(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	int64_t backup, device;

	CHECK(stage_open(&s) && set(&s, &bare));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	stage_stop(&s);
	bare.sim.faults.die_after = 400; /* after the backup's read, in the middle of the write */
	bare.sim.image_save = true;
	CHECK(stage_start(&s, &bare, 1));
	noise(after, SIZE, 9);
	q.image = add_image(&s, after, SIZE);
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_FAILED);
	backup = job.result.backup;
	device = job.result.device;
	CHECK(backup != JOB_NONE && partial_of(&s, device) == job.id);
	stage_stop(&s);
	bare.sim.faults.die_after = 0;
	CHECK(stage_start(&s, &bare, 1));
	CHECK(run(&s, &q)); /* the same again goes on from what it finds */
	CHECK(job.state == JOB_DONE);
	CHECK(partial_of(&s, device) == JOB_NONE);
	see(&s);
	CHECK(!memcmp(now, after, SIZE));
	q = ask(JOB_RESTORE);
	q.dump = backup;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE);
	see(&s);
	CHECK(!memcmp(now, before, SIZE));
}

static void verify_names_the_first_difference(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_VERIFY);

	CHECK(stage_open(&s) && set(&s, &bare));
	memcpy(after, before, SIZE);
	q.image = add_image(&s, after, SIZE);
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE && job.result.verified == 1);
	after[70000] ^= 1;
	after[200000] ^= 1;
	q.image = add_image(&s, after, SIZE);
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_VERIFY_FAILED);
	CHECK(job.error.offset == 70000 && job.error.differing_sectors == 2);
}

static void blank_check_names_the_first_byte(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_BLANK_CHECK);

	CHECK(stage_open(&s) && set(&s, &bare));
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_NOT_BLANK && job.error.offset == 0);
	q = ask(JOB_ERASE);
	q.offset = 4096;
	q.length = 8192;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE);
	q = ask(JOB_BLANK_CHECK);
	q.offset = 4096;
	q.length = 8192;
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE);
}

static void protected_chip_is_written_and_protected_again(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);

	CHECK(stage_open(&s));
	bare.sim.protect = 0x1c;
	CHECK(set(&s, &bare));
	noise(after, SIZE, 10);
	q.image = add_image(&s, after, SIZE);
	CHECK(run(&s, &q));
	CHECK(job.state == JOB_DONE);
	see(&s);
	CHECK(!memcmp(now, after, SIZE));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_IDENTIFY, "bare"), &job));
	CHECK(!strncmp(job.result.status, "1C", 2));
}

/* Whatever happens on the bus: done means right, and the way back is in the archive. */
static void noise_on_the_bus_never_makes_a_wrong_write_done(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot bare = slot(NULL);
	struct job_request q = ask(JOB_WRITE);
	int done = 0;

	CHECK(stage_open(&s) && set(&s, &bare));
	noise(after, SIZE, 11);
	q.image = add_image(&s, after, SIZE);
	for (uint64_t seed = 1; seed <= 40; seed++) {
		stage_stop(&s);
		bare.sim.faults = (struct fault_plan){ .seed = seed,
						       .flip = seed % 3 ? 1e-6 : 3e-5,
						       .short_ = seed % 5 ? 0 : 0.002,
						       .drop = seed % 7 ? 0 : 1e-4,
						       .write_lie = seed % 2 ? 0 : 0.01,
						       .die_after = seed % 4 ? 0 : 200 * seed };
		CHECK(stage_start(&s, &bare, 1));
		CHECK(run(&s, &q));
		CHECK(job.state == JOB_DONE || (job.state == JOB_FAILED && *job.error.text));
		see(&s);
		if (job.state == JOB_DONE) {
			done++;
			CHECK(!memcmp(now, after, SIZE));
		} else if (memcmp(now, before, SIZE) != 0) {
			CHECK(job.result.backup != JOB_NONE);
			CHECK(partial_of(&s, job.result.device) == job.id);
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
