#include "check.h"

#include <stdlib.h>
#include <unistd.h>

#include "auto.h"
#include "dump_store.h"
#include "hash.h"
#include "stage.h"

#define KIB 1024u

static struct job job;
static struct err e;

/* Of the slot "bare". */
static struct job_request ask(enum job_type type, int64_t offset, int64_t length)
{
	struct job_request q = job_request(type);

	snprintf(q.slot, sizeof q.slot, "bare");
	q.offset = offset;
	q.length = length;
	return q;
}

static struct stage_slot doorbell(const char *image, double success)
{
	return (struct stage_slot){ .name = "doorbell",
				    .target = "bk7252",
				    .sim = { .part = stage_part("XT25F32B"),
					     .image = image,
					     .entry_success = success,
					     .max_hz = 8000000,
					     .faults = { .seed = 7 },
					     .has_unique_id = true,
					     .unique_id = { 1, 2, 3, 4, 5, 6, 7, 8 } } };
}

static struct stage_slot bare(const char *image)
{
	return (struct stage_slot){ .name = "bare",
				    .target = "nor",
				    .sim = { .part = stage_part("1C7015"),
					     .bare = true,
					     .image = image,
					     .max_hz = 8000000,
					     .faults = { .seed = 3 } } };
}

static void backup_of_a_beken_board_is_what_the_flash_holds(void)
{
	AUTO(stage_done) struct stage s;

	CHECK(stage_open(&s));
	CHECK(stage_start(
		&s, (struct stage_slot[]){ doorbell(stage_image(&s, "a", 4096 * KIB, 1), 0.05) },
		1));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "doorbell"), &job));
	CHECK(job.state == JOB_DONE);
	CHECK(job.result.verified == 1 && job.result.reads == 2);
	CHECK(job.result.size == 4096 * KIB);
	CHECK(!strcmp(job.result.jedec_id, "0B4016"));
	CHECK(job.result.entry_attempts >= 1);
	CHECK(stage_dump_is_board(&s, job.result.dump, s.board[0]));
	CHECK(sim_board_at_rest(s.board[0]));
}

static void range_of_a_backup_is_honoured(void)
{
	AUTO(stage_done) struct stage s;
	struct job_request q = ask(JOB_BACKUP, 0x11000, 5000);
	bool existed;

	CHECK(stage_open(&s));
	CHECK(stage_start(&s, (struct stage_slot[]){ bare(stage_image(&s, "a", 2048 * KIB, 2)) },
			  1));
	CHECK_OK(rig_submit(s.rig, &q, NULL, &job, &existed, &e), e);
	CHECK(stage_wait(&s, job.id, &job));
	CHECK(job.state == JOB_DONE && job.result.offset == 0x11000 && job.result.size == 5000);
	CHECK(stage_dump_is_board(&s, job.result.dump, s.board[0]));
}

static void range_past_the_chip_fails_and_says_so(void)
{
	AUTO(stage_done) struct stage s;
	struct job_request q = ask(JOB_BACKUP, 2048 * KIB, 1);
	bool existed;

	CHECK(stage_open(&s));
	CHECK(stage_start(&s, (struct stage_slot[]){ bare(NULL) }, 1));
	CHECK_OK(rig_submit(s.rig, &q, NULL, &job, &existed, &e), e);
	CHECK(stage_wait(&s, job.id, &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_UNPROCESSABLE);
	CHECK(strstr(job.error.text, "read: ") == job.error.text);
	CHECK(stage_dumps(&s) == 0);
}

static void identify_tells_the_chip_and_the_device(void)
{
	AUTO(stage_done) struct stage s;
	struct slot_info info;

	CHECK(stage_open(&s));
	CHECK(stage_start(&s, (struct stage_slot[]){ doorbell(NULL, 1) }, 1));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_IDENTIFY, "doorbell"), &job));
	CHECK(job.state == JOB_DONE);
	CHECK(!strcmp(job.result.unique_id, "0102030405060708"));
	CHECK(job.result.device != JOB_NONE);
	CHECK_OK(rig_slot_get(s.rig, "doorbell", &info, &e), e);
	CHECK(info.has_chip && info.chip_size == 4096 * KIB && info.device == job.result.device);
}

static void board_that_never_answers_ends_at_its_timeout(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = doorbell(NULL, 0);

	slot.entry_timeout_ms = 2000;
	CHECK(stage_open(&s));
	CHECK(stage_start(&s, &slot, 1));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "doorbell"), &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_NO_CHIP);
	CHECK(job.error.hint[0] != '\0');
	CHECK(job.result.entry_attempts > 20);
	CHECK(job.result.simulated_ms >= 2000 && job.result.simulated_ms < 2500);
	CHECK(sim_board_at_rest(s.board[0]));
}

static void cancel_during_entry_ends_as_cancelled(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = doorbell(NULL, 0);
	int64_t id;

	slot.sim.real_time = true;
	CHECK(stage_open(&s));
	CHECK(stage_start(&s, &slot, 1));
	id = stage_submit(&s, JOB_BACKUP, "doorbell");
	CHECK(stage_wait_phase(&s, "enter"));
	CHECK_OK(rig_job_cancel(s.rig, id, &e), e);
	CHECK(stage_wait(&s, id, &job));
	CHECK(job.state == JOB_CANCELLED && job.error.code == ERR_CANCELLED);
	CHECK(sim_board_at_rest(s.board[0]));
	CHECK(rig_job_cancel(s.rig, id, &e) == -1 && e.code == ERR_CONFLICT);
}

static void cancel_during_read_leaves_no_dump(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = bare(NULL);
	int64_t id;

	slot.sim.image = NULL;
	slot.sim.real_time = true;
	CHECK(stage_open(&s));
	CHECK(stage_start(&s, &slot, 1));
	id = stage_submit(&s, JOB_BACKUP, "bare");
	CHECK(stage_wait_phase(&s, "read"));
	CHECK_OK(rig_job_cancel(s.rig, id, &e), e);
	CHECK(stage_wait(&s, id, &job));
	CHECK(job.state == JOB_CANCELLED);
	CHECK(stage_dumps(&s) == 0);
}

static void stop_interrupts_the_running_and_keeps_the_queued(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = bare(NULL);
	int64_t first, second;

	slot.sim.real_time = true;
	CHECK(stage_open(&s));
	CHECK(stage_start(&s, &slot, 1));
	first = stage_submit(&s, JOB_BACKUP, "bare");
	second = stage_submit(&s, JOB_IDENTIFY, "bare");
	CHECK(stage_wait_phase(&s, "read"));
	stage_stop(&s);
	slot.sim.real_time = false;
	CHECK(stage_start(&s, &slot, 1));
	CHECK(stage_wait(&s, second, &job));
	CHECK(job.state == JOB_DONE);
	CHECK_OK(rig_job_get(s.rig, first, &job, &e), e);
	CHECK(job.state == JOB_INTERRUPTED && job.error.code == ERR_INTERRUPTED);
}

static void queue_is_bounded_and_in_order(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = bare(NULL);
	struct job_request q = ask(JOB_IDENTIFY, JOB_NONE, JOB_NONE);
	int64_t first;
	bool existed;

	slot.sim.real_time = true;
	CHECK(stage_open(&s));
	CHECK(stage_start(&s, &slot, 1));
	first = stage_submit(&s, JOB_BACKUP, "bare");
	CHECK(stage_wait_phase(&s, "read"));
	for (int i = 0; i < 8; i++)
		CHECK(stage_submit(&s, JOB_IDENTIFY, "bare") == first + 1 + i);
	CHECK(rig_submit(s.rig, &q, NULL, &job, &existed, &e) == -1);
	CHECK(e.code == ERR_TOO_MANY);
	CHECK_OK(rig_job_cancel(s.rig, first + 3, &e), e); /* queued: at once */
	CHECK_OK(rig_job_get(s.rig, first + 3, &job, &e), e);
	CHECK(job.state == JOB_CANCELLED && job.started_ms == JOB_NONE);
	CHECK_OK(rig_job_cancel(s.rig, first, &e), e);
	CHECK(stage_wait(&s, first + 8, &job));
	CHECK(job.state == JOB_DONE);
}

static void same_key_gives_the_same_job(void)
{
	AUTO(stage_done) struct stage s;
	struct job_request q = ask(JOB_IDENTIFY, JOB_NONE, JOB_NONE);
	const struct job_key key = { "k", { 1 } }, other = { "k", { 2 } };
	bool existed;
	int64_t id;

	CHECK(stage_open(&s));
	CHECK(stage_start(&s, (struct stage_slot[]){ bare(NULL) }, 1));
	CHECK_OK(rig_submit(s.rig, &q, &key, &job, &existed, &e), e);
	CHECK(!existed);
	id = job.id;
	CHECK_OK(rig_submit(s.rig, &q, &key, &job, &existed, &e), e);
	CHECK(existed && job.id == id);
	CHECK(rig_submit(s.rig, &q, &other, &job, &existed, &e) == -1);
	CHECK(e.code == ERR_CONFLICT);
}

static void offline_slot_fails_its_jobs_with_the_reason(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = bare(NULL);
	struct slot_info info;

	slot.offline = true;
	CHECK(stage_open(&s));
	CHECK(stage_start(&s, &slot, 1));
	CHECK_OK(rig_slot_get(s.rig, "bare", &info, &e), e);
	CHECK(info.state == SLOT_OFFLINE && strstr(info.error.text, "nothing is plugged in"));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_IDENTIFY, "bare"), &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_OFFLINE);
}

static bool waits_for_state(struct stage *s, enum slot_state state)
{
	struct slot_info info;

	for (int i = 0; i < 500; i++) {
		if (rig_slot_get(s->rig, "bare", &info, &e) == 0 && info.state == state)
			return true;
		usleep(10000);
	}
	return false;
}

static void board_that_is_pulled_out_is_offline_until_it_is_back(void)
{
	AUTO(stage_done) struct stage s;

	CHECK(stage_open(&s));
	CHECK(stage_start(&s, (struct stage_slot[]){ bare(NULL) }, 1));
	CHECK(waits_for_state(&s, SLOT_IDLE));
	atomic_store(&s.flaky[0].gone, true);
	CHECK(stage_wait(&s, stage_submit(&s, JOB_IDENTIFY, "bare"), &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_OFFLINE);
	CHECK(strstr(job.error.text, "the cable is out"));
	CHECK(waits_for_state(&s, SLOT_OFFLINE));
	atomic_store(&s.flaky[0].gone, false);
	CHECK(waits_for_state(&s, SLOT_IDLE)); /* by itself */
	CHECK(stage_wait(&s, stage_submit(&s, JOB_IDENTIFY, "bare"), &job));
	CHECK(job.state == JOB_DONE);
}

static void reset_pulses_cen_and_is_refused_while_a_job_runs(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = doorbell(NULL, 0);
	struct sim_counters seen;

	CHECK(stage_open(&s));
	slot.sim.real_time = true;
	CHECK(stage_start(&s, &slot, 1));
	CHECK_OK(rig_slot_reset(s.rig, "doorbell", &e), e);
	sim_board_counters(s.board[0], &seen);
	CHECK(seen.resets == 1 && sim_board_at_rest(s.board[0]));
	CHECK(stage_submit(&s, JOB_BACKUP, "doorbell") > 0);
	CHECK(stage_wait_phase(&s, "enter"));
	CHECK(rig_slot_reset(s.rig, "doorbell", &e) == -1 && e.code == ERR_CONFLICT);
	CHECK(rig_slot_reset(s.rig, "nobody", &e) == -1 && e.code == ERR_NOT_FOUND);
}

static void chip_that_dies_is_not_taken_for_erased(void)
{
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = bare(NULL);

	CHECK(stage_open(&s));
	slot.sim.image = stage_image(&s, "a", 2048 * KIB, 5);
	for (uint64_t after = 30; after < 1100; after += 97) {
		slot.sim.faults.die_after = after;
		CHECK(stage_start(&s, &slot, 1));
		CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
		CHECK(job.state == JOB_FAILED);
		CHECK(job.error.code == ERR_NO_CHIP || job.error.code == ERR_UNSTABLE_READ);
		CHECK(stage_dumps(&s) == 0);
		stage_stop(&s);
	}
}

/* Whatever the noise: a verified dump is what the chip holds. */
static void noise_never_makes_a_wrong_dump_verified(void)
{
	static const struct fault_plan plans[] = { { .flip = 1e-6 },
						   { .flip = 2e-5 },
						   { .short_ = 0.01 },
						   { .short_ = 0.05, .flip = 1e-6 } };
	AUTO(stage_done) struct stage s;
	struct stage_slot slot = bare(NULL);
	int verified = 0;

	CHECK(stage_open(&s));
	slot.sim.part = stage_part("EF4014");
	slot.sim.image = stage_image(&s, "a", 1024 * KIB, 6);
	for (uint64_t seed = 1; seed <= 24; seed++) {
		slot.sim.faults = plans[seed % ARRAY_LEN(plans)];
		slot.sim.faults.seed = seed;
		CHECK(stage_start(&s, &slot, 1));
		CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
		CHECK(job.state == JOB_DONE || job.has_error);
		if (job.state == JOB_DONE) {
			verified++;
			CHECK(job.result.verified == 1);
			CHECK(stage_dump_is_board(&s, job.result.dump, s.board[0]));
		}
		stage_stop(&s);
	}
	CHECK(verified > 0);
}

static void unstable_sectors_are_named_and_the_dump_kept(void)
{
	AUTO(stage_done) struct stage s;
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	struct stage_slot slot = bare(NULL);

	CHECK(stage_open(&s));
	slot.sim.part = stage_part("EF4012"); /* 256 KiB */
	slot.sim.image = stage_image(&s, "a", 256 * KIB, 8);
	slot.sim.faults = (struct fault_plan){ .seed = 11, .flip = 4e-4 };
	CHECK(stage_start(&s, &slot, 1));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "bare"), &job));
	CHECK(job.state == JOB_FAILED && job.error.code == ERR_UNSTABLE_READ);
	CHECK(job.error.offset >= 0 && job.error.differing_sectors > 0);
	CHECK(job.result.verified == 0 && job.result.dump != JOB_NONE);
	AUTO(tx_end) struct tx tx = tx_begin_read(&s.db);
	CHECK_OK(dump_get(&tx, job.result.dump, dump, &e), e);
	CHECK(!dump->verified && dump->unstables > 0);
}

static void log_tells_every_step(void)
{
	AUTO(stage_done) struct stage s;
	AUTO(auto_free) char *text = NULL;

	CHECK(stage_open(&s));
	CHECK(stage_start(&s, (struct stage_slot[]){ doorbell(NULL, 0.1) }, 1));
	CHECK(stage_wait(&s, stage_submit(&s, JOB_BACKUP, "doorbell"), &job));
	CHECK_OK(rig_job_log(s.rig, job.id, &text, &e), e);
	CHECK(strstr(text, "enter: ") && strstr(text, "probe: ") && strstr(text, "read: "));
	CHECK(strstr(text, "verify: ") && strstr(text, "archive: "));
}

static const struct check all[] = {
	{ "backup of a beken board is what the flash holds",
	  backup_of_a_beken_board_is_what_the_flash_holds },
	{ "range of a backup is honoured", range_of_a_backup_is_honoured },
	{ "range past the chip fails and says so", range_past_the_chip_fails_and_says_so },
	{ "identify tells the chip and the device", identify_tells_the_chip_and_the_device },
	{ "board that never answers ends at its timeout",
	  board_that_never_answers_ends_at_its_timeout },
	{ "cancel during entry ends as cancelled", cancel_during_entry_ends_as_cancelled },
	{ "cancel during read leaves no dump", cancel_during_read_leaves_no_dump },
	{ "stop interrupts the running and keeps the queued",
	  stop_interrupts_the_running_and_keeps_the_queued },
	{ "queue is bounded and in order", queue_is_bounded_and_in_order },
	{ "same key gives the same job", same_key_gives_the_same_job },
	{ "offline slot fails its jobs with the reason",
	  offline_slot_fails_its_jobs_with_the_reason },
	{ "board that is pulled out is offline until it is back",
	  board_that_is_pulled_out_is_offline_until_it_is_back },
	{ "reset pulses cen and is refused while a job runs",
	  reset_pulses_cen_and_is_refused_while_a_job_runs },
	{ "chip that dies is not taken for erased", chip_that_dies_is_not_taken_for_erased },
	{ "noise never makes a wrong dump verified", noise_never_makes_a_wrong_dump_verified },
	{ "unstable sectors are named and the dump kept",
	  unstable_sectors_are_named_and_the_dump_kept },
	{ "log tells every step", log_tells_every_step },
};
CHECK_MAIN(all)
