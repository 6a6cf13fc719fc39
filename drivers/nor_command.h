/* The commands of a SPI NOR flash, for the nor_*.c files among themselves. */
#pragma once

#include "nor.h"

#define NOR_OP_WRITE_SR1  0x01
#define NOR_OP_PROGRAM    0x02
#define NOR_OP_READ       0x03
#define NOR_OP_DISABLE    0x04 /* clears WEL; ends AAI programming */
#define NOR_OP_SR1        0x05
#define NOR_OP_ENABLE     0x06 /* sets WEL */
#define NOR_OP_FAST       0x0b
#define NOR_OP_FAST_4B    0x0c
#define NOR_OP_PROGRAM_4B 0x12
#define NOR_OP_READ_4B    0x13
#define NOR_OP_SR3        0x15
#define NOR_OP_ERASE_4K   0x20
#define NOR_OP_WRITE_SR2  0x31
#define NOR_OP_SR2        0x35
#define NOR_OP_UNIQUE_ID  0x4b
#define NOR_OP_ENABLE_SR  0x50 /* EWSR; a status write that is forgotten with the power */
#define NOR_OP_READ_SFDP  0x5a
#define NOR_OP_READ_ID    0x9f
#define NOR_OP_WAKE       0xab
#define NOR_OP_AAI        0xad
#define NOR_OP_ENTER_4B   0xb7
#define NOR_OP_ERASE_CHIP 0xc7
#define NOR_OP_ERASE_64K  0xd8
#define NOR_OP_LEAVE_4B   0xe9

#define NOR_SR_WIP 0x01 /* busy */
#define NOR_SR_WEL 0x02 /* write enabled */

/* Above it reads are 0Bh: data sheets allow 03h to 33 MHz (old XT25, EN25, SST25) or 50 (W25Q). */
#define NOR_SLOW_READ_HZ 33000000u

#define NOR_MAX_3B 0x1000000u /* bytes that three address bytes reach */
#define NOR_CHUNK  256u       /* the largest piece of nor_read_agreed() */

/* Opcode, address, dummy bytes: what goes out before an answer comes in. */
struct nor_command {
	uint8_t bytes[6];
	size_t len;
};

/* An opcode and the address, in as many bytes as the chip takes. */
struct nor_command nor_addressed(const struct nor *nor, uint8_t opcode, uint32_t addr);

/* 03h, or 13h where the chip knows it; at a fast clock 0Bh or 0Ch, with their dummy byte. */
struct nor_command nor_read_command(const struct nor *nor, uint32_t addr);

/*
 * True when the chip must be in 4-byte mode for that opcode. The mode is never left on between
 * messages, but while an operation runs: a program that dies would leave a chip that all others
 * read wrongly.
 */
bool nor_needs_mode(const struct nor *nor, uint8_t opcode);

/* A message of several commands; they share it where the bus is able to. */
#define NOR_MESSAGE_SEGS 8
struct nor_message {
	struct spi_seg seg[NOR_MESSAGE_SEGS];
	size_t n;
};
void nor_message_add(struct nor_message *message, const uint8_t *tx, uint8_t *rx, size_t len);
void nor_message_end(struct nor_message *message); /* the chip select rises here */
void nor_message_op(struct nor_message *message, const uint8_t *opcode); /* one byte, a command */
void nor_message_enter(struct nor_message *message, const struct nor *nor, uint8_t opcode);
void nor_message_leave(struct nor_message *message, const struct nor *nor, uint8_t opcode);
int nor_message_send(const struct nor *nor, struct nor_message *message, struct err *e) MUST_CHECK;

/*
 * Reads len bytes (at most NOR_CHUNK, and as many as the bus takes) until two reads in a row
 * agree. ERR_UNSTABLE_READ when that does not happen in a few reads.
 */
int nor_read_agreed(struct spi *spi, const struct nor_command *command, uint8_t *buf, size_t len,
		    struct err *e) MUST_CHECK;

/*
 * The first len bytes of the SFDP space, proven by two reads; *there is false, and buf unspecified,
 * when it does not begin with a signature.
 */
int nor_read_sfdp(struct spi *spi, uint8_t *buf, size_t len, bool *there, struct err *e) MUST_CHECK;

/* Sets has_unique_id and unique_id of nor->id: present only when it is stable and cannot be
 * anything else that the line carries. */
int nor_read_unique_id(struct nor *nor, struct err *e) MUST_CHECK;

/* Sets mirrored_suspect, and note where it is. */
int nor_find_mirror(struct nor *nor, struct err *e) MUST_CHECK;

/* Sets the paces: SFDP's times where it tells them, else those of data sheets. */
void nor_pace_init(struct nor *nor);

/* Makers whose 35h is no read of SR2 (Macronix, ISSI: it enters quad mode). */
bool nor_has_sr2(uint32_t jedec_id);
