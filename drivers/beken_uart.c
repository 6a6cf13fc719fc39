#include "beken_uart_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"

#define DEFAULT_BAUD  921600u
#define START_BAUD    115200u
#define BITS_PER_BYTE 10u
#define LINK_MS       250u
#define PIECE         512u

enum status { STATUS_OK, STATUS_BUSY, STATUS_SPI, STATUS_TIMEOUT, STATUS_PARAMETER = 6 };

const char *beken_family_name(enum beken_family family)
{
	switch (family) {
	case BEKEN_LOADER_IN_FLASH: return "loader in flash";
	case BEKEN_BOOT_ROM: return "boot ROM";
	case BEKEN_FAMILY_UNKNOWN: break;
	}
	return "unknown";
}

struct beken_uart *beken_uart_new(const struct beken_uart_setup *setup, struct err *e)
{
	struct board *board = setup->board;
	AUTO(auto_beken_uart_free) struct beken_uart *u = NULL;

	if (!board->uart) {
		err_set(e, ERR_UNPROCESSABLE, "no UART is wired to this slot");
		err_hint(e, "Use \"transport\": \"spi\", or give the slot a `uart`.");
		return NULL;
	}
	u = calloc(1, sizeof *u);
	if (u)
		u->work = calloc(1, sizeof *u->work);
	if (!u || !u->work) {
		err_set(e, ERR_MEMORY, "no memory for a UART session");
		return NULL;
	}
	*u->work = (struct beken_uart_work){
		.setup = *setup,
		.serial = board->uart,
		.clock = board->port_clock ? board->port_clock : board->clock,
		.wanted = setup->baud ? setup->baud : DEFAULT_BAUD,
	};
	u->baud = START_BAUD;
	return TAKE(u);
}

void beken_uart_free(struct beken_uart *uart)
{
	if (uart)
		free(uart->work);
	free(uart);
}

void uart_tell(struct beken_uart *u, const char *fmt, ...)
{
	struct beken_uart_teller *teller = u->work->setup.teller;
	char text[240];
	va_list ap;

	if (!teller)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	teller->tell(teller, text);
}

int uart_check(struct beken_uart *u, struct err *e)
{
	return progress_check(u->work->progress, e);
}

/* ---- bytes */

int uart_send(struct beken_uart *u, const uint8_t *bytes, size_t len, struct err *e)
{
	u->counts.sent += len;
	return serial_write(u->work->serial, bytes, len, e);
}

int uart_listen(struct beken_uart *u, unsigned timeout_ms, bool *came, struct err *e)
{
	uint8_t piece[PIECE];
	size_t got = 0;

	if (serial_read(u->work->serial, piece, sizeof piece, timeout_ms, &got, e) < 0)
		return -1;
	*came = got > 0;
	u->counts.received += got;
	/* There is always room: the caller has taken all whole frames before. */
	(void)beken_parser_feed(&u->work->parser, piece, got);
	return 0;
}

int uart_drain(struct beken_uart *u, unsigned quiet_ms, struct err *e)
{
	const uint64_t until_ns = clock_now_ns(u->work->clock) + 10 * quiet_ms * (uint64_t)CLOCK_MS;
	bool came = true;

	while (came && clock_now_ns(u->work->clock) < until_ns) {
		if (uart_listen(u, quiet_ms, &came, e) < 0)
			return -1;
		beken_parser_clear(&u->work->parser);
	}
	beken_parser_clear(&u->work->parser);
	return serial_flush(u->work->serial, e);
}

/* ---- one question, one answer */

static bool fits(const struct uart_ask *ask, const struct beken_frame *f)
{
	return f->is_long == ask->is_long && f->op == ask->reply && f->len >= ask->echo &&
	       (ask->echo == 0 || !memcmp(f->payload, ask->payload, ask->echo));
}

/*
 * Write4K refusals echo an address that is spoilt in its low half: a refusal counts without echo.
 */
static bool refuses(const struct uart_ask *ask, const struct beken_frame *f)
{
	return f->is_long && ask->is_long && f->op == ask->reply && f->status == STATUS_PARAMETER;
}

static int judge(const struct uart_ask *ask, const struct beken_frame *f, struct err *e)
{
	if (refuses(ask, f)) {
		err_set(e, ERR_PROTECTED, "the loader refuses: its own area");
		return err_hint(e, "This loader keeps its own area, forced or not: use SPI there.");
	}
	if (f->is_long && f->status != STATUS_OK) {
		err_set(e, ERR_IO, "the loader answers with status %u to command %02x", f->status,
			ask->op);
		return err_at(e, f->status, ERR_NO_OFFSET);
	}
	if (f->len < ask->answer)
		return err_set(e, ERR_TIMEOUT,
			       "an answer of %zu bytes to command %02x, %zu were due", f->len,
			       ask->op, ask->answer);
	return 0;
}

/*
 * Nothing guards the address of a command on its way: with a bit of it turned over, the loader
 * erases or writes elsewhere, and says so. Answers that come late name what was meant to change.
 */
static void look_for_stray(struct beken_uart *u, const struct uart_ask *ask,
			   const struct beken_frame *f)
{
	struct beken_uart_work *w = u->work;
	const size_t at = f->op == BEKEN_ERASE ? 1 : 0;
	uint32_t addr;

	if (!f->is_long || !ask->is_long || f->op != ask->reply || f->status != STATUS_OK ||
	    (f->op != BEKEN_ERASE && f->op != BEKEN_WRITE_4K) || f->len < at + 4)
		return;
	addr = beken_get32(f->payload + at);
	if (addr >= w->first && addr <= w->last)
		return;
	w->strayed = true;
	w->stray = addr;
}

/* The next frame that answers. *found is false when nothing of the kind is there. */
static void search(struct beken_uart *u, const struct uart_ask *ask, struct beken_frame *reply,
		   bool *found)
{
	*found = false;
	while (!*found && beken_parser_next(&u->work->parser, reply)) {
		*found = fits(ask, reply) || refuses(ask, reply);
		u->counts.foreign += !*found;
		if (!*found)
			look_for_stray(u, ask, reply);
	}
}

static uint64_t bytes_ns(const struct beken_uart *u, size_t bytes)
{
	return bytes * (uint64_t)BITS_PER_BYTE * CLOCK_S / u->baud;
}

/* Nothing more comes: perhaps an answer hides behind what looked like another one's beginning. */
static bool search_behind(struct beken_uart *u, const struct uart_ask *ask,
			  struct beken_frame *reply)
{
	bool found = false;

	while (!found && beken_parser_give_up(&u->work->parser))
		search(u, ask, reply, &found);
	return found;
}

static int wait_for(struct beken_uart *u, const struct uart_ask *ask, uint64_t until_ns,
		    struct beken_frame *reply, struct err *e)
{
	bool found = false, came = true;

	while (!found) {
		const uint64_t now_ns = clock_now_ns(u->work->clock);

		if (now_ns >= until_ns)
			break;
		/* In slices, so that a cancel is heard. */
		if (uart_listen(u,
				(until_ns - now_ns) / CLOCK_MS > 80
					? 80
					: (unsigned)((until_ns - now_ns) / CLOCK_MS) + 1,
				&came, e) < 0 ||
		    (!came && uart_check(u, e) < 0))
			return -1;
		search(u, ask, reply, &found);
	}
	if (!found && !search_behind(u, ask, reply)) {
		u->counts.timeouts++;
		return err_set(e, ERR_TIMEOUT, "no answer to command %02x", ask->op);
	}
	return judge(ask, reply, e);
}

int uart_ask(struct beken_uart *u, const struct uart_ask *ask, struct beken_frame *reply,
	     struct err *e)
{
	struct beken_uart_work *w = u->work;
	const size_t len = ask->is_long
				   ? beken_long_command(w->tx, ask->op, ask->payload, ask->len)
				   : beken_short_command(w->tx, ask->op, ask->payload, ask->len);
	uint64_t until_ns;

	beken_parser_clear(&w->parser);
	u->counts.commands++;
	if (serial_flush(w->serial, e) < 0)
		return -1;
	until_ns = clock_now_ns(w->clock) + ask->timeout_ms * (uint64_t)CLOCK_MS +
		   2 * bytes_ns(u, len + ask->answer + 16);
	if (uart_send(u, w->tx, len, e) < 0)
		return -1;
	return wait_for(u, ask, until_ns, reply, e);
}

/*
 * Busy and its like pass; and nothing guards the status byte itself, so that what cannot pass is
 * believed when it was said twice.
 */
static bool may_pass(const struct err *e, int64_t *said)
{
	const int64_t status = e->code == ERR_PROTECTED ? STATUS_PARAMETER : e->offset;
	const bool twice = status == *said;

	if (e->code != ERR_IO && e->code != ERR_PROTECTED)
		return false;
	*said = status;
	return !twice || (status >= STATUS_BUSY && status <= STATUS_TIMEOUT);
}

int uart_command(struct beken_uart *u, const struct uart_ask *ask, struct beken_frame *reply,
		 struct err *e)
{
	struct err why;
	int64_t said = STATUS_OK;

	for (int i = 0; i < UART_TRIES; i++) {
		if (uart_ask(u, ask, reply, e) == 0)
			return 0;
		if (may_pass(e, &said)) {
			clock_sleep_ns(u->work->clock, 10 * (uint64_t)CLOCK_MS);
			continue;
		}
		if (e->code != ERR_TIMEOUT)
			return -1;
		if (uart_recover(u, &why) < 0) {
			*e = why;
			return -1;
		}
	}
	err_hint(e, "The line loses bytes: shorten the wires, connect ground, lower the rate, or "
		    "use SPI.");
	return -1;
}

int uart_is_there(struct beken_uart *u, unsigned timeout_ms, bool *there, struct err *e)
{
	const struct uart_ask ask = {
		.op = BEKEN_LINK_CHECK, .reply = BEKEN_LINKED, .answer = 1, .timeout_ms = timeout_ms
	};
	struct beken_frame reply;

	*there = uart_ask(u, &ask, &reply, e) == 0;
	return *there || e->code == ERR_TIMEOUT || e->code == ERR_IO ? 0 : -1;
}

/* ---- commands */

int beken_uart_crc(struct beken_uart *u, uint32_t addr, uint32_t len, uint32_t *crc, struct err *e)
{
	uint8_t payload[8];
	struct beken_frame reply;
	/* 400 KB/s is what loaders do at least; twice that time, and a second. */
	const struct uart_ask ask = { .op = BEKEN_CHECK_CRC,
				      .reply = BEKEN_CHECK_CRC,
				      .payload = payload,
				      .len = sizeof payload,
				      .answer = 4,
				      .timeout_ms = 1000 + len / 200 };

	beken_put32(payload, addr);
	beken_put32(payload + 4, addr + len - 1); /* right for both families */
	if (uart_command(u, &ask, &reply, e) < 0)
		return err_prefix(e, "CRC of 0x%x bytes at 0x%x: ", len, addr);
	*crc = beken_get32(reply.payload);
	return 0;
}

int beken_uart_read_4k(struct beken_uart *u, uint32_t addr, uint8_t *buf, struct err *e)
{
	uint8_t payload[4];
	struct beken_frame reply;
	const struct uart_ask ask = { .is_long = true,
				      .op = BEKEN_READ_4K,
				      .reply = BEKEN_READ_4K,
				      .payload = payload,
				      .len = sizeof payload,
				      .echo = sizeof payload,
				      .answer = 4 + UART_SECTOR,
				      .timeout_ms = 400 };

	beken_put32(payload, addr);
	if (uart_command(u, &ask, &reply, e) < 0) {
		err_at(e, addr, ERR_NO_OFFSET);
		return err_prefix(e, "reading 0x%x: ", addr);
	}
	memcpy(buf, reply.payload + 4, UART_SECTOR);
	return 0;
}

int beken_uart_erase(struct beken_uart *u, uint32_t addr, uint32_t size, struct err *e)
{
	uint8_t payload[5] = { size == UART_BLOCK ? 0xd8 : 0x20 };
	struct beken_frame reply;
	const struct uart_ask ask = { .is_long = true,
				      .op = BEKEN_ERASE,
				      .reply = BEKEN_ERASE,
				      .payload = payload,
				      .len = sizeof payload,
				      .echo = sizeof payload,
				      .answer = sizeof payload,
				      .timeout_ms = size == UART_BLOCK ? 5000 : 2000 };

	beken_put32(payload + 1, addr);
	if (uart_command(u, &ask, &reply, e) < 0) {
		err_at(e, addr, ERR_NO_OFFSET);
		return err_prefix(e, "erasing 0x%x: ", addr);
	}
	return 0;
}

int beken_uart_write_4k(struct beken_uart *u, uint32_t addr, const uint8_t *buf, struct err *e)
{
	uint8_t payload[4 + UART_SECTOR];
	struct beken_frame reply;
	const struct uart_ask ask = { .is_long = true,
				      .op = BEKEN_WRITE_4K,
				      .reply = BEKEN_WRITE_4K,
				      .payload = payload,
				      .len = sizeof payload,
				      .echo = 4,
				      .answer = 4,
				      .timeout_ms = 1500 };
	int result;

	beken_put32(payload, addr);
	memcpy(payload + 4, buf, UART_SECTOR);
	u->work->in_write = true;
	result = uart_ask(u, &ask, &reply, e);
	if (result == 0 || e->code != ERR_TIMEOUT)
		u->work->in_write = false;
	if (result == 0)
		return 0;
	err_at(e, addr, ERR_NO_OFFSET);
	return err_prefix(e, "writing 0x%x: ", addr);
}

int beken_uart_reboot(struct beken_uart *u, struct err *e)
{
	static const uint8_t magic = 0xa5;
	const size_t len = beken_short_command(u->work->tx, BEKEN_REBOOT, &magic, 1);

	for (int i = 0; i < 3; i++) {
		if (uart_send(u, u->work->tx, len, e) < 0)
			return -1;
		clock_sleep_ns(u->work->clock, 10 * (uint64_t)CLOCK_MS);
	}
	return 0;
}
