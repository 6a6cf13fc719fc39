/* Loaders that cannot sum up their flash: found out, and got along with. */
#include <string.h>

#include "auto.h"
#include "beken_uart_impl.h"

#define ASKS_MAX    12
#define ASKS        4   /* without an answer, and the loader there after each */
#define WAIT_MS     250 /* shorter than a loader's patience, some 400 ms; 4 KiB take it 10 ms */
#define PROBE_AT    BEKEN_LOADER_END
#define KIB         1024u
#define SMALLEST    (512 * KIB)
#define LARGEST     (4096 * KIB)
#define START_AGAIN (8192 * KIB)

/*
 * Asked until it is answered, or left open so often with the loader there after it: what was lost on
 * the way, and a loader that had to be linked again, say nothing. *reply is the answer.
 */
static int is_answered(struct beken_uart *u, const struct uart_ask *ask, struct beken_frame *reply,
		       bool *answered, struct err *e)
{
	bool there;
	int open = 0;

	*answered = false;
	for (int i = 0; i < ASKS_MAX && open < ASKS; i++) {
		*answered = uart_ask(u, ask, reply, e) == 0;
		if (*answered)
			return 0;
		if (e->code != ERR_TIMEOUT && e->code != ERR_IO && e->code != ERR_PROTECTED)
			return -1;
		if (uart_is_there(u, WAIT_MS, &there, e) < 0)
			return -1;
		open += there;
		if (!there && uart_recover(u, e) < 0)
			return -1;
	}
	if (open == ASKS)
		return 0;
	err_set(e, ERR_TIMEOUT, "the loader goes away whenever it is asked for command %02x",
		ask->op);
	return err_hint(e, "Check the supply, shorten the wires, lower the rate; or use SPI.");
}

int uart_find_sums(struct beken_uart *u, struct err *e)
{
	uint8_t payload[8];
	struct beken_frame reply;
	bool answered;
	const struct uart_ask ask = { .op = BEKEN_CHECK_CRC,
				      .reply = BEKEN_CHECK_CRC,
				      .payload = payload,
				      .len = sizeof payload,
				      .answer = 4, /* "unknown command" is one byte */
				      .timeout_ms = WAIT_MS };

	beken_put32(payload, PROBE_AT);
	beken_put32(payload + 4, PROBE_AT + UART_SECTOR - 1);
	if (is_answered(u, &ask, &reply, &answered, e) < 0)
		return -1;
	u->sums = answered;
	if (!u->sums)
		uart_tell(u, "this loader has no CRC of the flash: what it sends is proven by a "
			     "second pass");
	return 0;
}

/* A boot ROM tells the flash's ID, a loader in flash does not know that question. */
int uart_family_without_sums(struct beken_uart *u, struct err *e)
{
	static const uint8_t payload[4] = { 0x9f };
	const struct uart_ask ask = { .is_long = true,
				      .op = BEKEN_GET_MID,
				      .reply = BEKEN_GET_MID,
				      .payload = payload,
				      .len = sizeof payload,
				      .timeout_ms = WAIT_MS };
	struct beken_frame reply;
	bool answered;

	if (is_answered(u, &ask, &reply, &answered, e) < 0)
		return -1;
	u->family = answered ? BEKEN_BOOT_ROM : BEKEN_LOADER_IN_FLASH;
	return 0;
}

/* ---- the size of a flash whose loader cannot tell it */

static bool is_of_one_value(const uint8_t *sector)
{
	return !memcmp(sector, sector + 1, UART_SECTOR - 1);
}

/* Whether both addresses show the same; read again before it is denied. */
static int show_same(struct beken_uart *u, uint32_t a, uint32_t b, bool *same, struct err *e)
{
	uint8_t *one = u->work->block, *other = u->work->sector;

	*same = false;
	for (int i = 0; i < 2 && !*same; i++) {
		if (beken_uart_read_4k(u, a, one, e) < 0 || beken_uart_read_4k(u, b, other, e) < 0)
			return e->code == ERR_PROTECTED ? 0 : -1;
		*same = !memcmp(one, other, UART_SECTOR);
	}
	return 0;
}

/*
 * All flashes up to 8 MiB show their start there. Where a smaller address shows the same loader,
 * and what is behind it too, the flash ends; halves and quarters that are alike have no loader.
 */
static int wraps_at(struct beken_uart *u, uint32_t size, bool *wraps, struct err *e)
{
	static const uint32_t places[] = { 0, 0x4000, 0x8000, 0xc000 };

	*wraps = true;
	for (size_t i = 0; i < ARRAY_LEN(places) && *wraps; i++) {
		if (show_same(u, size + places[i], START_AGAIN + places[i], wraps, e) < 0)
			return -1;
		/* A start that holds nothing stands everywhere. */
		if (i == 0 && is_of_one_value(u->work->block))
			*wraps = false;
	}
	return *wraps ? show_same(u, PROBE_AT, size + PROBE_AT, wraps, e) : 0;
}

int uart_size_without_sums(struct beken_uart *u, struct err *e)
{
	bool wraps = false;

	for (uint32_t size = SMALLEST; size <= LARGEST && !wraps; size *= 2) {
		if (wraps_at(u, size, &wraps, e) < 0)
			return -1;
		u->base.size = size;
	}
	if (wraps) {
		u->base.start = 0;
		return 0;
	}
	err_set(e, ERR_UNKNOWN_CHIP,
		"the flash's size is not known: this loader has no CRC, and its start was not "
		"found "
		"again at 512 KiB to 4 MiB");
	return err_hint(e, "Read it by SPI, which asks the flash itself.");
}
