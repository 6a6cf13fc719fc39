#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "nor_stage.h"

#define KIB    1024u
#define SIZE   (128 * KIB)
#define PART   "W25X10"
#define SECTOR 4096u
#define PAGE   256u

#define STAGE(s, part, content, len, e) \
	AUTO(stage_done) struct nor_stage s; \
	CHECK_OK(stage_new(&(s), (part), (content), (len), &(e)), (e))

static uint8_t content[4 * 1024 * KIB], image[4 * 1024 * KIB];
static struct nor_written written;
static const struct nor_write_options plain = { .written = &written };

static void begin(void)
{
	stage_random(content, sizeof content, 1);
	stage_random(image, sizeof image, 2);
}

static void what_is_written_is_there(void)
{
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	CHECK_OK(stage_write(&s, 0, image, SIZE, &plain, &e), e);
	CHECK(stage_holds(&s, 0, image, SIZE));
	CHECK(written.erased == SIZE && written.programmed >= SIZE - 2 * SIZE / PAGE);
	CHECK(written.skipped == 0 && written.repairs == 0);
}

/* Any offset and length: the bytes are there, and all others as before. */
static bool stays_within(uint32_t addr, uint32_t len, struct err *e)
{
	AUTO(stage_done) struct nor_stage s;

	begin();
	if (stage_new(&s, PART, content, SIZE, e) < 0 ||
	    stage_write(&s, addr, image + addr, len, &plain, e) < 0)
		return false;
	memcpy(content + addr, image + addr, len);
	return stage_holds(&s, 0, content, SIZE);
}

static void bytes_outside_the_range_stay(void)
{
	struct err e;

	CHECK(stays_within(0, 1, &e) && stays_within(SIZE - 1, 1, &e));
	CHECK(stays_within(0x1234, 100, &e) && stays_within(0xfff, 2, &e));
	CHECK(stays_within(1, SIZE - 2, &e) && stays_within(0x10800, 0x1000, &e));
	CHECK(stays_within(0xf000, 0x2000, &e) && stays_within(0, 0x10000, &e));
}

static void the_same_image_again_changes_nothing(void)
{
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	CHECK_OK(stage_write(&s, 0, content, SIZE, &plain, &e), e);
	CHECK(stage_counters(&s).erases == 0 && stage_counters(&s).programs == 0);
	CHECK(written.skipped == SIZE && written.erased == 0 && written.programmed == 0);
}

static void one_byte_costs_one_sector(void)
{
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	memcpy(image, content, SIZE);
	image[0x12345] = (uint8_t)~image[0x12345];
	CHECK_OK(stage_write(&s, 0, image, SIZE, &plain, &e), e);
	CHECK(stage_counters(&s).erases == 1 && stage_counters(&s).programs == 16);
	CHECK(written.skipped == SIZE - SECTOR && written.erased == SECTOR);
}

static void a_bit_that_falls_needs_no_erase(void)
{
	struct err e;

	begin();
	content[0x12345] = 0xf0;
	STAGE(s, PART, content, SIZE, e);
	memcpy(image, content, SIZE);
	image[0x12345] = 0x30;
	CHECK_OK(stage_write(&s, 0, image, SIZE, &plain, &e), e);
	CHECK(stage_counters(&s).erases == 0 && stage_counters(&s).programs == 1);
	CHECK(written.programmed == 1 && stage_holds(&s, 0, image, SIZE));
}

static void blank_pages_are_not_programmed(void)
{
	struct err e;

	begin();
	for (size_t at = 0; at < SIZE; at += 2 * PAGE)
		memset(image + at, 0xff, PAGE);
	STAGE(s, PART, image, 0, e);
	CHECK_OK(stage_write(&s, 0, image, SIZE, &plain, &e), e);
	CHECK(stage_counters(&s).erases == 0);
	CHECK(stage_counters(&s).programs == SIZE / PAGE / 2);
	CHECK(stage_holds(&s, 0, image, SIZE));
}

static void a_chip_is_erased_at_once_where_that_is_quicker(void)
{
	const size_t size = 4 * 1024 * KIB;
	struct err e;

	begin();
	STAGE(s, "XT25F32B", content, size, e); /* 15 s, or 64 times 300 ms */
	CHECK_OK(stage_write(&s, 0, image, size, &plain, &e), e);
	CHECK(stage_counters(&s).erases == 1 && stage_holds(&s, 0, image, size));
	CHECK_OK(stage_write(&s, 0, image, size, &plain, &e), e);
	CHECK(stage_counters(&s).erases == 1);
}

/* 48 times 300 ms are less than 15 s and what had to be programmed again. */
static void a_chip_is_not_erased_at_once_where_much_of_it_stays(void)
{
	const size_t size = 4 * 1024 * KIB;
	struct err e;

	begin();
	memcpy(image + size / 2, content + size / 2, size / 4);
	STAGE(s, "XT25F32B", content, size, e);
	CHECK_OK(stage_write(&s, 0, image, size, &plain, &e), e);
	CHECK(stage_counters(&s).erases == 48 && stage_holds(&s, 0, image, size));
}

static void a_range_is_erased_and_its_neighbours_stay(void)
{
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	CHECK_OK(nor_erase_range(&s.nor, 0x1801, 0x11000, &plain, &e), e);
	memset(content + 0x1801, 0xff, 0x11000);
	CHECK(stage_holds(&s, 0, content, SIZE));
	CHECK_OK(nor_erase_range(&s.nor, 0x1801, 0x11000, &plain, &e), e);
	CHECK(written.erases == 0 && written.programs == 0);
}

static void past_the_end_is_refused(void)
{
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	CHECK(stage_write(&s, SIZE - 1, image, 2, &plain, &e) == -1 && e.code == ERR_BAD_INPUT);
	CHECK(stage_write(&s, SIZE + 1, image, 0, &plain, &e) == -1 && e.code == ERR_BAD_INPUT);
	CHECK_OK(stage_write(&s, SIZE, image, 0, &plain, &e), e);
	CHECK(stage_counters(&s).messages == 0);
}

static int broken_read(struct nor_source *source, uint32_t addr, uint8_t *buf, size_t len,
		       struct err *e)
{
	(void)source;
	(void)buf;
	(void)len;
	return err_set(e, ERR_ARCHIVE_DAMAGED, "no bytes for 0x%x", addr);
}

static void a_source_that_fails_ends_it_before_anything_is_lost(void)
{
	struct nor_source broken = { broken_read };
	const struct nor_image what = { .source = &broken, .addr = 0, .len = SIZE };
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	CHECK(nor_write(&s.nor, &what, &plain, &e) == -1 && e.code == ERR_ARCHIVE_DAMAGED);
	CHECK(stage_counters(&s).erases == 0);
}

/* ---- after a read of the whole chip */

static int write_as_seen(struct nor_stage *s, const uint8_t *seen_bytes, uint32_t addr, size_t len,
			 struct err *e)
{
	struct nor_memory seen = nor_memory(seen_bytes, 0);
	const struct nor_write_options options = { .seen = &seen.base, .written = &written };

	return stage_write(s, addr, image + addr, len, &options, e);
}

/* One sector of the whole image differs: it is read, written, read back; all else is read once. */
static void what_was_seen_is_read_once_more_and_no_more(void)
{
	struct err e;

	begin();
	memset(content + SIZE / 2, 0xff, SIZE / 2);
	STAGE(s, PART, content, SIZE, e);
	memcpy(image, content, SIZE);
	stage_random(image + 0x3000, SECTOR, 3);
	CHECK_OK(write_as_seen(&s, content, 0, SIZE, &e), e);
	CHECK(stage_holds(&s, 0, image, SIZE));
	CHECK(written.erases == 1 && written.programs == SECTOR / PAGE);
	CHECK(written.skipped == SIZE - SECTOR && written.repairs == 0);
	CHECK(stage_counters(&s).bytes < SIZE + 4 * SECTOR);
}

/* Somebody else has written since: it is found by the proof, and mended from what is really there. */
static void a_chip_that_changed_since_it_was_seen_is_still_written_right(void)
{
	struct err e;

	for (uint32_t at = 0; at < SIZE; at += SIZE / 8) {
		stage_random(content, SIZE, 1);
		memcpy(image, content, SIZE);
		stage_random(image + 0x3000, SECTOR, 3);
		stage_random(image + 0x18000, 100, 4);
		memset(content + at, 0, SECTOR + 7);
		STAGE(s, PART, content, SIZE, e);
		stage_random(content, SIZE, 1);
		CHECK_OK(write_as_seen(&s, content, 0, SIZE, &e), e);
		CHECK(stage_holds(&s, 0, image, SIZE) && written.repairs >= 1);
	}
}

/* What it is to be is there already, though it was seen otherwise: nothing is erased for that. */
static void what_is_to_be_changed_is_looked_at(void)
{
	struct err e;

	begin();
	STAGE(s, PART, image, SIZE, e);
	CHECK_OK(write_as_seen(&s, content, 0x1800, 0x5000, &e), e);
	CHECK(written.erases == 0 && written.programs == 0 && written.repairs == 0);
	CHECK(stage_holds(&s, 0, image, SIZE));
}

static void bytes_outside_the_range_stay_also_when_they_were_seen_otherwise(void)
{
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	CHECK_OK(write_as_seen(&s, image, 0x1801, 0x11001, &e), e);
	memcpy(content + 0x1801, image + 0x1801, 0x11001);
	CHECK(stage_holds(&s, 0, content, SIZE));
}

/* Cut answers and flipped bits: what is done is right, or it says that it is not. */
static void noise_after_a_read_spoils_nothing(void)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		const struct sim_board_config config = {
			.faults = { .seed = seed, .flip = 1e-5, .short_ = 0.002, .write_lie = 0.02 }
		};
		AUTO(stage_done) struct nor_stage s;
		struct err e;

		stage_random(content, SIZE, 1);
		memset(content + SIZE / 2, 0xff, SIZE / 2);
		memcpy(image, content, SIZE);
		stage_random(image + 0x7000, 3 * SECTOR, seed);
		CHECK_OK(stage_open(&s, PART, &config, content, SIZE, &e), e);
		if (stage_probe(&s, &e) < 0 || write_as_seen(&s, content, 0, SIZE, &e) < 0)
			continue;
		CHECK(stage_holds(&s, 0, image, SIZE));
	}
}

/* ---- ways to program */

static void write_words_and_bytes(const char *part, enum nor_program program)
{
	const struct nor_write_options options = { .unprotect = true };
	struct err e;

	begin();
	STAGE(s, part, content, 0x4000, e);
	CHECK(s.nor.program == program);
	CHECK_OK(stage_write(&s, 0x1001, image + 0x1001, 0x1801, &options, &e), e);
	memcpy(content + 0x1001, image + 0x1001, 0x1801);
	CHECK(stage_holds(&s, 0, content, 0x4000));
}

static void words_are_programmed_one_after_the_other(void)
{
	write_words_and_bytes("SST25VF016B", NOR_PROGRAM_AAI);
}

static void bytes_are_programmed_one_by_one(void)
{
	const struct nor_part *part = NULL;
	size_t n;

	part = nor_parts(&n);
	for (size_t i = 0; i < n; i++) {
		char id[8];

		if (part[i].program != NOR_PROGRAM_BYTE)
			continue;
		snprintf(id, sizeof id, "%06X", part[i].jedec_id);
		write_words_and_bytes(id, NOR_PROGRAM_BYTE);
	}
}

/* Parts that the simulator and this driver have in common: all but those of mixed block sizes. */
static bool part_is_written(const struct nor_part *part, struct err *e)
{
	const struct nor_write_options options = { .unprotect = true };
	AUTO(stage_done) struct nor_stage s;
	char id[8];

	snprintf(id, sizeof id, "%06X", part->jedec_id);
	if (stage_new(&s, id, content, 0x4000, e) < 0 ||
	    stage_write(&s, 0x801, image + 0x801, 0x901, &options, e) < 0)
		return false;
	return stage_holds(&s, 0, content, 0x801) && stage_holds(&s, 0x801, image + 0x801, 0x901) &&
	       stage_holds(&s, 0x1102, content + 0x1102, 0x4000 - 0x1102);
}

static void every_part_of_the_table_is_written_or_refused(void)
{
	size_t n, written_parts = 0;
	const struct nor_part *part = nor_parts(&n);

	begin();
	for (size_t i = 0; i < n; i++) {
		struct err e = { .code = ERR_NONE };
		const bool done = part_is_written(&part[i], &e);

		CHECK(done || e.code == ERR_UNKNOWN_CHIP || e.code == ERR_PROTECTED);
		written_parts += done;
	}
	CHECK(written_parts >= n - 1);
}

/* ---- economy on the wire */

static void a_page_costs_one_message_and_few_polls(void)
{
	struct err e;

	begin();
	STAGE(s, PART, content, 0, e);
	CHECK_OK(stage_write(&s, 0, image, SIZE, &plain, &e), e);
	CHECK(stage_counters(&s).programs == SIZE / PAGE);
	CHECK(stage_counters(&s).polls < 6 * SIZE / PAGE);
}

static bool is_near(uint64_t ns, uint64_t want_ns)
{
	return ns > want_ns * 85 / 100 && ns < want_ns * 115 / 100;
}

/* XT25F32B takes 60 ms and 0.5 ms, W25Q32 45 ms and 0.4 ms; without SFDP nobody says so. */
static void the_chips_own_times_are_learned(void)
{
	const struct sim_board_config config = { .no_sfdp = true };
	AUTO(stage_done) struct nor_stage slow, quick;
	struct err e;

	slow = quick = (struct nor_stage){ .board = NULL };
	begin();
	CHECK_OK(stage_open(&slow, "XT25F32B", &config, content, SIZE, &e), e);
	CHECK_OK(stage_open(&quick, "EF4016", &config, content, SIZE, &e), e);
	CHECK_OK(stage_probe(&slow, &e), e);
	CHECK_OK(stage_probe(&quick, &e), e);
	for (uint32_t at = 0x1000; at < SIZE; at += 0x2000) {
		CHECK_OK(stage_write(&slow, at, image + at, 0x1000, &plain, &e), e);
		CHECK_OK(stage_write(&quick, at, image + at, 0x1000, &plain, &e), e);
	}
	CHECK(is_near(slow.nor.erase_pace[0].estimate_ns, 60 * CLOCK_MS));
	CHECK(is_near(quick.nor.program_pace.estimate_ns, 400 * CLOCK_US));
}

static void an_erase_that_still_goes_on_is_waited_for(void)
{
	static const uint8_t enable = 0x06, erase[] = { 0xd8, 1, 0, 0 };
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	CHECK_OK(spi_command(s.board->spi, &enable, 1, NULL, 0, &e), e);
	CHECK_OK(spi_command(s.board->spi, erase, sizeof erase, NULL, 0, &e), e);
	CHECK_OK(stage_write(&s, 0, content, 0x10000, &plain, &e), e);
	CHECK(written.erases == 0 && written.programs == 0);
}

static void a_small_bus_is_enough(void)
{
	const struct sim_board_config config = { .max_len = 64 };
	AUTO(stage_done) struct nor_stage s;
	struct err e;

	begin();
	CHECK_OK(stage_open(&s, PART, &config, content, SIZE, &e), e);
	CHECK_OK(stage_probe(&s, &e), e);
	CHECK_OK(stage_write(&s, 0x800, image, 0x3000, &plain, &e), e);
	CHECK(stage_holds(&s, 0x800, image, 0x3000));
}

/* A controller that loses the last byte before the chip select rises within a message. */
struct cutter {
	struct spi base;
	struct spi *inner;
};

static int cutter_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	struct spi_seg copy[8];

	memcpy(copy, seg, n * sizeof *seg);
	for (size_t i = 0; i + 1 < n; i++)
		copy[i].len -= seg[i].cs_up;
	return spi_xfer(((struct cutter *)spi)->inner, copy, n, e);
}

static int cutter_setup(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
			struct err *e)
{
	*real = *want;
	return spi_setup(((struct cutter *)spi)->inner, want, e);
}

static const struct spi_ops cutter_ops = { .name = "cutter",
					   .setup = cutter_setup,
					   .xfer = cutter_xfer };

static void a_controller_that_cuts_messages_is_noticed(void)
{
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	struct cutter cutter = { *s.board->spi, s.board->spi };

	cutter.base.ops = &cutter_ops;
	CHECK_OK(nor_probe(&cutter.base, s.board->clock, &s.nor, &e), e);
	CHECK_OK(stage_write(&s, 0x100, image, 0x3000, &plain, &e), e);
	CHECK(s.nor.apart && written.repairs == 0 && stage_holds(&s, 0x100, image, 0x3000));
}

static const struct check all[] = {
	{ "what is written is there", what_is_written_is_there },
	{ "bytes outside the range stay", bytes_outside_the_range_stay },
	{ "the same image again changes nothing", the_same_image_again_changes_nothing },
	{ "one byte costs one sector", one_byte_costs_one_sector },
	{ "a bit that falls needs no erase", a_bit_that_falls_needs_no_erase },
	{ "blank pages are not programmed", blank_pages_are_not_programmed },
	{ "a chip is erased at once where that is quicker",
	  a_chip_is_erased_at_once_where_that_is_quicker },
	{ "a chip is not erased at once where much of it stays",
	  a_chip_is_not_erased_at_once_where_much_of_it_stays },
	{ "a range is erased and its neighbours stay", a_range_is_erased_and_its_neighbours_stay },
	{ "past the end is refused", past_the_end_is_refused },
	{ "a source that fails ends it before anything is lost",
	  a_source_that_fails_ends_it_before_anything_is_lost },
	{ "what was seen is read once more and no more",
	  what_was_seen_is_read_once_more_and_no_more },
	{ "a chip that changed since it was seen is still written right",
	  a_chip_that_changed_since_it_was_seen_is_still_written_right },
	{ "what is to be changed is looked at", what_is_to_be_changed_is_looked_at },
	{ "bytes outside the range stay also when they were seen otherwise",
	  bytes_outside_the_range_stay_also_when_they_were_seen_otherwise },
	{ "noise after a read spoils nothing", noise_after_a_read_spoils_nothing },
	{ "words are programmed one after the other", words_are_programmed_one_after_the_other },
	{ "bytes are programmed one by one", bytes_are_programmed_one_by_one },
	{ "every part of the table is written or refused",
	  every_part_of_the_table_is_written_or_refused },
	{ "a page costs one message and few polls", a_page_costs_one_message_and_few_polls },
	{ "the chip's own times are learned", the_chips_own_times_are_learned },
	{ "an erase that still goes on is waited for", an_erase_that_still_goes_on_is_waited_for },
	{ "a small bus is enough", a_small_bus_is_enough },
	{ "a controller that cuts messages is noticed",
	  a_controller_that_cuts_messages_is_noticed },
};
CHECK_MAIN(all)
