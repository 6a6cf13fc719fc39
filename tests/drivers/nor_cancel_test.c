/* Writes that somebody stops: a person, a power cut. */
#include "check.h"

#include "auto.h"
#include "fake_bus.h"
#include "nor_stage.h"

#define KIB  1024u
#define SIZE (128 * KIB)
#define PART "W25X10"

#define STAGE(s, part, content, len, e) \
	AUTO(stage_done) struct nor_stage s; \
	CHECK_OK(stage_new(&(s), (part), (content), (len), &(e)), (e))

static uint8_t content[4 * 1024 * KIB], image[4 * 1024 * KIB];
static const struct nor_write_options plain = { .progress = NULL };

static void begin(void)
{
	stage_random(content, sizeof content, 1);
	stage_random(image, sizeof image, 2);
}

/* Cancels at each of many moments; goes on from there; nothing outside is ever lost. */
static bool resumes(uint64_t cancel_at, uint64_t *longest_ns, struct err *e)
{
	AUTO(stage_done) struct nor_stage s;
	struct fake_progress progress;
	const struct nor_write_options options = { .progress = &progress.progress };
	const uint32_t addr = 0x1801, len = 0x8123;
	int result;

	begin();
	if (stage_new(&s, PART, content, SIZE, e) < 0)
		return false;
	fake_progress_init(&progress, s.board->clock, cancel_at);
	result = stage_write(&s, addr, image + addr, len, &options, e);
	*longest_ns = progress.longest_ns;
	if (result == 0 || e->code != ERR_CANCELLED)
		return result == 0 && progress.calls < cancel_at;
	if (stage_probe(&s, e) < 0 || stage_write(&s, addr, image + addr, len, &plain, e) < 0)
		return false;
	memcpy(content + addr, image + addr, len);
	return stage_holds(&s, 0, content, SIZE);
}

static void what_was_cancelled_goes_on_from_there(void)
{
	for (uint64_t at = 1; at < 400; at += at < 60 ? 1 : 17) {
		struct err e = { .code = ERR_NONE };
		uint64_t longest_ns;

		CHECK(resumes(at, &longest_ns, &e));
		CHECK(longest_ns <= 100 * CLOCK_MS);
	}
}

/* What the dead chip holds goes onto a live one, and the write is started again there. */
static bool completes_after_death(uint64_t after, struct err *e)
{
	static uint8_t left[SIZE];
	const struct sim_board_config config = { .faults = { .die_after = after } };
	AUTO(stage_done) struct nor_stage dead, alive;
	int result;

	alive = dead = (struct nor_stage){ .board = NULL };
	begin();
	if (stage_open(&dead, PART, &config, content, SIZE, e) < 0)
		return false;
	result = stage_probe(&dead, e);
	if (result == 0)
		result = stage_write(&dead, 0x1000, image, 0x8000, &plain, e);
	if (result < 0 && e->code != ERR_NO_CHIP)
		return false;
	sim_board_peek(dead.board, 0, left, SIZE);
	if (stage_new(&alive, PART, left, SIZE, e) < 0 ||
	    stage_write(&alive, 0x1000, image, 0x8000, &plain, e) < 0)
		return false;
	memcpy(content + 0x1000, image, 0x8000);
	return stage_holds(&alive, 0, content, SIZE);
}

static void what_death_cut_short_is_completed(void)
{
	for (uint64_t after = 50; after < 1500; after += 23) {
		struct err e = { .code = ERR_NONE };

		CHECK(completes_after_death(after, &e));
	}
}

static void a_slow_wire_hears_a_cancel_in_time_too(void)
{
	const struct spi_setup slow = { .hz = 500000 };
	struct fake_progress progress;
	const struct nor_write_options options = { .progress = &progress.progress };
	struct err e;

	begin();
	STAGE(s, PART, content, SIZE, e);
	CHECK_OK(spi_setup(s.board->spi, &slow, &e), e);
	fake_progress_init(&progress, s.board->clock, 0);
	CHECK_OK(stage_write(&s, 0x1800, content + 0x1800, 0x3000, &options, &e), e);
	CHECK(progress.longest_ns <= 100 * CLOCK_MS);
}

static void a_cancel_is_heard_during_a_chip_erase(void)
{
	const size_t size = 4 * 1024 * KIB;
	struct fake_progress progress;
	const struct nor_write_options options = { .progress = &progress.progress };
	struct err e;

	begin();
	STAGE(s, "XT25F32B", content, size, e);
	fake_progress_init(&progress, s.board->clock, 0);
	CHECK_OK(nor_erase_range(&s.nor, 0, size, &options, &e), e);
	CHECK(stage_counters(&s).erases == 1);
	CHECK(progress.longest_ns <= 100 * CLOCK_MS && progress.calls > 15000 / 50);
}

/* Remembers whether what is shown ever goes back. */
struct climb {
	struct progress base;
	uint64_t done, total, steps;
	bool fell;
};

static int climb_report(struct progress *progress, uint64_t done, uint64_t total, struct err *e)
{
	struct climb *c = (struct climb *)progress;

	(void)e;
	c->fell = c->fell || (total == c->total && done < c->done) || done > total;
	c->steps += done != c->done;
	c->done = done;
	c->total = total;
	return 0;
}

static void progress_moves_on_and_ends_at_its_end(void)
{
	const size_t size = 4 * 1024 * KIB;
	struct climb climb = { .base.report = climb_report };
	struct err e;

	begin();
	STAGE(s, "XT25F32B", content, size, e);
	CHECK_OK(nor_erase_range(&s.nor, 0, size,
				 &(struct nor_write_options){ .progress = &climb.base }, &e),
		 e);
	CHECK(!climb.fell && climb.done == climb.total && climb.steps > 250);
}

static const struct check all[] = {
	{ "what was cancelled goes on from there", what_was_cancelled_goes_on_from_there },
	{ "what death cut short is completed", what_death_cut_short_is_completed },
	{ "a slow wire hears a cancel in time too", a_slow_wire_hears_a_cancel_in_time_too },
	{ "a cancel is heard during a chip erase", a_cancel_is_heard_during_a_chip_erase },
	{ "progress moves on and ends at its end", progress_moves_on_and_ends_at_its_end },
};
CHECK_MAIN(all)
