/* Everything that goes wrong on a bench, by chance and by the thousand. */
#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "nor_stage.h"

#define SEEDS CHECK_SEEDS(1000u)
#define MAX   0x40000u
#define LIMIT (600ull * CLOCK_S) /* simulated: a failure takes retries, not for ever */

static const char *const parts[] = { "GD25Q10", "W25X10", "W25Q20CL", "SST25WF512" };
static const size_t n_parts = sizeof parts / sizeof *parts;

static uint8_t content[MAX], image[MAX];

struct campaign {
	uint64_t seed, written, failed;
	struct err e;
};

static uint32_t draw(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*state >> 33) % n);
}

/* One kind of trouble a seed, and now and then all of them. */
static struct fault_plan faults_of(uint64_t seed)
{
	const double p = 1.0 / (double)(1 << (4 + seed / 6 % 14));
	const struct fault_plan kinds[] = {
		{ .flip = p / 64 },
		{ .short_ = p },
		{ .drop = p / 8 },
		{ .write_lie = p * 8 > 1 ? 1 : p * 8 },
		{ .die_after = 1 + seed * 7 % 2500 },
		{ .flip = p / 512, .short_ = p / 8, .drop = p / 256, .write_lie = p },
	};
	struct fault_plan plan = kinds[seed % 6];

	plan.seed = seed;
	return plan;
}

/* Content that shares much with the image, so that all kinds of work are there. */
static void mix(uint64_t seed, uint32_t size)
{
	uint64_t state = seed;

	stage_random(content, size, seed);
	stage_random(image, size, seed + 1);
	for (uint32_t at = 0; at < size; at += 256) {
		const uint32_t kind = draw(&state, 4);

		if (kind == 0)
			memset(image + at, 0xff, 256);
		if (kind == 1)
			memset(content + at, 0xff, 256);
		if (draw(&state, 8) > 0 && at % 4096 > 0)
			memcpy(image + at, content + at, 256);
	}
}

static bool told_well(const struct err *e)
{
	return e->code != ERR_NONE && e->code != ERR_INTERNAL && e->code != ERR_BAD_INPUT &&
	       strlen(e->text) > 10;
}

/* A success is a promise, a failure has a reason, and both come in time. */
static bool keeps_the_promise(struct campaign *c, uint64_t seed)
{
	const struct sim_board_config config = { .faults = faults_of(seed),
						 .protect = seed % 5 == 0 ? 0x1c : 0 };
	const struct nor_write_options options = { .unprotect = true };
	AUTO(stage_done) struct nor_stage s;
	uint64_t state = seed;
	const struct nor_part *part = nor_part_by_name(parts[seed % n_parts], &c->e);
	const uint32_t size = part ? part->size : MAX, addr = draw(&state, size / 2);
	const uint32_t len = draw(&state, 0x6000);
	int result;

	c->e.code = ERR_NONE;
	mix(seed, size);
	if (!part || stage_open(&s, parts[seed % n_parts], &config, content, size, &c->e) < 0)
		return false;
	result = stage_probe(&s, &c->e);
	if (result == 0)
		result = stage_write(&s, addr, image + addr, len, &options, &c->e);
	if (clock_now_ns(s.board->clock) > LIMIT)
		return false;
	c->failed += result < 0;
	c->written += result == 0;
	if (result < 0)
		return told_well(&c->e);
	memcpy(content + addr, image + addr, len);
	return stage_holds(&s, 0, content, size);
}

static void success_is_never_a_lie_and_failure_has_a_reason(void)
{
	struct campaign c = { .seed = 0 };

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		if (keeps_the_promise(&c, seed))
			continue;
		fprintf(stderr, "seed %llu: %s: %s\n", (unsigned long long)seed, err_name(c.e.code),
			c.e.text);
		check_failed = true;
		return;
	}
	printf("bench: %u seeds of faults: %llu written and right, %llu failed with a reason\n",
	       SEEDS, (unsigned long long)c.written, (unsigned long long)c.failed);
	CHECK(c.written > SEEDS / 4 && c.failed > SEEDS / 8);
}

/* ---- single faults, and what is said about them */

static int write_under(const struct fault_plan *faults, struct nor_written *written, struct err *e)
{
	const struct sim_board_config config = { .faults = *faults };
	const struct nor_write_options options = { .written = written };
	AUTO(stage_done) struct nor_stage s;

	stage_random(content, 0x20000, 1);
	stage_random(image, 0x20000, 2);
	if (stage_open(&s, "W25X10", &config, content, 0x20000, e) < 0 || stage_probe(&s, e) < 0 ||
	    stage_write(&s, 0, image, 0x8000, &options, e) < 0)
		return -1;
	return stage_holds(&s, 0, image, 0x8000) ? 0 : err_set(e, ERR_INTERNAL, "a lie");
}

static void a_page_that_was_not_programmed_is_done_again(void)
{
	const struct fault_plan lies = { .seed = 3, .write_lie = 0.05 };
	struct nor_written written = { .erased = 0 };
	struct err e;

	CHECK_OK(write_under(&lies, &written, &e), e);
	CHECK(written.repairs > 0);
}

static void a_chip_that_takes_nothing_names_the_address_and_the_sectors(void)
{
	const struct fault_plan lies = { .seed = 3, .write_lie = 1 };
	struct nor_written written = { .erased = 0 };
	struct err e;

	CHECK(write_under(&lies, &written, &e) == -1);
	CHECK(e.code == ERR_VERIFY_FAILED && e.offset == 0 && e.differing_sectors == 8);
	CHECK(written.erases > 0 && e.hint[0]);
}

static void a_lost_cable_names_the_address_of_its_command(void)
{
	const struct fault_plan drops = { .seed = 11, .drop = 0.003 };
	struct nor_written written = { .erased = 0 };
	struct err e;

	CHECK(write_under(&drops, &written, &e) == -1);
	CHECK(e.code == ERR_IO && e.offset >= 0 && strstr(e.text, "injected"));
}

static void a_chip_that_vanished_is_no_erased_chip(void)
{
	stage_random(content, 0x20000, 1);
	for (uint64_t at = 60; at < 700; at += 3) {
		const struct sim_board_config config = { .faults = { .die_after = at } };
		AUTO(stage_done) struct nor_stage s;
		struct err e;

		CHECK_OK(stage_open(&s, "W25X10", &config, content, 0x20000, &e), e);
		if (stage_probe(&s, &e) < 0)
			continue;
		CHECK(stage_blank_check(&s, 0, 0x20000, NULL, &e) == -1);
		CHECK(e.code == ERR_NO_CHIP || e.code == ERR_NOT_BLANK);
		CHECK(nor_erase_range(&s.nor, 0, 0x20000,
				      &(struct nor_write_options){ .progress = NULL }, &e) == 0 ||
		      e.code == ERR_NO_CHIP);
	}
}

/* Not at the end of what a chip erase may take, which is minutes. */
static void a_chip_that_dies_in_a_chip_erase_is_missed_at_once(void)
{
	static uint8_t full[0x400000];
	int died_in_it = 0;

	stage_random(full, sizeof full, 1);
	for (uint64_t at = 2060; at < 2130; at += 2) { /* it begins about there */
		const struct sim_board_config config = { .faults = { .die_after = at } };
		AUTO(stage_done) struct nor_stage s;
		struct err e = { .text = "" };

		CHECK_OK(stage_open(&s, "XT25F32B", &config, full, sizeof full, &e), e);
		CHECK_OK(stage_probe(&s, &e), e);
		CHECK(nor_erase_range(&s.nor, 0, sizeof full,
				      &(struct nor_write_options){ .progress = NULL }, &e) == 0 ||
		      e.code == ERR_NO_CHIP);
		CHECK(stage_ns(&s) < 30 * (uint64_t)CLOCK_S);
		died_in_it += strstr(e.text, "erasing the chip") != NULL;
	}
	CHECK(died_in_it > 0);
}

static const struct check all[] = {
	{ "success is never a lie and failure has a reason",
	  success_is_never_a_lie_and_failure_has_a_reason },
	{ "a page that was not programmed is done again",
	  a_page_that_was_not_programmed_is_done_again },
	{ "a chip that takes nothing names the address and the sectors",
	  a_chip_that_takes_nothing_names_the_address_and_the_sectors },
	{ "a lost cable names the address of its command",
	  a_lost_cable_names_the_address_of_its_command },
	{ "a chip that dies in a chip erase is missed at once",
	  a_chip_that_dies_in_a_chip_erase_is_missed_at_once },
	{ "a chip that vanished is no erased chip", a_chip_that_vanished_is_no_erased_chip },
};
CHECK_MAIN(all)
