/* A JEDEC serial NOR flash on a SPI bus. Knows opcodes; knows nothing of jobs or sockets. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nor_parts.h"
#include "progress.h"
#include "sfdp.h"
#include "spi.h"

#define NOR_SECTOR    4096u
#define NOR_UNIQUE_ID 8 /* bytes answered to 4Bh */

/* What one look at a chip brought. */
struct nor_id {
	uint32_t jedec_id;
	bool has_sfdp;
	struct sfdp sfdp;
	bool has_unique_id;
	uint8_t unique_id[NOR_UNIQUE_ID];
	uint8_t status[3]; /* 05h, 35h, 15h: SR1, SR2, SR3 */
};

/* How long an operation takes on this chip. */
struct nor_pace {
	uint64_t estimate_ns; /* what SFDP or data sheets call typical, then what was seen */
	uint64_t limit_ns;    /* twice the maximum of SFDP or data sheets: then it is given up */
};

/* A chip that is known well enough to be read and written. Plain data, copied freely. */
struct nor {
	struct spi *spi;     /* borrowed */
	struct clock *clock; /* borrowed */
	struct nor_id id;
	char name[96]; /* "XT25F32B", "W25Q128.V/W25Q128JV", or "SFDP 2 MiB" */
	uint32_t size; /* bytes */
	uint16_t page;
	uint8_t address_bytes;
	bool read_4b, program_4b; /* 13h and 12h are known; else 03h and 02h in 4-byte mode */
	bool always_4b;           /* there is no other mode: no B7h is needed */
	enum nor_program program;
	struct nor_erase erase[NOR_ERASES];

	/* Content repeats at half the size: the chip may be half as large as it says. An image
	 * that is there twice looks the same, so this is a doubt and no error. */
	bool mirrored_suspect;
	char note[160]; /* what a person should know about this look at the chip; "" for nothing */

	/* Learned while the chip is written. */
	struct nor_pace program_pace, status_pace, erase_pace[NOR_ERASES];
	bool apart; /* commands go in messages of their own: this bus cuts those that share one */
};

/*
 * Reads the JEDEC ID once: 9Fh and three bytes more, as one message of four. What MISO shows
 * during the command means nothing and is not part of the answer. raw gets all four bytes as they
 * stood on MISO (may be NULL).
 */
int nor_read_id(struct spi *spi, uint32_t *jedec_id, uint8_t raw[4], struct err *e) MUST_CHECK;

/*
 * False for what a dead or foreign line shows: 000000, FFFFFF, D2D2D2, all bytes equal (but for a
 * part of the table that is like that), a manufacturer of 00, FF or D2 (the train's echo; no maker
 * has it: codes have odd parity), nothing or only ones behind the manufacturer.
 */
bool nor_id_plausible(uint32_t jedec_id);

/*
 * Finds out what sits on the bus: the same plausible ID in several reads, the table, SFDP, status
 * registers, unique ID, and two reads of one page that agree. A chip that does not answer is told
 * once to leave deep power-down; one that is busy with what somebody left is waited for (4 s). The
 * table decides the size, but where several parts share an ID it is SFDP; SFDP that does not read
 * the same twice is left out where the table knows the part. Blocks for some milliseconds. Fills
 * *nor on success. Errors: ERR_NO_CHIP (no plausible ID), ERR_UNSTABLE_READ (IDs or pages that
 * change), ERR_UNKNOWN_CHIP (neither table nor SFDP tells the size), ERR_TIMEOUT (busy), and those
 * of the bus.
 */
int nor_probe(struct spi *spi, struct clock *clock, struct nor *nor, struct err *e) MUST_CHECK;

/*
 * Reads len bytes from addr, in as few messages as the bus allows. Blocks for the wire time.
 * ERR_BAD_INPUT past the end of the chip, and the errors of the bus; the text names the address
 * of the message that failed, e->offset too.
 */
int nor_read(struct nor *nor, uint32_t addr, uint8_t *buf, size_t len, struct err *e) MUST_CHECK;

/*
 * SR1, SR2 and SR3 as they are now, for a chip with that ID: some makers use 35h or 15h for other
 * things (35h is the way into quad mode, out of which no plain command leads); theirs stay 0.
 */
int nor_read_status(struct spi *spi, uint32_t jedec_id, uint8_t status[3], struct err *e)
	MUST_CHECK;
