/* Commands as they go over the wire: addresses, the 4-byte mode, several commands in a message. */
#include <assert.h>

#include "nor_command.h"

static const uint8_t op_enable = NOR_OP_ENABLE, op_disable = NOR_OP_DISABLE;
static const uint8_t op_enter = NOR_OP_ENTER_4B, op_leave = NOR_OP_LEAVE_4B;

/* These take four address bytes in any mode. */
static bool is_dedicated(uint8_t opcode)
{
	static const uint8_t four[] = {
		NOR_OP_PROGRAM_4B, NOR_OP_READ_4B, NOR_OP_FAST_4B, 0x21, 0x53, 0x5c, 0xdc
	};

	for (size_t i = 0; i < sizeof four; i++)
		if (four[i] == opcode)
			return true;
	return false;
}

bool nor_needs_mode(const struct nor *nor, uint8_t opcode)
{
	return nor->address_bytes == 4 && !nor->always_4b && !is_dedicated(opcode);
}

struct nor_command nor_addressed(const struct nor *nor, uint8_t opcode, uint32_t addr)
{
	const uint8_t high = (uint8_t)(addr >> 24), bank = (uint8_t)(addr >> 16),
		      page = (uint8_t)(addr >> 8), byte = (uint8_t)addr;

	if (nor->address_bytes == 4)
		return (struct nor_command){ { opcode, high, bank, page, byte }, 5 };
	return (struct nor_command){ { opcode, bank, page, byte }, 4 };
}

struct nor_command nor_read_command(const struct nor *nor, uint32_t addr)
{
	static const uint8_t opcode[2][2] = { { NOR_OP_READ, NOR_OP_FAST },
					      { NOR_OP_READ_4B, NOR_OP_FAST_4B } };
	const bool four = nor->address_bytes == 4 && nor->read_4b;
	const bool fast = nor->spi->now.hz > NOR_SLOW_READ_HZ;
	struct nor_command command = nor_addressed(nor, opcode[four][fast], addr);

	command.len += fast; /* a dummy byte, while the chip fetches */
	return command;
}

void nor_message_add(struct nor_message *message, const uint8_t *tx, uint8_t *rx, size_t len)
{
	assert(message->n < NOR_MESSAGE_SEGS);
	message->seg[message->n++] = (struct spi_seg){ .tx = tx, .rx = rx, .len = len };
}

void nor_message_end(struct nor_message *message)
{
	message->seg[message->n - 1].cs_up = true;
}

void nor_message_op(struct nor_message *message, const uint8_t *opcode)
{
	nor_message_add(message, opcode, NULL, 1);
	nor_message_end(message);
}

/* WREN goes before B7h and E9h: some parts (N25Q) want it, and no others mind. */
void nor_message_enter(struct nor_message *message, const struct nor *nor, uint8_t opcode)
{
	if (!nor_needs_mode(nor, opcode))
		return;
	nor_message_op(message, &op_enable);
	nor_message_op(message, &op_enter);
}

void nor_message_leave(struct nor_message *message, const struct nor *nor, uint8_t opcode)
{
	if (!nor_needs_mode(nor, opcode))
		return;
	nor_message_op(message, &op_enable);
	nor_message_op(message, &op_leave);
	nor_message_op(message, &op_disable);
}

/* How many pieces from first on are whole commands that may go together. */
static size_t group(const struct nor *nor, const struct nor_message *message, size_t first)
{
	size_t end = first;

	for (size_t i = first; i < message->n && i - first < nor->spi->max_segs; i++) {
		if (!message->seg[i].cs_up && i + 1 < message->n)
			continue;
		end = i + 1;
		if (nor->apart)
			break;
	}
	assert(end > first);
	return end - first;
}

int nor_message_send(const struct nor *nor, struct nor_message *message, struct err *e)
{
	for (size_t first = 0; first < message->n;) {
		const size_t n = group(nor, message, first);

		message->seg[first + n - 1].cs_up = false; /* it rises there anyway */
		if (spi_xfer(nor->spi, &message->seg[first], n, e) < 0)
			return -1;
		first += n;
	}
	return 0;
}
