#include "wire.h"

#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "file_name.h"
#include "json.h"

static bool prints(cJSON *json, const char *wanted)
{
	AUTO(auto_free) char *text = json_print(json);
	const bool same = text && !strcmp(text, wanted);

	if (!same)
		fprintf(stderr, "%s\n", text ? text : "(nothing)");
	return same;
}

static struct job queued(void)
{
	struct job job = { .id = 7,
			   .request = job_request(JOB_BACKUP),
			   .batch = JOB_NONE,
			   .created_ms = 0,
			   .started_ms = JOB_NONE,
			   .finished_ms = JOB_NONE };

	strcpy(job.request.slot, "left");
	job_result_clear(&job.result);
	return job;
}

static void queued_job_has_nulls(void)
{
	const struct job job = queued();

	CHECK(prints(wire_job(&job),
		     "{\"id\":7,\"type\":\"backup\",\"slot\":\"left\",\"batch\":null,"
		     "\"resumes\":null,\"request\":{},"
		     "\"state\":\"queued\",\"phase\":null,\"progress\":null,"
		     "\"created_at\":\"1970-01-01T00:00:00.000Z\",\"started_at\":null,"
		     "\"finished_at\":null,\"error\":null,\"result\":null}"));
}

static void running_job_has_phase_and_progress(void)
{
	struct job job = queued();

	job.state = JOB_RUNNING;
	job.started_ms = 1500;
	strcpy(job.phase, "read");
	strcpy(job.progress_unit, "bytes");
	job.progress_done = 4096;
	job.progress_total = 4194304;
	CHECK(prints(wire_job(&job),
		     "{\"id\":7,\"type\":\"backup\",\"slot\":\"left\",\"batch\":null,"
		     "\"resumes\":null,\"request\":{},"
		     "\"state\":\"running\",\"phase\":\"read\","
		     "\"progress\":{\"done\":4096,\"total\":4194304,\"unit\":\"bytes\"},"
		     "\"created_at\":\"1970-01-01T00:00:00.000Z\","
		     "\"started_at\":\"1970-01-01T00:00:01.500Z\",\"finished_at\":null,"
		     "\"error\":null,\"result\":null}"));
}

static void progress_without_a_known_end_has_no_total(void)
{
	struct job job = queued();
	AUTO(auto_free) char *text = NULL;

	job.state = JOB_RUNNING;
	strcpy(job.progress_unit, "attempts");
	job.progress_done = 12;
	job.progress_total = JOB_NONE;
	text = json_print(wire_job(&job));
	CHECK(strstr(text, "\"progress\":{\"done\":12,\"total\":null,\"unit\":\"attempts\"}"));
}

static void what_a_person_should_do_is_there_while_the_job_runs(void)
{
	struct job job = queued();
	AUTO(auto_free) char *running = NULL;
	AUTO(auto_free) char *done = NULL;

	strcpy(job.asks, "Reset it.");
	job.state = JOB_RUNNING;
	running = json_print(wire_job(&job));
	job.state = JOB_DONE;
	done = json_print(wire_job(&job));
	CHECK(strstr(running, "\"asks\":\"Reset it.\"") && !strstr(done, "asks"));
}

static void result_is_nested_and_leaves_out_what_is_not_there(void)
{
	struct job job = queued();
	AUTO(auto_free) char *text = NULL;

	job.state = JOB_DONE;
	job.result.dump = 3;
	strcpy(job.result.jedec_id, "0B4016");
	job.result.size = 4194304;
	job.result.crc32 = 0xab;
	job.result.verified = 1;
	job.result.entry_attempts = 36;
	job.result.entry_ms = 1773;
	job.result.entry_hz = 8000000;
	job.result.wire_bytes = 8419164;
	text = json_print(wire_job(&job));
	CHECK(strstr(text, "\"result\":{\"dump\":3,\"jedec_id\":\"0B4016\",\"size\":4194304,"
			   "\"crc32\":\"000000AB\",\"verified\":true,"
			   "\"entry\":{\"attempts\":36,\"ms\":1773,\"params\":{\"hz\":8000000}},"
			   "\"wire\":{\"bytes\":8419164}}"));
	CHECK(strstr(text, "\"progress\":{\"done\":4194304,\"total\":4194304,\"unit\":\"bytes\"}"));
}

static void error_has_what_is_known(void)
{
	struct err e;

	err_set(&e, ERR_VERIFY_FAILED, "verify: 3 sectors differ");
	CHECK(prints(wire_error(&e),
		     "{\"code\":\"verify-failed\",\"message\":\"verify: 3 sectors differ\"}"));
	err_hint(&e, "Try again.");
	err_at(&e, 0x1f000, 3);
	CHECK(prints(wire_error(&e),
		     "{\"code\":\"verify-failed\",\"message\":\"verify: 3 sectors differ\","
		     "\"hint\":\"Try again.\",\"offset\":126976,\"differing_sectors\":3}"));
}

static void error_that_quotes_broken_text_is_still_utf8(void)
{
	AUTO(auto_free) char *text = NULL;
	struct err e;

	err_set(&e, ERR_NOT_FOUND, "no \xff\"\x01 \xc3\xa4 \xe2\x82");
	text = json_print(wire_error(&e));
	CHECK(!strcmp(text,
		      "{\"code\":\"not-found\",\"message\":\"no ?\\\"\\u0001 \xc3\xa4 ??\"}"));
}

static void failed_job_carries_its_error(void)
{
	struct job job = queued();
	AUTO(auto_free) char *text = NULL;

	job.state = JOB_FAILED;
	job.has_error = true;
	err_set(&job.error, ERR_NO_CHIP, "enter: nothing answers");
	text = json_print(wire_job(&job));
	CHECK(strstr(text, "\"state\":\"failed\""));
	CHECK(strstr(text,
		     "\"error\":{\"code\":\"no-chip\",\"message\":\"enter: nothing answers\"}"));
}

static void slot_is_as_in_the_contract(void)
{
	struct slot_info slot = { .name = "left",
				  .backend = "sim",
				  .target = "bk7252",
				  .state = SLOT_IDLE,
				  .job = JOB_NONE,
				  .has_spi = true,
				  .device = JOB_NONE };

	CHECK(prints(wire_slot(&slot),
		     "{\"name\":\"left\",\"board\":\"sim\",\"target\":\"bk7252\","
		     "\"state\":\"idle\",\"job\":null,\"queued\":0,\"chip\":null,"
		     "\"device\":null,\"last_error\":null,\"hands_free\":null,"
		     "\"simulated\":false,\"transports\":[\"spi\"],\"cen\":false,\"log\":false}"));
	slot.has_chip = true;
	strcpy(slot.jedec_id, "0B4016");
	strcpy(slot.chip, "XT25F32B");
	slot.chip_size = 4194304;
	slot.state = SLOT_BUSY;
	slot.job = 7;
	slot.queued = 2;
	slot.device = 5;
	slot.simulated = slot.has_cen = slot.has_uart = slot.has_log = true;
	slot.watch = (struct slot_watch){
		.state = WATCH_REMOVE, .batch = 3, .job = 7, .ok = 0, .boards = 4, .failed = 1
	};
	CHECK(prints(wire_slot(&slot),
		     "{\"name\":\"left\",\"board\":\"sim\",\"target\":\"bk7252\","
		     "\"state\":\"busy\",\"job\":7,\"queued\":2,"
		     "\"chip\":{\"jedec_id\":\"0B4016\",\"name\":\"XT25F32B\",\"size\":4194304},"
		     "\"device\":5,\"last_error\":null,"
		     "\"hands_free\":{\"batch\":3,\"state\":\"remove\",\"ok\":false,\"job\":7,"
		     "\"boards\":4,\"failed\":1},\"simulated\":true,"
		     "\"transports\":[\"spi\",\"uart\"],\"cen\":true,\"log\":true}"));
}

static void chip_lists_its_parts(void)
{
	const struct rig_chip chip = { .jedec_id = 0xef4015,
				       .vendor = "Winbond",
				       .names = "W25Q16JV/W25Q16DV",
				       .size = 2097152,
				       .page = 256,
				       .erases = 2,
				       .erase = { 4096, 65536 } };

	CHECK(prints(wire_chip(&chip),
		     "{\"jedec_id\":\"EF4015\",\"vendor\":\"Winbond\","
		     "\"parts\":[\"W25Q16JV\",\"W25Q16DV\"],\"size\":2097152,\"page\":256,"
		     "\"erase\":[4096,65536]}"));
}

static struct dump doorbell(void)
{
	return (struct dump){ .id = 1,
			      .device = 5,
			      .slot = "doorbell",
			      .job = 7,
			      .jedec_id = "0B4016",
			      .chip = "XT25F32B",
			      .content = { .size = 4194304,
					   .crc32 = 0x64e354de,
					   .sha256 = { 0xab },
					   .stored_bytes = 99 },
			      .complete = true,
			      .verified = true,
			      .created_ms = 1795343724123 };
}

static void dump_is_as_in_the_contract(void)
{
	struct dump dump = doorbell();

	dump.tags = 1;
	strcpy(dump.tag[0], "good");
	dump.unstables = 1;
	dump.unstable[0] = (struct dump_range){ 4096, 8192 };
	CHECK(prints(wire_dump(&dump),
		     "{\"id\":1,\"device\":5,\"slot\":\"doorbell\",\"job\":7,"
		     "\"jedec_id\":\"0B4016\",\"chip\":\"XT25F32B\",\"offset\":0,"
		     "\"size\":4194304,\"complete\":true,\"crc32\":\"64E354DE\","
		     "\"sha256\":\"ab00000000000000000000000000000000000000000000000000000000000000"
		     "\",\"verified\":true,\"unstable\":[{\"offset\":4096,\"length\":8192}],"
		     "\"source\":\"spi\",\"created_at\":\"2026-11-22T10:35:24.123Z\","
		     "\"label\":\"\",\"notes\":\"\",\"tags\":[\"good\"],\"stored_bytes\":99}"));
}

static void imported_dump_has_nulls(void)
{
	const struct dump dump = { .id = 2, .device = -1, .job = -1, .source = DUMP_IMPORT };
	AUTO(auto_free) char *text = json_print(wire_dump(&dump));

	CHECK(strstr(text, "\"device\":null,\"slot\":null,\"job\":null,\"jedec_id\":null,"
			   "\"chip\":null,"));
	CHECK(strstr(text, "\"unstable\":[],\"source\":\"import\""));
}

static void device_is_as_in_the_contract(void)
{
	const struct device device = { .id = 5,
				       .label = "door",
				       .jedec_id = "0B4016",
				       .mac = "C8:47:8C:00:00:01",
				       .dumps = 2,
				       .partial.job = -1,
				       .first_seen_ms = 0,
				       .last_seen_ms = 1000 };

	CHECK(prints(wire_device(&device),
		     "{\"id\":5,\"label\":\"door\",\"jedec_id\":\"0B4016\",\"unique_id\":null,"
		     "\"mac\":\"C8:47:8C:00:00:01\",\"dumps\":2,"
		     "\"first_seen\":\"1970-01-01T00:00:00.000Z\","
		     "\"last_seen\":\"1970-01-01T00:00:01.000Z\",\"notes\":\"\",\"tags\":[],"
		     "\"partial\":null}"));
}

static void request_is_shown_as_it_was_asked(void)
{
	struct job job = queued();
	AUTO(auto_free) char *text = NULL;

	job.request = job_request(JOB_WRITE);
	job.request.image = 3;
	job.request.offset = 0x11000;
	job.request.fill = 0;
	job.request.backup = JOB_BACKUP_ALWAYS;
	job.request.force = 1;
	strcpy(job.request.expect_jedec_id, "0B4016");
	strcpy(job.request.preserve, "0+4096 69632+4096 ");
	job.resumes = 6;
	text = json_print(wire_job(&job));
	CHECK(strstr(text, "\"resumes\":6,\"request\":{\"offset\":69632,\"image\":3,\"fill\":0,"
			   "\"backup\":\"always\",\"force\":true,\"expect_jedec_id\":\"0B4016\","
			   "\"preserve\":[{\"offset\":0,\"length\":4096},"
			   "{\"offset\":69632,\"length\":4096}]}"));
}

static void half_done_device_tells_the_way_on_and_the_way_back(void)
{
	const struct device device = { .id = 5,
				       .partial = { .device = 5,
						    .job = 9,
						    .image = 2,
						    .dump = -1,
						    .start = 4096,
						    .length = 8192,
						    .backup = 7,
						    .since_ms = 1000 } };
	AUTO(auto_free) char *text = json_print(wire_device(&device));

	CHECK(strstr(text, "\"partial\":{\"job\":9,\"image\":2,\"dump\":null,\"offset\":4096,"
			   "\"length\":8192,\"backup\":7,"
			   "\"since\":\"1970-01-01T00:00:01.000Z\"}"));
}

static void batch_is_as_in_the_contract(void)
{
	AUTO(auto_free) struct batch *batch = calloc(1, sizeof *batch);

	CHECK(batch);
	batch->id = 4;
	batch->request = job_request(JOB_ERASE);
	batch->request.length = 4096;
	batch->again_of = 2;
	batch->open = true;
	batch->finished_ms = JOB_NONE;
	batch->n_slots = 2;
	strcpy(batch->slot[0].name, "a");
	strcpy(batch->slot[1].name, "b");
	batch->total = 2;
	batch->failed = 1;
	batch->running = 1;
	CHECK(prints(wire_batch(batch),
		     "{\"id\":4,\"type\":\"erase\",\"label\":null,\"slots\":[\"a\",\"b\"],"
		     "\"request\":{\"length\":4096},\"hands_free\":false,\"again_of\":2,"
		     "\"state\":\"running\",\"created_at\":\"1970-01-01T00:00:00.000Z\","
		     "\"finished_at\":null,\"total\":2,\"done\":0,\"failed\":1,\"cancelled\":0,"
		     "\"interrupted\":0,\"queued\":0,\"running\":1}"));
}

static void file_name_tells_what_it_is(void)
{
	struct dump dump = doorbell();
	char name[FILE_NAME];

	file_name(&dump, name);
	CHECK(!strcmp(name, "flashrig_doorbell_XT25F32B_0B4016_20261122_0x64E354DE.bin"));
	strcpy(dump.label, " Front / T\xc3\xbcr \"1\" ");
	strcpy(dump.chip, "W25Q16JV/W25Q16DV");
	file_name(&dump, name);
	CHECK(!strcmp(name, "flashrig_Front-T-r-1_W25Q16JV-W25Q16DV_0B4016_20261122_"
			    "0x64E354DE.bin"));
	strcpy(dump.label, "\xc3\xbc\r\n");
	dump.chip[0] = dump.jedec_id[0] = '\0';
	file_name(&dump, name);
	CHECK(!strcmp(name, "flashrig_20261122_0x64E354DE.bin"));
	memset(dump.label, 'x', sizeof dump.label - 1);
	file_name(&dump, name);
	CHECK(strlen(name) < FILE_NAME - 1);
}

static const struct check all[] = {
	{ "request is shown as it was asked", request_is_shown_as_it_was_asked },
	{ "half-done device tells the way on and the way back",
	  half_done_device_tells_the_way_on_and_the_way_back },
	{ "batch is as in the contract", batch_is_as_in_the_contract },
	{ "queued job has nulls", queued_job_has_nulls },
	{ "running job has phase and progress", running_job_has_phase_and_progress },
	{ "what a person should do is there while the job runs",
	  what_a_person_should_do_is_there_while_the_job_runs },
	{ "progress without a known end has no total", progress_without_a_known_end_has_no_total },
	{ "result is nested and leaves out what is not there",
	  result_is_nested_and_leaves_out_what_is_not_there },
	{ "error has what is known", error_has_what_is_known },
	{ "error that quotes broken text is still utf8",
	  error_that_quotes_broken_text_is_still_utf8 },
	{ "failed job carries its error", failed_job_carries_its_error },
	{ "slot is as in the contract", slot_is_as_in_the_contract },
	{ "chip lists its parts", chip_lists_its_parts },
	{ "dump is as in the contract", dump_is_as_in_the_contract },
	{ "imported dump has nulls", imported_dump_has_nulls },
	{ "device is as in the contract", device_is_as_in_the_contract },
	{ "file name tells what it is", file_name_tells_what_it_is },
};

CHECK_MAIN(all)
