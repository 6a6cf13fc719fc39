/* The inside of beken_uart.h: how its files work together. */
#pragma once

#include "beken_frame.h"
#include "beken_uart.h"

#define UART_SECTOR 4096u
#define UART_BLOCK  65536u
#define UART_TRIES  5 /* of a command that may be repeated */

struct beken_uart_work {
	struct beken_uart_setup setup;
	struct serial *serial; /* borrowed */
	struct clock *clock;   /* of the port: time-outs count by it */
	struct progress *progress;
	uint32_t wanted;      /* rate */
	unsigned trouble;     /* recoveries since the rate was set */
	bool sums_protect;    /* after a CRC this loader writes nothing until it is reset */
	bool asked;           /* the person was asked for a reset */
	bool strayed;         /* a loader said that it changed what it was not told to: */
	uint32_t stray;       /* there */
	uint32_t first, last; /* what a write may change, whole sectors */
	bool in_write;        /* the last command may have left the loader waiting for bytes */
	struct beken_parser parser;
	uint8_t tx[BEKEN_FRAME_MAX];
	uint8_t block[UART_BLOCK], want[UART_BLOCK];
	uint8_t sector[UART_SECTOR]; /* of a single read */
};

/* A question and what its answer looks like. */
struct uart_ask {
	bool is_long;
	uint8_t op, reply; /* opcodes */
	const uint8_t *payload;
	size_t len;
	size_t echo;         /* so many bytes of the payload come back at the beginning */
	size_t answer;       /* bytes of the reply's payload, at least */
	unsigned timeout_ms; /* beside what its bytes take */
};

/* Sends it once and waits. ERR_TIMEOUT, ERR_PROTECTED (status 6), ERR_IO (other refusals; e->offset is the status). */
int uart_ask(struct beken_uart *uart, const struct uart_ask *ask, struct beken_frame *reply,
	     struct err *e) MUST_CHECK;

/* The same, again after time-outs and states that pass, with a recovery in between. */
int uart_command(struct beken_uart *uart, const struct uart_ask *ask, struct beken_frame *reply,
		 struct err *e) MUST_CHECK;

/* One link check; false when no answer came in timeout_ms. Answers before it are thrown away. */
int uart_is_there(struct beken_uart *uart, unsigned timeout_ms, bool *there, struct err *e)
	MUST_CHECK;

/* Brings a loader that did not answer back: at its rate, with filler, at 115200, by a reset. */
int uart_recover(struct beken_uart *uart, struct err *e) MUST_CHECK;

/* Resets the board (or reboots the loader by itself) and links again, at the old rate. */
int uart_restart(struct beken_uart *uart, struct err *e) MUST_CHECK;

/* One or the other. */
int uart_link_at_115200(struct beken_uart *uart, struct err *e) MUST_CHECK;
int uart_go_to_rate(struct beken_uart *uart, struct err *e) MUST_CHECK;

/* Reads and forgets until nothing came for quiet_ms; gives up after ten times that. */
int uart_drain(struct beken_uart *uart, unsigned quiet_ms, struct err *e) MUST_CHECK;
int uart_send(struct beken_uart *uart, const uint8_t *bytes, size_t len, struct err *e) MUST_CHECK;
/* Waits up to timeout_ms for bytes, and feeds them. *came is false when there were none. */
int uart_listen(struct beken_uart *uart, unsigned timeout_ms, bool *came, struct err *e) MUST_CHECK;

void uart_tell(struct beken_uart *uart, const char *fmt, ...) PRINTF(2, 3);
int uart_check(struct beken_uart *uart, struct err *e) MUST_CHECK; /* cancelled? */

/* Sets uart->sums. Without them: the family, the size by what shows again, or ERR_UNKNOWN_CHIP. */
int uart_find_sums(struct beken_uart *uart, struct err *e) MUST_CHECK;
int uart_family_without_sums(struct beken_uart *uart, struct err *e) MUST_CHECK;
int uart_size_without_sums(struct beken_uart *uart, struct err *e) MUST_CHECK;

/* Where a sector is read: a loader in flash hides its own, but not behind the flash's end. */
uint32_t uart_wire_address(const struct beken_uart *uart, uint32_t addr);

/* The loader's CRC of a sector; of what it sends, where it has none. */
int uart_sum_sector(struct beken_uart *uart, uint32_t addr, uint32_t *crc, struct err *e)
	MUST_CHECK;

/* Whole sectors, proven by CRC, or by two reads in a row: addr and len are multiples of UART_SECTOR, len up to UART_BLOCK. */
int uart_read_proven(struct beken_uart *uart, uint32_t addr, uint8_t *buf, uint32_t len,
		     struct err *e) MUST_CHECK;

/* Is what the chip holds at [addr, addr+len) that? Asked twice before it is denied. */
int uart_is_equal(struct beken_uart *uart, uint32_t addr, const uint8_t *want, uint32_t len,
		  bool *equal, struct err *e) MUST_CHECK;

extern const struct board_flash_ops uart_flash_ops;
int uart_flash_read(struct board_flash *flash, const struct nor_range *range,
		    struct progress *progress, struct err *e) MUST_CHECK;
int uart_flash_vote(struct board_flash *flash, uint32_t addr, uint8_t *buf, size_t len,
		    struct err *e) MUST_CHECK;
int uart_flash_compare(struct board_flash *flash, const struct nor_image *image,
		       struct progress *progress, struct nor_difference *difference, struct err *e)
	MUST_CHECK;
int uart_flash_write(struct board_flash *flash, const struct nor_image *image,
		     const struct nor_write_options *options, struct err *e) MUST_CHECK;

static inline struct beken_uart *uart_of(struct board_flash *flash)
{
	return (struct beken_uart *)flash;
}
