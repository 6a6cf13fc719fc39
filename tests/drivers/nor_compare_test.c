#include "check.h"

#include "auto.h"
#include "fake_bus.h"
#include "nor_compare.h"
#include "nor_stage.h"

#define SIZE 0x20000u
#define PART "W25X10"

static uint8_t content[SIZE], other[SIZE];

#define STAGE(s, e) \
	AUTO(stage_done) struct nor_stage s; \
	stage_random(content, SIZE, 1); \
	memcpy(other, content, SIZE); \
	CHECK_OK(stage_new(&(s), PART, content, SIZE, &(e)), (e))

static int compare(struct nor_stage *s, uint32_t addr, size_t len, struct nor_difference *d,
		   struct err *e)
{
	struct nor_memory memory = nor_memory(other, 0);
	const struct nor_image image = { .source = &memory.base, .addr = addr, .len = len };

	return nor_compare(&s->nor, &image, NULL, d, e);
}

static void equal_bytes_do_not_differ(void)
{
	struct nor_difference d = { .sectors = 9 };
	struct err e;
	STAGE(s, e);

	CHECK_OK(compare(&s, 0, SIZE, &d, &e), e);
	CHECK(d.sectors == 0);
	CHECK_OK(compare(&s, 0x1233, 0x4567, &d, &e), e);
	CHECK(d.sectors == 0);
}

static void the_first_difference_and_the_sectors_are_told(void)
{
	struct nor_difference d;
	struct err e;
	STAGE(s, e);

	other[0x3456] ^= 1;
	other[0x3fff] ^= 1;
	other[0x4000] ^= 1;
	other[0x1ffff] ^= 0x80;
	CHECK_OK(compare(&s, 0, SIZE, &d, &e), e);
	CHECK(d.sectors == 3 && d.first == 0x3456);
	CHECK_OK(compare(&s, 0x3457, 0x800, &d, &e), e);
	CHECK(d.sectors == 0);
}

static void the_first_byte_that_is_not_blank_is_told(void)
{
	struct err e;

	memset(content, 0xff, SIZE);
	content[0x12345] = 0xfe;
	AUTO(stage_done) struct nor_stage s;
	CHECK_OK(stage_new(&s, PART, content, SIZE, &e), e);
	CHECK(stage_blank_check(&s, 0, SIZE, NULL, &e) == -1);
	CHECK(e.code == ERR_NOT_BLANK && e.offset == 0x12345 && e.differing_sectors == 1);
	CHECK_OK(stage_blank_check(&s, 0, 0x12345, NULL, &e), e);
	CHECK_OK(stage_blank_check(&s, 0x12346, SIZE - 0x12346, NULL, &e), e);
}

static void past_the_end_is_refused(void)
{
	struct nor_difference d;
	struct err e;
	STAGE(s, e);

	CHECK(compare(&s, SIZE - 1, 2, &d, &e) == -1 && e.code == ERR_BAD_INPUT);
	CHECK(stage_blank_check(&s, SIZE + 1, 0, NULL, &e) == -1 && e.code == ERR_BAD_INPUT);
}

static void noise_is_no_difference(void)
{
	const struct sim_board_config config = { .faults = { .seed = 5, .flip = 2e-5 } };
	AUTO(stage_done) struct nor_stage s;
	struct nor_difference d;
	struct err e;

	stage_random(content, SIZE, 1);
	memcpy(other, content, SIZE);
	CHECK_OK(stage_open(&s, PART, &config, content, SIZE, &e), e);
	CHECK_OK(stage_probe(&s, &e), e);
	CHECK_OK(compare(&s, 0, SIZE, &d, &e), e);
	CHECK(d.sectors == 0);
}

/* An answer that ends early shows FFs: none of these chips is blank. */
static void a_cut_answer_is_no_blank_chip(void)
{
	memset(content, 0xff, SIZE);
	for (uint32_t at = 0xff0; at < SIZE; at += 4096)
		content[at] = 0;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		const struct sim_board_config config = { .faults = { .seed = seed,
								     .short_ = 0.02 } };
		AUTO(stage_done) struct nor_stage s;
		struct err e;

		CHECK_OK(stage_open(&s, PART, &config, content, SIZE, &e), e);
		if (stage_probe(&s, &e) < 0)
			continue;
		CHECK(stage_blank_check(&s, 0x3000, 0x1000, NULL, &e) == -1);
	}
}

static void a_cancel_is_heard(void)
{
	struct fake_progress progress;
	struct err e;
	STAGE(s, e);

	fake_progress_init(&progress, s.board->clock, 5);
	CHECK(stage_blank_check(&s, 0, SIZE, &progress.progress, &e) == -1);
	CHECK(e.code == ERR_CANCELLED && progress.longest_ns < 100 * CLOCK_MS);
}

static const struct check all[] = {
	{ "equal bytes do not differ", equal_bytes_do_not_differ },
	{ "the first difference and the sectors are told",
	  the_first_difference_and_the_sectors_are_told },
	{ "the first byte that is not blank is told", the_first_byte_that_is_not_blank_is_told },
	{ "past the end is refused", past_the_end_is_refused },
	{ "noise is no difference", noise_is_no_difference },
	{ "a cut answer is no blank chip", a_cut_answer_is_no_blank_chip },
	{ "a cancel is heard", a_cancel_is_heard },
};
CHECK_MAIN(all)
