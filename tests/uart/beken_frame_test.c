/* Frames of the UART loaders, byte by byte. */
#include "beken_frame.h"

#include "check.h"
#include "uart_loader.h"

static void commands_are_what_the_loaders_expect(void)
{
	static const uint8_t link[] = { 0x01, 0xe0, 0xfc, 0x01, 0x00 };
	static const uint8_t baud[] = { 1, 0xe0, 0xfc, 6, 0x0f, 0x00, 0x10, 0x0e, 0x00, 0x14 };
	static const uint8_t read[] = { 0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x05,
					0x00, 0x09, 0x00, 0x10, 0x01, 0x00 };
	uint8_t payload[5], buf[BEKEN_FRAME_MAX];

	CHECK(beken_short_command(buf, BEKEN_LINK_CHECK, NULL, 0) == sizeof link);
	CHECK(!memcmp(buf, link, sizeof link));
	beken_put32(payload, 921600);
	payload[4] = 20;
	CHECK(beken_short_command(buf, BEKEN_SET_BAUD, payload, 5) == sizeof baud);
	CHECK(!memcmp(buf, baud, sizeof baud));
	beken_put32(payload, 0x11000);
	CHECK(beken_long_command(buf, BEKEN_READ_4K, payload, 4) == sizeof read);
	CHECK(!memcmp(buf, read, sizeof read));
}

static const uint8_t crc_reply[] = { 0x04, 0x0e, 0x08, 0x01, 0xe0, 0xfc, 0x10, 1, 2, 3, 4 };

static void reply_is_found_in_boot_text_with_false_heads(void)
{
	static const uint8_t text[] = "[Flash]init \x04\x0e over \x04\x0e\x05\x01\xe0 \x04";
	struct beken_parser p = { .len = 0 };
	struct beken_frame f;

	CHECK(beken_parser_feed(&p, text, sizeof text - 1) == sizeof text - 1);
	CHECK(!beken_parser_next(&p, &f));
	for (size_t i = 0; i < sizeof crc_reply; i++) {
		CHECK(!beken_parser_next(&p, &f));
		CHECK(beken_parser_feed(&p, crc_reply + i, 1) == 1);
	}
	CHECK(beken_parser_next(&p, &f) && f.op == BEKEN_CHECK_CRC && f.len == 4);
	CHECK(beken_get32(f.payload) == 0x04030201);
	CHECK(!beken_parser_next(&p, &f));
}

static void reply_behind_a_long_one_that_was_cut_is_found_when_waiting_ends(void)
{
	static const uint8_t cut[] = { 4, 0x0e, 0xff, 1, 0xe0, 0xfc, 0xf4, 6, 0x10, 9, 0, 0, 0x10 };
	struct beken_parser p = { .len = 0 };
	struct beken_frame f;
	bool found = false;

	(void)beken_parser_feed(&p, cut, sizeof cut);
	(void)beken_parser_feed(&p, crc_reply, sizeof crc_reply);
	CHECK(!beken_parser_next(&p, &f));
	while (!found && beken_parser_give_up(&p))
		found = beken_parser_next(&p, &f);
	CHECK(found && f.op == BEKEN_CHECK_CRC);
}

static void flash_id_that_says_one_byte_less_is_taken_whole(void)
{
	static const uint8_t five[] = { 4, 0x0e, 0xff, 1, 0xe0, 0xfc, 0xf4, 5,
					0, 0x0e, 0,    9, 0xeb, 0x60, 0x15 };
	struct beken_parser p = { .len = 0 };
	struct beken_frame f;

	(void)beken_parser_feed(&p, five, sizeof five - 1);
	CHECK(!beken_parser_next(&p, &f));
	(void)beken_parser_feed(&p, five + sizeof five - 1, 1);
	CHECK(beken_parser_next(&p, &f) && f.is_long && f.len == 4 && f.payload[3] == 0x15);
}

static void crc_is_that_of_the_loaders(void)
{
	uint8_t ff[4096], ramp[4097];

	memset(ff, 0xff, sizeof ff);
	for (size_t i = 0; i < sizeof ramp; i++)
		ramp[i] = (uint8_t)i;
	CHECK(beken_crc(BEKEN_CRC_INIT, (const uint8_t *)"123456789", 9) == 0x340bc6d9);
	CHECK(beken_crc(BEKEN_CRC_INIT, ff, 4096) == 0x0eab98f5);
	CHECK(beken_crc(BEKEN_CRC_INIT, ramp, 4096) == 0x5d6edf7d);
	CHECK(beken_crc(BEKEN_CRC_INIT, ramp, 4097) == 0x2ee9635e);
	CHECK(beken_crc(beken_crc(BEKEN_CRC_INIT, ramp, 256), ramp, 3840) == 0x5d6edf7d);
}

static const struct check tests[] = {
	{ "commands are what the loaders expect", commands_are_what_the_loaders_expect },
	{ "reply is found in boot text with false heads",
	  reply_is_found_in_boot_text_with_false_heads },
	{ "reply behind a long one that was cut is found when waiting ends",
	  reply_behind_a_long_one_that_was_cut_is_found_when_waiting_ends },
	{ "flash ID that says one byte less is taken whole",
	  flash_id_that_says_one_byte_less_is_taken_whole },
	{ "CRC is that of the loaders", crc_is_that_of_the_loaders },
};

CHECK_MAIN(tests)
