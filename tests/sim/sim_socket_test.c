#include "check.h"

#include <string.h>

#include "sim_rig.h"

static struct err e;

static int plug(struct board *b, bool present, bool other)
{
	return board_plug(b, &(struct board_plug){ .present = present, .other = other }, &e);
}

static void board_that_is_out_answers_nothing(void)
{
	BOARD(bare);

	CHECK(id_seen(b) == 0x0b4014);
	CHECK_OK(plug(b, false, false), e);
	CHECK(id_seen(b) == 0xffffff);
	CHECK_OK(plug(b, true, false), e);
	CHECK(id_seen(b) == 0x0b4014);
}

static void same_board_comes_back_with_what_it_held(void)
{
	static const uint8_t wren[] = { 0x06 }, program[] = { 0x02, 0, 0, 0, 0x5a };
	uint8_t seen;
	BOARD(bare);

	CHECK(send(b, wren, 1) == 0 && send(b, program, sizeof program) == 0);
	CHECK_OK(plug(b, false, false), e);
	CHECK(id_seen(b) == 0xffffff);
	CHECK_OK(plug(b, true, false), e);
	CHECK(id_seen(b) == 0x0b4014);
	sim_board_peek(b, 0, &seen, 1);
	CHECK(seen == 0x5a);
}

static uint64_t unique_id(struct board *b)
{
	static const uint8_t command[] = { 0x4b, 0, 0, 0, 0 };
	uint64_t id = 0;

	return spi_command(b->spi, command, sizeof command, (uint8_t *)&id, sizeof id, &e) < 0 ? 0
											       : id;
}

static void other_board_has_its_own_content_and_id(void)
{
	static const uint8_t content[] = { 1, 2, 3 };
	struct sim_board_config config = bare;
	uint64_t first;
	uint8_t seen[4];

	config.has_unique_id = true;
	config.unique_id[0] = 7;

	BOARD(config);

	first = unique_id(b);
	CHECK_OK(board_plug(b,
			    &(struct board_plug){ .present = true,
						  .other = true,
						  .content = content,
						  .len = sizeof content },
			    &e),
		 e);
	CHECK(unique_id(b) != first && unique_id(b) != 0);
	sim_board_peek(b, 0, seen, sizeof seen);
	CHECK(!memcmp(seen, content, 3) && seen[3] == 0xff);
}

static void more_content_than_flash_is_refused(void)
{
	static const uint8_t content[SIZE + 1];
	BOARD(bare);

	CHECK(board_plug(b,
			 &(struct board_plug){ .present = true,
					       .other = true,
					       .content = content,
					       .len = sizeof content },
			 &e) == -1);
	CHECK(e.code == ERR_UNPROCESSABLE);
	CHECK(id_seen(b) == 0x0b4014);
}

static void beken_part_that_was_changed_has_left_spi_mode(void)
{
	static uint8_t train[255];
	BOARD(beken);

	memset(train, 0xd2, sizeof train);
	CHECK(line_set(b->cen, false, &e) == 0);
	clock_sleep_ns(b->clock, 50 * MS);
	CHECK(line_set(b->cen, true, &e) == 0);
	CHECK(send(b, train, sizeof train) == 0);
	CHECK(id_seen(b) == 0x0b4014);
	CHECK_OK(plug(b, true, true), e);
	CHECK(id_seen(b) != 0x0b4014);
}

static const struct check all[] = {
	{ "board that is out answers nothing", board_that_is_out_answers_nothing },
	{ "same board comes back with what it held", same_board_comes_back_with_what_it_held },
	{ "other board has its own content and ID", other_board_has_its_own_content_and_id },
	{ "more content than flash is refused", more_content_than_flash_is_refused },
	{ "Beken part that was changed has left SPI mode",
	  beken_part_that_was_changed_has_left_spi_mode },
};

CHECK_MAIN(all)
