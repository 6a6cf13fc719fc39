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

/* A chip that is known well enough to be read. Plain data, copied freely. */
struct nor {
	struct spi *spi;     /* borrowed */
	struct clock *clock; /* borrowed */
	struct nor_id id;
	char name[96]; /* "XT25F32B", "W25Q128.V/W25Q128JV", or "SFDP 2 MiB" */
	uint32_t size; /* bytes */
	uint16_t page;
	uint8_t address_bytes;
	struct nor_erase erase[NOR_ERASES];
};

/*
 * Reads the JEDEC ID once: 9Fh and four bytes, as one message. The first byte that the chip
 * shifts out belongs to the command and means nothing; it is not part of the answer. raw gets the
 * four bytes of the whole exchange as they stood on MISO (may be NULL).
 */
int nor_read_id(struct spi *spi, uint32_t *jedec_id, uint8_t raw[4], struct err *e) MUST_CHECK;

/* False for what a dead or foreign line shows: 000000, FFFFFF, D2D2D2, all bytes equal, a manufacturer of 00 or FF. */
bool nor_id_plausible(uint32_t jedec_id);

/*
 * Finds out what sits on the bus: the same plausible ID in several reads, the table, SFDP, status
 * registers, unique ID, and two reads of one page that agree. Fills *nor on success. Errors:
 * ERR_NO_CHIP (no plausible ID), ERR_UNSTABLE_READ (IDs or pages that change), ERR_UNKNOWN_CHIP
 * (neither table nor SFDP tells the size), and those of the bus.
 */
int nor_probe(struct spi *spi, struct clock *clock, struct nor *nor, struct err *e) MUST_CHECK;

/*
 * Reads len bytes from addr, in as few messages as the bus allows. Blocks for the wire time.
 * ERR_BAD_INPUT past the end of the chip, and the errors of the bus; the text names the address
 * of the message that failed, e->offset too.
 */
int nor_read(struct nor *nor, uint32_t addr, uint8_t *buf, size_t len, struct err *e) MUST_CHECK;

/* SR1, SR2 and SR3 as they are now. */
int nor_read_status(struct spi *spi, uint8_t status[3], struct err *e) MUST_CHECK;
