#include "check.h"

#include "auto.h"
#include "nor_protect.h"
#include "nor_stage.h"

#define SIZE 0x80000u
#define PART "W25Q40.V" /* 512 KiB: BP0-2, TB, SEC */

static uint8_t content[SIZE], image[SIZE];

static int stage_protected(struct nor_stage *s, const char *part, uint8_t sr1, struct err *e)
{
	const struct sim_board_config config = { .protect = sr1 };

	stage_random(content, SIZE, 1);
	stage_random(image, SIZE, 2);
	if (stage_open(s, part, &config, content, SIZE, e) < 0)
		return -1;
	return stage_probe(s, e);
}

#define STAGE(s, part, sr1, e) \
	AUTO(stage_done) struct nor_stage s; \
	CHECK_OK(stage_protected(&(s), (part), (sr1), &(e)), (e))

static uint8_t sr1_of(struct nor_stage *s)
{
	struct err e;
	uint8_t status[3] = { 0xff };

	if (nor_read_status(s->board->spi, s->nor.id.jedec_id, status, &e) < 0)
		return 0xff;
	return status[0];
}

static void protected_bytes_are_not_written_unasked(void)
{
	const struct nor_write_options options = { .unprotect = false };
	struct err e;
	STAGE(s, PART, 0x1c, e);

	CHECK(stage_write(&s, 0, image, 4096, &options, &e) == -1);
	CHECK(e.code == ERR_PROTECTED && e.hint[0] && e.offset == 0);
	CHECK(stage_holds(&s, 0, content, SIZE) && sr1_of(&s) == 0x1c);
	CHECK(stage_counters(&s).erases == 0 && stage_counters(&s).programs == 0);
}

static void protection_is_cleared_when_asked_and_put_back(void)
{
	struct nor_written written;
	const struct nor_write_options options = { .unprotect = true, .written = &written };
	struct err e;
	STAGE(s, PART, 0x1c, e);

	CHECK_OK(stage_write(&s, 0x1000, image, 0x3000, &options, &e), e);
	CHECK(stage_holds(&s, 0x1000, image, 0x3000) && written.unprotected);
	CHECK(sr1_of(&s) == 0x1c);
}

static void what_is_not_in_the_way_stays(void)
{
	struct nor_written written;
	const struct nor_write_options options = { .unprotect = true, .written = &written };
	struct err e;
	STAGE(s, PART, 0x24, e); /* the lowest 64 KiB */

	CHECK_OK(stage_write(&s, 0x10000, image, 0x3000, &options, &e), e);
	CHECK(!written.unprotected && sr1_of(&s) == 0x24);
	CHECK_OK(stage_write(&s, 0xffff, image, 2, &options, &e), e);
	CHECK(written.unprotected && sr1_of(&s) == 0x24);
}

static void an_open_chip_gets_no_status_write(void)
{
	struct nor_protection before;
	struct err e;
	STAGE(s, PART, 0x60, e); /* TB and SEC alone protect nothing */

	CHECK_OK(nor_unprotect(&s.nor, &before, &e), e);
	CHECK_OK(nor_protection_restore(&s.nor, &before, &e), e);
	CHECK(stage_counters(&s).messages == 8); /* two looks at two registers, each twice */
	CHECK(sr1_of(&s) == 0x60);
}

static void other_bits_are_kept(void)
{
	struct nor_protection before;
	struct err e;
	STAGE(s, PART, 0x7c, e);

	CHECK_OK(nor_unprotect(&s.nor, &before, &e), e);
	CHECK(sr1_of(&s) == 0x60 && before.sr1 == 0x7c);
	CHECK_OK(nor_protection_restore(&s.nor, &before, &e), e);
	CHECK(sr1_of(&s) == 0x7c);
}

static void a_locked_register_says_what_to_do(void)
{
	const struct nor_write_options options = { .unprotect = true };
	struct err e;
	STAGE(s, PART, 0x9c, e); /* SRP, and the board holds WP low */

	CHECK(stage_write(&s, 0, image, 4096, &options, &e) == -1);
	CHECK(e.code == ERR_PROTECTED && strstr(e.hint, "WP#"));
	CHECK(stage_holds(&s, 0, content, SIZE) && sr1_of(&s) == 0x9c);
}

static void protection_comes_back_after_a_failure_too(void)
{
	const struct sim_board_config config = { .protect = 0x1c,
						 .faults = { .seed = 1, .write_lie = 1 } };
	const struct nor_write_options options = { .unprotect = true };
	AUTO(stage_done) struct nor_stage s;
	struct err e;

	CHECK_OK(stage_open(&s, PART, &config, content, SIZE, &e), e);
	CHECK_OK(stage_probe(&s, &e), e);
	CHECK(stage_write(&s, 0, image, 4096, &options, &e) == -1);
	CHECK(e.code == ERR_VERIFY_FAILED && sr1_of(&s) == 0x1c);
}

/* Ranges of W25Q40 by SR1, as in its data sheet's table. */
static void ranges_are_those_of_the_data_sheet(void)
{
	static const struct {
		uint8_t sr1;
		uint32_t start, len;
	} rows[] = {
		{ 0x00, 0, 0 },
		{ 0x04, 0x70000, 0x10000 },
		{ 0x08, 0x60000, 0x20000 },
		{ 0x0c, 0x40000, 0x40000 },
		{ 0x24, 0, 0x10000 },
		{ 0x28, 0, 0x20000 },
		{ 0x1c, 0, 0x80000 },
		{ 0x44, 0x7f000, 0x1000 },
		{ 0x48, 0x7e000, 0x2000 },
		{ 0x50, 0x78000, 0x8000 },
		{ 0x64, 0, 0x1000 },
		{ 0x70, 0, 0x8000 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct nor_protection p;
		struct err e;
		STAGE(s, PART, rows[i].sr1, e);

		CHECK_OK(nor_protection_read(&s.nor, &p, &e), e);
		CHECK(p.exact && p.len == rows[i].len);
		CHECK(p.len == 0 || p.start == rows[i].start);
	}
}

/* Status registers as a person or a firmware left them. */
static int set_status(struct nor_stage *s, uint8_t sr1, uint8_t sr2, struct err *e)
{
	const uint8_t enable = 0x06, write[] = { 0x01, sr1, sr2 };

	if (spi_command(s->board->spi, &enable, 1, NULL, 0, e) < 0 ||
	    spi_command(s->board->spi, write, sizeof write, NULL, 0, e) < 0)
		return -1;
	clock_sleep_ns(s->board->clock, CLOCK_S);
	return stage_probe(s, e);
}

static void cmp_protects_the_rest(void)
{
	struct nor_protection p;
	struct err e;
	STAGE(s, PART, 0, e);

	CHECK_OK(set_status(&s, 0x04, 0x40, &e), e); /* all but the highest 64 KiB */
	CHECK_OK(nor_protection_read(&s.nor, &p, &e), e);
	CHECK(p.start == 0 && p.len == 0x70000);
	CHECK_OK(set_status(&s, 0x24, 0x40, &e), e); /* all but the lowest */
	CHECK_OK(nor_protection_read(&s.nor, &p, &e), e);
	CHECK(p.start == 0x10000 && p.len == 0x70000);
	CHECK_OK(set_status(&s, 0x1c, 0x40, &e), e);
	CHECK_OK(nor_protection_read(&s.nor, &p, &e), e);
	CHECK(p.len == 0);
}

static void cmp_is_cleared_and_quad_enable_is_kept(void)
{
	const struct nor_write_options options = { .unprotect = true };
	struct nor_protection p;
	struct err e;
	STAGE(s, PART, 0, e);

	CHECK_OK(set_status(&s, 0x24, 0x42, &e), e);
	CHECK_OK(nor_unprotect(&s.nor, &p, &e), e);
	CHECK(p.sr1 == 0x24 && p.sr2 == 0x42);
	CHECK_OK(stage_probe(&s, &e), e);
	CHECK(s.nor.id.status[0] == 0x20 && s.nor.id.status[1] == 0x02);
	CHECK_OK(nor_protection_restore(&s.nor, &p, &e), e);
	CHECK_OK(stage_write(&s, 0x20000, image, 0x1000, &options, &e), e);
	CHECK(stage_holds(&s, 0x20000, image, 0x1000));
	CHECK_OK(stage_probe(&s, &e), e);
	CHECK(s.nor.id.status[0] == 0x24 && s.nor.id.status[1] == 0x42);
}

static void coverage_counts_single_bytes(void)
{
	const struct nor_protection p = { .start = 0x1000, .len = 0x1000 };

	CHECK(!nor_protection_covers(&p, 0, 0x1000) && nor_protection_covers(&p, 0, 0x1001));
	CHECK(nor_protection_covers(&p, 0x1fff, 1) && !nor_protection_covers(&p, 0x2000, 1));
	CHECK(!nor_protection_covers(&p, 0x1800, 0));
}

static void parts_that_want_ewsr_get_it(void)
{
	const struct nor_write_options options = { .unprotect = true };
	struct err e;
	size_t n, seen = 0;
	const struct nor_part *parts = nor_parts(&n);

	for (size_t i = 0; i < n; i++) {
		char id[8];

		if (!strstr(parts[i].notes, "EWSR") || parts[i].size < SIZE)
			continue;
		snprintf(id, sizeof id, "%06X", parts[i].jedec_id);
		STAGE(s, id, 0x1c, e);
		CHECK_OK(stage_write(&s, 0x1000, image, 0x100, &options, &e), e);
		CHECK(stage_holds(&s, 0x1000, image, 0x100) && (sr1_of(&s) & 0x1c) == 0x1c);
		seen++;
	}
	CHECK(seen > 0);
}

static const struct check all[] = {
	{ "protected bytes are not written unasked", protected_bytes_are_not_written_unasked },
	{ "protection is cleared when asked and put back",
	  protection_is_cleared_when_asked_and_put_back },
	{ "what is not in the way stays", what_is_not_in_the_way_stays },
	{ "an open chip gets no status write", an_open_chip_gets_no_status_write },
	{ "other bits are kept", other_bits_are_kept },
	{ "a locked register says what to do", a_locked_register_says_what_to_do },
	{ "protection comes back after a failure too", protection_comes_back_after_a_failure_too },
	{ "ranges are those of the data sheet", ranges_are_those_of_the_data_sheet },
	{ "CMP protects the rest", cmp_protects_the_rest },
	{ "CMP is cleared and quad enable is kept", cmp_is_cleared_and_quad_enable_is_kept },
	{ "coverage counts single bytes", coverage_counts_single_bytes },
	{ "parts that want EWSR get it", parts_that_want_ewsr_get_it },
};
CHECK_MAIN(all)
