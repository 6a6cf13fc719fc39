/* What a chip says about itself: JEDEC ID, status registers, SFDP, unique ID. */
#include <string.h>

#include "nor_command.h"

#define SIGNATURE_LEN 4

int nor_read_id(struct spi *spi, uint32_t *jedec_id, uint8_t raw[4], struct err *e)
{
	const uint8_t tx[4] = { NOR_OP_READ_ID };
	uint8_t rx[4];
	const struct spi_seg seg = { .tx = tx, .rx = rx, .len = sizeof rx };

	if (spi_xfer(spi, &seg, 1, e) < 0)
		return err_prefix(e, "reading the JEDEC ID: ");
	*jedec_id = (uint32_t)rx[1] << 16 | (uint32_t)rx[2] << 8 | rx[3];
	if (raw)
		memcpy(raw, rx, sizeof rx);
	return 0;
}

bool nor_id_plausible(uint32_t jedec_id)
{
	const uint32_t maker = jedec_id >> 16, rest = jedec_id & 0xffff;

	if (nor_part_by_id(jedec_id))
		return true;
	if (maker == 0x00 || maker >= 0xff || maker == 0xd2 || rest == 0x0000 || rest == 0xffff)
		return false;
	return rest != maker * 0x0101;
}

/* ID bits, and what those makers mean by 35h: EQIO (C2), QPIEN (9D), RDCR (BF). */
bool nor_has_sr2(uint32_t jedec_id)
{
	static const uint8_t others[] = { 0xc2, 0x9d, 0xbf };

	for (size_t i = 0; i < sizeof others; i++)
		if (jedec_id >> 16 == others[i])
			return false;
	return true;
}

int nor_read_status(struct spi *spi, uint32_t jedec_id, uint8_t status[3], struct err *e)
{
	static const uint8_t op[3] = { NOR_OP_SR1, NOR_OP_SR2, NOR_OP_SR3 };
	const size_t n = nor_has_sr2(jedec_id) ? 3 : 1;
	uint8_t seen[3] = { 0 };

	/* One message each: some controllers cut the last clock when CS rises inside a message. */
	for (size_t i = 0; i < n; i++)
		if (spi_command(spi, &op[i], 1, &seen[i], 1, e) < 0)
			return err_prefix(e, "reading status register %zu: ", i + 1);
	memcpy(status, seen, sizeof seen);
	return 0;
}

static struct nor_command sfdp_command(size_t addr)
{
	return (struct nor_command){ { NOR_OP_READ_SFDP, (uint8_t)(addr >> 16),
				       (uint8_t)(addr >> 8), (uint8_t)addr, 0 },
				     5 };
}

static int read_sfdp_rest(struct spi *spi, uint8_t *buf, size_t len, struct err *e)
{
	const size_t step = spi->max_len < NOR_CHUNK ? spi->max_len : NOR_CHUNK;

	for (size_t at = 0; at < len;) {
		const struct nor_command command = sfdp_command(at);
		const size_t n = len - at < step ? len - at : step;

		if (nor_read_agreed(spi, &command, buf + at, n, e) < 0)
			return err_prefix(e, "reading SFDP at 0x%zx: ", at);
		at += n;
	}
	return 0;
}

int nor_read_sfdp(struct spi *spi, uint8_t *buf, size_t len, bool *there, struct err *e)
{
	const struct nor_command command = sfdp_command(0);

	if (nor_read_agreed(spi, &command, buf, SIGNATURE_LEN, e) < 0)
		return err_prefix(e, "reading the SFDP signature: ");
	*there = !memcmp(buf, "SFDP", SIGNATURE_LEN);
	return *there ? read_sfdp_rest(spi, buf, len, e) : 0;
}

/* Looks for the low `width` bits of pattern at any bit position of bytes. */
static bool carries(const uint8_t *bytes, size_t len, uint64_t pattern, unsigned width)
{
	const uint64_t mask = UINT64_MAX >> (64 - width);
	uint64_t window = 0;

	for (size_t i = 0; i < len * 8; i++) {
		window = window << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
		if (i + 1 >= width && (window & mask) == (pattern & mask))
			return true;
	}
	return false;
}

static uint64_t number(const uint8_t bytes[NOR_UNIQUE_ID])
{
	uint64_t n = 0;

	for (size_t i = 0; i < NOR_UNIQUE_ID; i++)
		n = n << 8 | bytes[i];
	return n;
}

/*
 * A chip without 4Bh leaves the line to whatever comes: a constant level, or, with another idea
 * of the opcode, its ID or its content, perhaps some clocks early or late.
 */
static bool is_unique_id(const uint8_t id[NOR_UNIQUE_ID], uint32_t jedec_id, const uint8_t *content,
			 size_t len)
{
	if (!memcmp(id, id + 1, NOR_UNIQUE_ID - 1))
		return false;
	return !carries(id, NOR_UNIQUE_ID, jedec_id, 24) && !carries(content, len, number(id), 64);
}

int nor_read_unique_id(struct nor *nor, struct err *e)
{
	const struct nor_command command = { { NOR_OP_UNIQUE_ID }, 5 };
	uint8_t id[NOR_UNIQUE_ID], content[2 * NOR_UNIQUE_ID];

	nor->id.has_unique_id = false;
	if (nor_read(nor, 0, content, sizeof content, e) < 0)
		return -1;
	if (nor_read_agreed(nor->spi, &command, id, sizeof id, e) < 0)
		return e->code == ERR_UNSTABLE_READ ? 0 : err_prefix(e, "reading the unique ID: ");
	if (is_unique_id(id, nor->id.jedec_id, content, sizeof content)) {
		memcpy(nor->id.unique_id, id, sizeof id);
		nor->id.has_unique_id = true;
	}
	return 0;
}
