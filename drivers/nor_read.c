#include <string.h>

#include "nor_command.h"

#define AGREED_READS 4

int nor_read_agreed(struct spi *spi, const struct nor_command *command, uint8_t *buf, size_t len,
		    struct err *e)
{
	uint8_t again[NOR_CHUNK];

	if (spi_command(spi, command->bytes, command->len, buf, len, e) < 0)
		return -1;
	for (int i = 1; i < AGREED_READS; i++) {
		if (spi_command(spi, command->bytes, command->len, again, len, e) < 0)
			return -1;
		if (!memcmp(buf, again, len))
			return 0;
		memcpy(buf, again, len);
	}
	err_set(e, ERR_UNSTABLE_READ, "no two reads in a row gave the same bytes");
	return err_hint(e, "slow down (spi_hz), shorten the wires, look at the supply");
}

/* One message. Into 4-byte mode and out of it again, where the chip needs that. */
static int read_message(const struct nor *nor, uint32_t addr, uint8_t *buf, size_t len,
			struct err *e)
{
	const struct nor_command command = nor_read_command(nor, addr);
	struct nor_message message = { .n = 0 };

	nor_message_enter(&message, nor, command.bytes[0]);
	nor_message_add(&message, command.bytes, NULL, command.len);
	nor_message_add(&message, NULL, buf, len);
	nor_message_end(&message);
	nor_message_leave(&message, nor, command.bytes[0]);
	return nor_message_send(nor, &message, e);
}

int nor_read(struct nor *nor, uint32_t addr, uint8_t *buf, size_t len, struct err *e)
{
	const size_t step = nor->spi->max_len;

	if (addr > nor->size || len > nor->size - addr)
		return err_set(e, ERR_BAD_INPUT, "0x%zx bytes from 0x%x are past the end of %s",
			       len, addr, nor->name);
	while (len > 0) {
		const size_t n = len < step ? len : step;

		if (read_message(nor, addr, buf, n, e) < 0) {
			err_prefix(e, "reading 0x%x: ", addr);
			return err_at(e, addr, ERR_NO_OFFSET);
		}
		addr += (uint32_t)n;
		buf += n;
		len -= n;
	}
	return 0;
}
