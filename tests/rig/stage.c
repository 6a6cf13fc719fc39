#include "stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auto.h"
#include "board.h"
#include "dump_store.h"
#include "image_store.h"
#include "target.h"

static void complain(const char *what, const struct err *e)
{
	fprintf(stderr, "stage: %s: %s\n", what, e->text);
}

const struct nor_part *stage_part(const char *name)
{
	struct err e;
	const struct nor_part *part = nor_part_by_name(name, &e);

	if (!part) {
		complain(name, &e);
		abort();
	}
	return part;
}

static void on_job(struct rig_observer *observer, const struct job *job)
{
	struct stage *stage = (struct stage *)observer;
	LOCK(&stage->lock);

	if (job_state_ended(job->state) && job->id > stage->ended)
		stage->ended = job->id;
	if (job->state == JOB_RUNNING) {
		stage->running_events++;
		snprintf(stage->phase, sizeof stage->phase, "%s", job->phase);
	}
	pthread_cond_broadcast(&stage->changed);
}

static void on_slot(struct rig_observer *observer, const char *name)
{
	(void)observer;
	(void)name;
}

static void on_dump(struct rig_observer *observer, int64_t id)
{
	(void)observer;
	(void)id;
}

bool stage_open(struct stage *stage)
{
	char path[128];
	struct err e;

	*stage = (struct stage){ .observer = { .job = on_job, .slot = on_slot, .dump = on_dump } };
	pthread_mutex_init(&stage->lock, NULL);
	pthread_cond_init(&stage->changed, NULL);
	snprintf(stage->dir, sizeof stage->dir, "/tmp/flashrig-stage-XXXXXX");
	if (!mkdtemp(stage->dir)) {
		perror("stage: mkdtemp");
		return false;
	}
	snprintf(path, sizeof path, "%s/archive.db", stage->dir);
	if (db_open(&stage->db, path, &e) == 0)
		return true;
	complain("archive", &e);
	return false;
}

static bool open_slot(struct stage *stage, const struct stage_slot *slot, struct rig_slot *out)
{
	struct err e;

	*out = (struct rig_slot){ .target = target_by_name(slot->target),
				  .spi_hz = slot->sim.max_hz,
				  .entry_timeout_ms = slot->entry_timeout_ms,
				  .backend = "sim" };
	snprintf(out->name, sizeof out->name, "%s", slot->name);
	snprintf(out->why, sizeof out->why, "nothing is plugged in");
	if (slot->offline)
		return true;
	stage->board[stage->n] = sim_board_open(&slot->sim, &e);
	if (!stage->board[stage->n]) {
		complain(slot->name, &e);
		return false;
	}
	flaky_board_init(&stage->flaky[stage->n], stage->board[stage->n]);
	out->board = &stage->flaky[stage->n].base;
	return true;
}

bool stage_start(struct stage *stage, const struct stage_slot *slots, size_t n)
{
	static const struct rig_limits limits = { .queued = 8, .log_bytes = 1 << 20 };
	struct rig_slot set[STAGE_SLOTS];
	struct err e;

	for (stage->n = 0; stage->n < n; stage->n++)
		if (!open_slot(stage, &slots[stage->n], &set[stage->n]))
			return false;
	stage->rig = rig_new(&stage->db, set, n, &limits, &e);
	if (!stage->rig) {
		complain("rig", &e);
		return false;
	}
	rig_observe(stage->rig, &stage->observer);
	if (rig_start(stage->rig, &e) == 0)
		return true;
	complain("start", &e);
	return false;
}

void stage_stop(struct stage *stage)
{
	rig_free(stage->rig);
	stage->rig = NULL;
}

void stage_done(struct stage *stage)
{
	char command[128];

	stage_stop(stage);
	db_close(&stage->db);
	snprintf(command, sizeof command, "rm -rf %s", stage->dir);
	if (system(command) != 0) /* NOLINT(concurrency-mt-unsafe,cert-env33-c) */
		perror("stage: rm");
	pthread_cond_destroy(&stage->changed);
	pthread_mutex_destroy(&stage->lock);
}

static bool submit(struct stage *stage, const struct job_request *q, struct job *job)
{
	struct err e;
	bool existed;

	if (rig_submit(stage->rig, q, NULL, job, &existed, &e) == 0)
		return true;
	complain("submit", &e);
	return false;
}

int64_t stage_submit(struct stage *stage, enum job_type type, const char *slot)
{
	struct job_request q = job_request(type);
	AUTO(auto_free) struct job *job = calloc(1, sizeof *job);

	snprintf(q.slot, sizeof q.slot, "%s", slot);
	return submit(stage, &q, job) ? job->id : -1;
}

static bool wait_until(struct stage *stage, bool (*done)(struct stage *, const void *),
		       const void *what)
{
	struct timespec until;
	LOCK(&stage->lock);

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 30;
	while (!done(stage, what))
		if (pthread_cond_timedwait(&stage->changed, &stage->lock, &until) == ETIMEDOUT)
			return false;
	return true;
}

static bool has_ended(struct stage *stage, const void *id)
{
	return stage->ended >= *(const int64_t *)id;
}

bool stage_wait(struct stage *stage, int64_t id, struct job *job)
{
	struct err e;

	if (!wait_until(stage, has_ended, &id)) {
		fprintf(stderr, "stage: job %lld does not end\n", (long long)id);
		return false;
	}
	if (rig_job_get(stage->rig, id, job, &e) == 0)
		return true;
	complain("job", &e);
	return false;
}

bool stage_run(struct stage *stage, const struct job_request *q, struct job *job)
{
	return submit(stage, q, job) && stage_wait(stage, job->id, job);
}

static bool has_phase(struct stage *stage, const void *phase)
{
	return !strcmp(stage->phase, phase);
}

bool stage_wait_phase(struct stage *stage, const char *phase)
{
	return wait_until(stage, has_phase, phase);
}

static bool same_bytes(struct tx *tx, const struct dump *dump, struct board *board)
{
	static uint8_t stored[65536], chip[65536];
	struct err e;

	for (uint64_t at = 0; at < dump->content.size; at += sizeof stored) {
		const uint64_t left = dump->content.size - at;
		const size_t n = left < sizeof stored ? (size_t)left : sizeof stored;

		if (content_read(tx, dump->content.id, at, stored, n, &e) < 0) {
			complain("content", &e);
			return false;
		}
		sim_board_peek(board, (uint32_t)(dump->offset + at), chip, n);
		if (memcmp(stored, chip, n) != 0)
			return false;
	}
	return true;
}

bool stage_dump_is_board(struct stage *stage, int64_t id, struct board *board)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	AUTO(tx_end) struct tx tx = tx_begin_read(&stage->db);
	struct err e;

	if (dump_get(&tx, id, dump, &e) < 0) {
		complain("dump", &e);
		return false;
	}
	return same_bytes(&tx, dump, board);
}

size_t stage_dumps(struct stage *stage)
{
	struct archive_totals totals = { .dumps = 999999 };
	AUTO(tx_end) struct tx tx = tx_begin_read(&stage->db);
	struct err e;

	if (archive_totals_get(&tx, &totals, &e) < 0)
		complain("totals", &e);
	return totals.dumps;
}

void stage_noise(uint8_t *bytes, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(seed >> 56);
	}
}

const char *stage_image(struct stage *stage, const char *name, size_t len, uint64_t seed)
{
	static char path[128];
	AUTO(auto_free) uint8_t *bytes = malloc(len);
	AUTO(auto_fclose) FILE *f = NULL;

	snprintf(path, sizeof path, "%s/%s", stage->dir, name);
	f = fopen(path, "wb");
	if (bytes)
		stage_noise(bytes, len, seed);
	if (!bytes || !f || fwrite(bytes, 1, len, f) != len)
		perror("stage: image");
	return path;
}

int64_t stage_add_image(struct stage *stage, const uint8_t *bytes, size_t len)
{
	struct image image = { .name = "test", .kind = "bin" };
	struct err e;
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&stage->db, &e);

	if (in && ingest_append(in, bytes, len, &e) == 0 &&
	    ingest_seal(in, &image.content, &e) == 0) {
		AUTO(tx_end) struct tx tx = tx_begin(&stage->db);

		if (ingest_commit(in, &tx, &image.content, &e) == 0 &&
		    image_add(&tx, &image, &e) == 0 && tx_commit(&tx, &e) == 0)
			return image.id;
	}
	complain("image", &e);
	return -1;
}

struct partial stage_partial(struct stage *stage, int64_t device)
{
	struct partial sum = { .job = -2 };
	AUTO(tx_end) struct tx tx = tx_begin_read(&stage->db);
	struct err e;

	if (partial_get(&tx, device, &sum, &e) < 0)
		complain("partial", &e);
	return sum;
}
