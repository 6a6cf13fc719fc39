/*
 * The frames of Beken's UART loaders: HCI vendor packets without checksum, sequence number or
 * escape. Pure bytes: knows no port and no time, and allocates nothing.
 *
 *     short command   01 E0 FC  L  OP  payload           L = 1 + payload
 *     long command    01 E0 FC  FF F4  LL LH  OP  payload
 *     short reply     04 0E  L  01 E0 FC  OP  payload    L = 4 + payload
 *     long reply      04 0E  FF  01 E0 FC F4  LL LH  OP  ST  payload
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BEKEN_FRAME_DATA 4100u /* the largest payload: an address and a sector */
#define BEKEN_FRAME_MAX  4128u

/* Short and long ones are name spaces of their own. */
enum beken_short_op {
	BEKEN_LINK_CHECK = 0x00,
	BEKEN_LINKED = 0x01, /* what answers a link check */
	BEKEN_READ_REG = 0x03,
	BEKEN_REBOOT = 0x0e,
	BEKEN_SET_BAUD = 0x0f,
	BEKEN_CHECK_CRC = 0x10,
	BEKEN_VERSION = 0x11
};
enum beken_long_op {
	BEKEN_WRITE_4K = 0x07,
	BEKEN_READ_4K = 0x09,
	BEKEN_READ_SR = 0x0c,
	BEKEN_WRITE_SR = 0x0d,
	BEKEN_GET_MID = 0x0e,
	BEKEN_ERASE = 0x0f
};

/* A reply; payload stands in the parser's buffer until it is fed again. */
struct beken_frame {
	bool is_long;
	uint8_t op, status; /* status: of a long one */
	const uint8_t *payload;
	size_t len;
};

/* Both return the length of the frame; buf has BEKEN_FRAME_MAX bytes. len: short ones up to 15. */
size_t beken_short_command(uint8_t *buf, uint8_t op, const uint8_t *payload, size_t len);
size_t beken_long_command(uint8_t *buf, uint8_t op, const uint8_t *payload, size_t len);

void beken_put32(uint8_t *at, uint32_t value);
uint32_t beken_get32(const uint8_t *at);

/* Finds replies in whatever comes in. Starts as { 0 }. */
struct beken_parser {
	uint8_t buf[BEKEN_FRAME_MAX];
	size_t len, taken; /* taken: of the frame that was given out last */
	uint64_t skipped;  /* bytes that belonged to no frame */
};

/* Takes up to n bytes, as many as there is room for; returns how many. */
size_t beken_parser_feed(struct beken_parser *parser, const uint8_t *bytes, size_t n);

/* The next whole reply, over whatever stands before it. False when there is none yet. */
bool beken_parser_next(struct beken_parser *parser, struct beken_frame *frame);

/*
 * Nothing more will come: what looked like the head of a frame was none, or its end was lost.
 * Gives it up, so that a reply behind it is found. False when nothing is left.
 */
bool beken_parser_give_up(struct beken_parser *parser);

/* Forgets all that was fed. */
void beken_parser_clear(struct beken_parser *parser);

/* CRC-32 as CheckCRC counts it: reflected 04C11DB7, from ~0, without a last inversion. */
#define BEKEN_CRC_INIT 0xffffffffu
uint32_t beken_crc(uint32_t crc, const uint8_t *bytes, size_t len);
