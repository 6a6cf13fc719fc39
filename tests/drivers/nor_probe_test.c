/* What a probe makes of chips that are busy, that mumble, or that take opcodes otherwise. */
#include "check.h"

#include "auto.h"
#include "nor_stage.h"

#define SIZE 0x80000u

static uint8_t content[SIZE];

/* A bus that notes opcodes, and spoils each second answer to 5Ah. */
struct eavesdropper {
	struct spi base;
	struct spi *inner;
	bool mumbles;
	uint64_t sfdp_reads;
	bool heard[256];
};

static int listen_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	struct eavesdropper *l = (struct eavesdropper *)spi;
	bool first = true;

	if (spi_xfer(l->inner, seg, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (first && seg[i].tx)
			l->heard[seg[i].tx[0]] = true;
		if (seg[i].rx && seg[0].tx && seg[0].tx[0] == 0x5a && l->mumbles)
			seg[i].rx[seg[i].len / 2] ^= (uint8_t)(1 << l->sfdp_reads++ % 8);
		first = seg[i].cs_up;
	}
	return 0;
}

static int listen_setup(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
			struct err *e)
{
	*real = *want;
	return spi_setup(((struct eavesdropper *)spi)->inner, want, e);
}

static const struct spi_ops listen_ops = { .name = "eavesdropper",
					   .setup = listen_setup,
					   .xfer = listen_xfer };

static struct eavesdropper listen_to(struct nor_stage *s)
{
	struct eavesdropper l = { .base = *s->board->spi, .inner = s->board->spi };

	l.base.ops = &listen_ops;
	return l;
}

static int open_stage(struct nor_stage *s, const char *part, struct err *e)
{
	const struct sim_board_config config = { .has_unique_id = false };

	stage_random(content, SIZE, 1);
	return stage_open(s, part, &config, content, SIZE, e);
}

#define STAGE(s, part, e) \
	AUTO(stage_done) struct nor_stage s; \
	CHECK_OK(open_stage(&(s), (part), &(e)), (e))

static void sfdp_that_mumbles_does_not_fail_a_known_part(void)
{
	struct err e;
	STAGE(s, "W25Q40.V", e);
	struct eavesdropper bus = listen_to(&s);

	bus.mumbles = true;
	CHECK_OK(nor_probe(&bus.base, s.board->clock, &s.nor, &e), e);
	CHECK(!s.nor.id.has_sfdp && s.nor.size == SIZE && strstr(s.nor.note, "SFDP"));
}

/* 35h is the way into quad mode there, and no plain command leads out of it. */
static void makers_that_mean_something_else_by_35h_never_hear_it(void)
{
	static const char *const others[] = { "C22013", "9D6014", "BF2541" };

	for (size_t i = 0; i < 3; i++) {
		const struct nor_write_options options = { .unprotect = true };
		struct err e;
		STAGE(s, others[i], e);
		struct eavesdropper bus = listen_to(&s);

		CHECK_OK(nor_probe(&bus.base, s.board->clock, &s.nor, &e), e);
		CHECK_OK(stage_write(&s, 0x100, content, 0x100, &options, &e), e);
		CHECK(bus.heard[0x05] && !bus.heard[0x35] && !bus.heard[0x31]);
	}
}

static void a_chip_that_is_still_busy_is_waited_for(void)
{
	static const uint8_t enable = 0x06, erase[] = { 0xd8, 0, 0, 0 };
	struct nor nor;
	struct err e;
	STAGE(s, "W25Q40.V", e);

	CHECK_OK(spi_command(s.board->spi, &enable, 1, NULL, 0, &e), e);
	CHECK_OK(spi_command(s.board->spi, erase, sizeof erase, NULL, 0, &e), e);
	CHECK_OK(nor_probe(s.board->spi, s.board->clock, &nor, &e), e);
	CHECK(nor.size == SIZE);
}

static void a_chip_erase_that_was_left_is_told(void)
{
	static const uint8_t enable = 0x06, erase = 0xc7;
	struct nor nor;
	struct err e;
	STAGE(s, "XT25F32B", e);

	CHECK_OK(spi_command(s.board->spi, &enable, 1, NULL, 0, &e), e);
	CHECK_OK(spi_command(s.board->spi, &erase, 1, NULL, 0, &e), e);
	CHECK(nor_probe(s.board->spi, s.board->clock, &nor, &e) == -1);
	CHECK(e.code == ERR_TIMEOUT && strstr(e.text, "busy") && e.hint[0]);
}

static void times_come_from_sfdp_and_else_from_data_sheets(void)
{
	const struct sim_board_config silent = { .no_sfdp = true };
	AUTO(stage_done) struct nor_stage without;
	struct err e;
	STAGE(with, "XT25F32B", e);

	CHECK_OK(stage_open(&without, "XT25F32B", &silent, content, 0, &e), e);
	CHECK_OK(stage_probe(&with, &e), e);
	CHECK_OK(stage_probe(&without, &e), e);
	CHECK(with.nor.erase_pace[0].estimate_ns == 60 * CLOCK_MS + 4 * CLOCK_MS); /* in 16ths */
	CHECK(without.nor.erase_pace[0].estimate_ns == 45 * CLOCK_MS);
	CHECK(without.nor.program_pace.limit_ns >= 6 * CLOCK_MS);
}

static const struct check all[] = {
	{ "SFDP that mumbles does not fail a known part",
	  sfdp_that_mumbles_does_not_fail_a_known_part },
	{ "makers that mean something else by 35h never hear it",
	  makers_that_mean_something_else_by_35h_never_hear_it },
	{ "a chip that is still busy is waited for", a_chip_that_is_still_busy_is_waited_for },
	{ "a chip erase that was left is told", a_chip_erase_that_was_left_is_told },
	{ "times come from SFDP and else from data sheets",
	  times_come_from_sfdp_and_else_from_data_sheets },
};
CHECK_MAIN(all)
