/* Chips above 16 MiB, and chips that are smaller than they say. */
#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "nor_stage.h"

#define FOUR_BYTE_MODE 0x01 /* SR3: ADS */
#define HIGH           0x1800000u
#define LEN            0x3000u

static uint8_t content[0x200000], image[LEN];

static int open_large(struct nor_stage *s, const char *part, bool no_sfdp,
		      const struct fault_plan *faults, struct err *e)
{
	const struct sim_board_config config = { .no_sfdp = no_sfdp, .faults = *faults };

	stage_random(image, LEN, 2);
	if (stage_open(s, part, &config, content, 0, e) < 0)
		return -1;
	return stage_probe(s, e);
}

static bool is_in_four_byte_mode(struct nor_stage *s)
{
	const uint8_t op = 0x15;
	uint8_t sr3 = 0xff;
	struct err e;

	return spi_command(s->board->spi, &op, 1, &sr3, 1, &e) < 0 || (sr3 & FOUR_BYTE_MODE);
}

/* Written far up, and nothing at the same place 16 MiB below. */
static bool writes_far_up(struct nor_stage *s, struct err *e)
{
	AUTO(auto_free) uint8_t *blank = malloc(LEN);
	uint8_t seen[0x100];

	memset(blank, 0xff, LEN);
	if (stage_write(s, HIGH + 0x800, image, LEN,
			&(struct nor_write_options){ .progress = NULL }, e) < 0 ||
	    nor_read(&s->nor, HIGH + 0x900, seen, sizeof seen, e) < 0)
		return false;
	return stage_holds(s, HIGH + 0x800, image, LEN) &&
	       stage_holds(s, HIGH + 0x800 - 0x1000000, blank, LEN) &&
	       !memcmp(seen, image + 0x100, sizeof seen) && !is_in_four_byte_mode(s);
}

static void parts_with_and_without_opcodes_of_their_own_are_written(void)
{
	static const char *const parts[] = { "EF4019", "20BA19", "EF7019" };
	const struct fault_plan quiet = { .seed = 0 };

	for (size_t i = 0; i < 6; i++) {
		AUTO(stage_done) struct nor_stage s;
		struct err e;

		CHECK_OK(open_large(&s, parts[i / 2], i % 2, &quiet, &e), e);
		CHECK(s.nor.address_bytes == 4);
		CHECK(writes_far_up(&s, &e));
		CHECK_OK(nor_erase_range(&s.nor, HIGH, 0x10000,
					 &(struct nor_write_options){ .progress = NULL }, &e),
			 e);
		CHECK_OK(stage_blank_check(&s, HIGH, 0x10000, NULL, &e), e);
		CHECK(!is_in_four_byte_mode(&s));
	}
}

static void the_mode_is_left_after_failures_too(void)
{
	for (uint64_t seed = 1; seed < 40; seed++) {
		const struct fault_plan lies = { .seed = seed, .write_lie = 1 };
		AUTO(stage_done) struct nor_stage s;
		struct err e;

		CHECK_OK(open_large(&s, "EF4019", true, &lies, &e), e);
		CHECK(!writes_far_up(&s, &e) && e.code == ERR_VERIFY_FAILED);
		CHECK(!is_in_four_byte_mode(&s));
	}
}

/* ---- a bus that does not connect the highest address bit: what a smaller chip does */

struct mirror {
	struct spi base;
	struct spi *inner;
};

static int mirror_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	struct mirror *m = (struct mirror *)spi;
	struct spi_seg copy[8];
	uint8_t head[8][300];
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		copy[i] = seg[i];
		if (first && seg[i].tx && seg[i].len >= 4 && seg[i].len <= sizeof head[i] &&
		    seg[i].tx[0] != 0x5a) {
			memcpy(head[i], seg[i].tx, seg[i].len);
			head[i][1] &= 0x1f; /* 2 MiB */
			copy[i].tx = head[i];
		}
		first = seg[i].cs_up;
	}
	return spi_xfer(m->inner, copy, n, e);
}

static int mirror_setup(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
			struct err *e)
{
	*real = *want;
	return spi_setup(((struct mirror *)spi)->inner, want, e);
}

static const struct spi_ops mirror_ops = { .name = "mirror",
					   .setup = mirror_setup,
					   .xfer = mirror_xfer };

static int probe_mirrored(struct nor_stage *s, struct mirror *m, struct err *e)
{
	struct spi *inner = s->board->spi;

	*m = (struct mirror){ .base = *inner, .inner = inner };
	m->base.ops = &mirror_ops;
	return nor_probe(&m->base, s->board->clock, &s->nor, e);
}

static void a_chip_that_repeats_itself_is_suspect(void)
{
	AUTO(stage_done) struct nor_stage s;
	struct mirror mirror;
	struct err e;

	stage_random(content, sizeof content, 3);
	CHECK_OK(stage_new(&s, "XT25F32B", content, sizeof content, &e), e);
	CHECK(!s.nor.mirrored_suspect && !s.nor.note[0]);
	CHECK_OK(probe_mirrored(&s, &mirror, &e), e);
	CHECK(s.nor.mirrored_suspect && strstr(s.nor.note, "half"));
}

static void an_erased_chip_is_not_suspect(void)
{
	AUTO(stage_done) struct nor_stage s;
	struct mirror mirror;
	struct err e;

	CHECK_OK(stage_new(&s, "XT25F32B", content, 0, &e), e);
	CHECK_OK(probe_mirrored(&s, &mirror, &e), e);
	CHECK(!s.nor.mirrored_suspect);
}

static void writing_all_of_a_chip_of_half_the_size_fails(void)
{
	const size_t size = 0x400000;
	AUTO(auto_free) uint8_t *all = calloc(size, 1);
	AUTO(stage_done) struct nor_stage s;
	struct nor_memory memory = nor_memory(all, 0);
	const struct nor_image what = { .source = &memory.base, .addr = 0, .len = size };
	struct mirror mirror;
	struct err e;

	stage_random(content, sizeof content, 3);
	stage_random(all, size, 4);
	CHECK_OK(stage_new(&s, "XT25F32B", content, sizeof content, &e), e);
	CHECK_OK(probe_mirrored(&s, &mirror, &e), e);
	CHECK(nor_write(&s.nor, &what, &(struct nor_write_options){ .progress = NULL }, &e) == -1);
	CHECK(e.code == ERR_VERIFY_FAILED && strstr(e.hint, "half"));
}

static const struct check all[] = {
	{ "parts with and without opcodes of their own are written",
	  parts_with_and_without_opcodes_of_their_own_are_written },
	{ "the mode is left after failures too", the_mode_is_left_after_failures_too },
	{ "a chip that repeats itself is suspect", a_chip_that_repeats_itself_is_suspect },
	{ "an erased chip is not suspect", an_erased_chip_is_not_suspect },
	{ "writing all of a chip of half the size fails",
	  writing_all_of_a_chip_of_half_the_size_fails },
};
CHECK_MAIN(all)
