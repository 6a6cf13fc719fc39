/*
 * All kinds of jobs on boards with all kinds of faults, by seed: "done" means right, and what is
 * not right is told. FLASHRIG_SEEDS says how many seeds, FLASHRIG_SEED which is the first.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "dump_store.h"
#include "image_store.h"
#include "stage.h"

#define SEEDS 60
#define SIZE  (256u * 1024) /* EF4012 */

static struct job job;
static struct err e;
static uint8_t before[SIZE], wanted[SIZE], now[SIZE];
static char unique_id[17]; /* each seed has a board of its own */

/* ---- chance */

static uint64_t chance;

static uint32_t below(uint32_t n)
{
	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((chance >> 33) % n);
}

static bool one_in(uint32_t n)
{
	return below(n) == 0;
}

/* Like firmware: stretches of noise, of one value, and erased ones. */
static void make_content(uint8_t *bytes, uint32_t len)
{
	for (uint32_t at = 0, n; at < len; at += n) {
		const uint32_t kind = below(3);

		n = 1 + below(20000);
		n = n < len - at ? n : len - at;
		for (uint32_t i = 0; i < n; i++)
			bytes[at + i] = kind == 0 ? (uint8_t)below(256) : kind == 1 ? 0xff : 0x5a;
	}
}

static struct fault_plan make_faults(uint64_t seed)
{
	return (struct fault_plan){
		.seed = seed,
		.flip = one_in(3)   ? 0
			: one_in(2) ? 1e-6
				    : 2e-5,
		.short_ = one_in(4) ? 0.002 : 0,
		.drop = one_in(4) ? 2e-4 : 0,
		.write_lie = one_in(3) ? 0.01 : 0,
		.die_after = one_in(5) ? 1 + below(1500) : 0,
		.stuck = one_in(25) ? (enum fault_stuck)(1 + below(3)) : FAULT_STUCK_NONE,
	};
}

/* ---- one seed */

/* What the archive knows before faults begin. */
struct known {
	int64_t image, dump, device;
	uint32_t image_len;
};

/* As far as the chip is blank, and at least a byte. */
static uint32_t blank_from(uint32_t at)
{
	uint32_t n = 0;

	while (at + n < SIZE && before[at + n] == 0xff)
		n++;
	return n ? n : 1;
}

static struct job_request make_request(const struct known *known)
{
	static const enum job_type types[] = {
		JOB_IDENTIFY, JOB_BACKUP, JOB_VERIFY, JOB_WRITE,
		JOB_RESTORE,  JOB_ERASE,  JOB_WRITE,  JOB_BLANK_CHECK
	};
	struct job_request q = job_request(types[below(ARRAY_LEN(types))]);

	snprintf(q.slot, sizeof q.slot, "s");
	if (q.type == JOB_RESTORE || (q.type == JOB_VERIFY && one_in(2)))
		q.dump = known->dump;
	else if (q.type == JOB_WRITE || q.type == JOB_VERIFY)
		q.image = known->image;
	if (q.type == JOB_WRITE)
		q.offset = below(SIZE - known->image_len + 1);
	if (q.type == JOB_WRITE && one_in(3))
		snprintf(q.preserve, sizeof q.preserve, "%u+%u ", below(SIZE), 1 + below(5000));
	if (q.type == JOB_ERASE || q.type == JOB_BLANK_CHECK) {
		q.offset = below(SIZE - 1);
		q.length = 1 + below(SIZE - (uint32_t)q.offset);
	}
	if (q.type == JOB_BLANK_CHECK && one_in(2))
		q.length = blank_from((uint32_t)q.offset);
	if (q.type == JOB_BACKUP && one_in(3))
		q.offset = below(SIZE - 1);
	return q;
}

static bool read_content(struct stage *s, int64_t content, uint8_t *buf, size_t len)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&s->db);

	return content_read(&tx, content, 0, buf, len, &e) == 0;
}

static bool load_dump(struct stage *s, int64_t id, struct dump *dump)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&s->db);

	return dump_get(&tx, id, dump, &e) == 0;
}

static bool load_image(struct stage *s, int64_t id, struct image *image)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&s->db);

	return image_get(&tx, id, image, &e) == 0;
}

/* What the chip holds when the job has done what it says: in `wanted`. */
static bool make_wanted(struct stage *s, const struct job_request *q)
{
	static uint8_t source[SIZE];
	static struct dump dump;
	struct image image;
	unsigned long long from = 0, len = 0;

	memcpy(wanted, before, SIZE);
	if (q->type == JOB_ERASE)
		memset(wanted + q->offset, 0xff, (size_t)q->length);
	if (q->dump > 0) {
		if (!load_dump(s, q->dump, &dump) ||
		    !read_content(s, dump.content.id, wanted, SIZE))
			return false;
	}
	if (q->image > 0) {
		if (!load_image(s, q->image, &image) ||
		    !read_content(s, image.content.id, source, image.content.size))
			return false;
		memcpy(wanted + (q->offset > 0 ? q->offset : 0), source, image.content.size);
	}
	if (sscanf(q->preserve, "%llu+%llu", &from, &len) == 2) /* NOLINT(cert-err34-c) */
		for (unsigned long long i = from; i < from + len && i < SIZE; i++)
			wanted[i] = before[i];
	return true;
}

static bool dump_shows(struct stage *s, int64_t id, const uint8_t *chip)
{
	static uint8_t stored[SIZE];
	static struct dump dump;

	return load_dump(s, id, &dump) && dump.verified &&
	       read_content(s, dump.content.id, stored, dump.content.size) &&
	       !memcmp(stored, chip + dump.offset, dump.content.size);
}

static bool is_blank(const struct job_request *q)
{
	for (int64_t i = q->offset; i < q->offset + q->length; i++)
		if (now[i] != 0xff)
			return false;
	return true;
}

static bool is_change(enum job_type type)
{
	return type == JOB_WRITE || type == JOB_RESTORE || type == JOB_ERASE;
}

/* A job that says "done". */
static bool done_is_right(struct stage *s, const struct job_request *q)
{
	const struct job_result *r = &job.result;

	if (strcmp(r->jedec_id, "EF4012") != 0 ||
	    (*r->unique_id && strcmp(r->unique_id, unique_id) != 0))
		return false;
	switch (q->type) {
	case JOB_BACKUP: return dump_shows(s, r->dump, now) && !memcmp(now, before, SIZE);
	case JOB_BLANK_CHECK: return is_blank(q);
	case JOB_VERIFY:
	case JOB_WRITE:
	case JOB_RESTORE:
	case JOB_ERASE: return !memcmp(now, wanted, SIZE) && stage_partial(s, r->device).job < 0;
	case JOB_IDENTIFY:
	default: return true;
	}
}

/* One that failed: a reason, and where the chip is not what it was, the way back. */
static bool failure_is_told(struct stage *s, const struct job_request *q)
{
	struct partial partial;

	if (!job.has_error || job.error.code == ERR_NONE || !*job.error.text)
		return false;
	if (!memcmp(now, before, SIZE))
		return true;
	partial = stage_partial(s, job.result.device);
	return is_change(q->type) && partial.job == job.id && dump_shows(s, partial.backup, before);
}

static struct stage_slot make_slot(const char *image, bool bare, uint64_t seed)
{
	struct stage_slot slot = { .name = "s",
				   .target = bare ? "nor" : "bk7231n",
				   .entry_timeout_ms = 20000,
				   .sim = { .part = stage_part("EF4012"),
					    .bare = bare,
					    .image = image,
					    .max_hz = 8000000,
					    .entry_success = 1,
					    .faults = { .seed = 1 },
					    .has_unique_id = true } };

	snprintf(unique_id, sizeof unique_id, "0102%012llX", (unsigned long long)seed);
	slot.sim.unique_id[0] = 1;
	slot.sim.unique_id[1] = 2;
	for (int i = 0; i < 6; i++)
		slot.sim.unique_id[7 - i] = (uint8_t)(seed >> (8 * i));
	return slot;
}

static bool write_file(const char *path, const uint8_t *bytes, size_t len)
{
	AUTO(auto_fclose) FILE *f = fopen(path, "wb");

	return f && fwrite(bytes, 1, len, f) == len;
}

/* Without faults: an image and a dump to work with. Then the chip gets what it holds before the job. */
static bool prepare(struct stage *s, struct stage_slot *slot, const char *path, struct known *known)
{
	known->image_len = 1 + below(SIZE);
	make_content(wanted, known->image_len);
	make_content(before, SIZE);
	if (!write_file(path, before, SIZE) || !stage_start(s, slot, 1))
		return false;
	known->image = stage_add_image(s, wanted, known->image_len);
	if (!stage_wait(s, stage_submit(s, JOB_BACKUP, "s"), &job) || job.state != JOB_DONE)
		return false;
	known->dump = job.result.dump;
	stage_stop(s);
	if (one_in(2))
		make_content(before + below(SIZE / 2), SIZE / 2);
	return write_file(path, before, SIZE);
}

static bool try_job(struct stage *s, struct stage_slot *slot, const char *path, uint64_t seed,
		    int done[JOB_CHECK])
{
	struct known known = { .image = 0 };
	struct job_request q;

	if (!prepare(s, slot, path, &known))
		return false;
	slot->sim.faults = make_faults(seed);
	slot->sim.entry_success = one_in(3) ? 0.1 : 1;
	q = make_request(&known);
	q.force = 1; /* what it writes is no bootloader */
	if (!stage_start(s, slot, 1) || !make_wanted(s, &q) || !stage_run(s, &q, &job))
		return false;
	sim_board_peek(s->board[0], 0, now, SIZE);
	done[q.type] += job.state == JOB_DONE;
	return job.state == JOB_DONE ? done_is_right(s, &q) : failure_is_told(s, &q);
}

static bool try_seed(struct stage *s, uint64_t seed, int done[JOB_CHECK])
{
	struct stage_slot slot;
	char path[128];
	bool good;

	chance = seed * 0x9e3779b97f4a7c15u;
	snprintf(path, sizeof path, "%s/chip", s->dir);
	slot = make_slot(path, one_in(2), seed);
	good = try_job(s, &slot, path, seed, done);
	stage_stop(s);
	return good;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name); /* NOLINT(concurrency-mt-unsafe) */

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void done_means_right_whatever_the_faults(void)
{
	const uint64_t first = number("FLASHRIG_SEED", 1), n = number("FLASHRIG_SEEDS", SEEDS);
	int done[JOB_CHECK] = { 0 }, all = 0;
	AUTO(stage_done) struct stage s;

	CHECK(stage_open(&s));
	for (uint64_t seed = first; seed < first + n; seed++) {
		const bool good = try_seed(&s, seed, done);

		if (!good)
			printf("seed %llu: %s, %s: %s\n", (unsigned long long)seed,
			       job_type_name(job.request.type), job_state_name(job.state),
			       job.error.text);
		CHECK(good);
	}
	for (int type = 0; type < JOB_CHECK; type++)
		all += done[type];
	printf("     %llu seeds: %d jobs done and right (", (unsigned long long)n, all);
	for (int type = 0; type < JOB_CHECK; type++)
		printf("%s%s %d", type ? ", " : "", job_type_name((enum job_type)type), done[type]);
	printf("), %d failed and said so\n", (int)n - all);
	CHECK(all > (int)n / 4 && all < (int)n);
}

static const struct check all[] = {
	{ "done means right whatever the faults", done_means_right_whatever_the_faults },
};

CHECK_MAIN(all)
