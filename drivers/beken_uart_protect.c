/* The flash's protection, through the boot ROM's status register commands. */
#include <stdio.h>

#include "beken_uart_flashes.h"
#include "beken_uart_impl.h"

#define WRITE_OP  0x01
#define ROUNDS    10
#define SETTLE_NS (10 * (uint64_t)CLOCK_MS)
#define BP_ANY    0x7c   /* of SR1: BP0 to BP4 and what stands above them */
#define CMP       0x4000 /* of SR2 */

static int read_register(struct beken_uart *u, uint8_t op, uint8_t *value, struct err *e)
{
	struct beken_frame reply;
	const struct uart_ask ask = { .is_long = true,
				      .op = BEKEN_READ_SR,
				      .reply = BEKEN_READ_SR,
				      .payload = &op,
				      .len = 1,
				      .echo = 1,
				      .answer = 2,
				      .timeout_ms = 500 };

	if (uart_command(u, &ask, &reply, e) < 0)
		return err_prefix(e, "reading status register %02xh: ", op);
	*value = reply.payload[1];
	return 0;
}

static int read_all(struct beken_uart *u, const uint8_t ops[3], uint16_t *word, struct err *e)
{
	*word = 0;
	for (size_t i = 0; i < 3 && ops[i]; i++) {
		if (read_register(u, ops[i], &u->status[i], e) < 0)
			return -1;
		if (i < 2)
			*word |= (uint16_t)(u->status[i] << (8 * i));
	}
	return 0;
}

/* What it answers is an echo of the question and proves nothing. */
static int write_registers(struct beken_uart *u, uint16_t word, size_t bytes, struct err *e)
{
	const uint8_t payload[3] = { WRITE_OP, (uint8_t)word, (uint8_t)(word >> 8) };
	struct beken_frame reply;
	const struct uart_ask ask = { .is_long = true,
				      .op = BEKEN_WRITE_SR,
				      .reply = BEKEN_WRITE_SR,
				      .payload = payload,
				      .len = 1 + bytes,
				      .echo = 1,
				      .answer = 1,
				      .timeout_ms = 500 };

	if (uart_command(u, &ask, &reply, e) < 0)
		return err_prefix(e, "writing the status registers: ");
	clock_sleep_ns(u->work->clock, SETTLE_NS);
	return 0;
}

static int fail_protected(const struct beken_uart *u, uint16_t word, struct err *e)
{
	err_set(e, ERR_PROTECTED, "flash %06X stays protected: its status registers read %04X",
		u->jedec_id, word);
	return err_hint(e, "Its registers may be locked until the power goes off and on; else "
			   "write by SPI, which knows more ways.");
}

/* Not in the table: only a flash that protects nothing may be written. */
static int check_foreign(struct beken_uart *u, struct err *e)
{
	static const uint8_t ops[3] = { 0x05, 0x35 };
	uint16_t word;

	if (read_all(u, ops, &word, e) < 0)
		return -1;
	return word & (BP_ANY | CMP) ? fail_protected(u, word, e) : 0;
}

static int clear(struct beken_uart *u, const struct beken_flash *flash, struct err *e)
{
	/* Bits that are not read are not known, and so not asked for. */
	const uint16_t mask = flash->read_op[1] ? flash->mask : flash->mask & 0xff;
	uint16_t word;

	for (int i = 0; i < ROUNDS; i++) {
		if (read_all(u, flash->read_op, &word, e) < 0)
			return -1;
		/* On some parts a write that changes nothing locks the registers. */
		if ((word & mask) == 0)
			return 0;
		uart_tell(u, "flash is protected (status %04X), clearing that", word);
		if (write_registers(u, word & (uint16_t)~mask, flash->write_len, e) < 0)
			return -1;
	}
	if (read_all(u, flash->read_op, &word, e) < 0)
		return -1;
	return word & mask ? fail_protected(u, word, e) : 0;
}

int beken_uart_unprotect(struct beken_uart *u, struct err *e)
{
	const struct beken_flash *flash = beken_flash_by_id(u->jedec_id);

	if (u->family != BEKEN_BOOT_ROM)
		return 0;
	return flash ? clear(u, flash, e) : check_foreign(u, e);
}
