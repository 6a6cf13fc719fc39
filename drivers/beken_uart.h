/*
 * A board's flash through the UART loader of its Beken part. Two families:
 *
 *   in flash   BK7231T, BK7231U, BK7252: the loader is the first 0x11000 bytes of the flash. It hides
 *              them from plain reads, and is lost with them; they are reached through addresses
 *              beyond the chip's size, which wrap around.
 *   boot ROM   BK7231N, BK7231M, BK7238, BK7252N: reads and writes everything from 0.
 *
 * Frames have no checksums. So nothing is believed until the chip's own CRC over the flash says the
 * same: reads, erases and writes alike. A loader that does not answer any more is looked for at the
 * rates it may have, then reset and linked again, and the work goes on where it was.
 */
#pragma once

#include "board.h"
#include "board_flash.h"

#define BEKEN_LOADER_END 0x11000u /* of the loader's region in flash */

enum beken_family { BEKEN_FAMILY_UNKNOWN, BEKEN_LOADER_IN_FLASH, BEKEN_BOOT_ROM };
const char *beken_family_name(enum beken_family family); /* "loader in flash" */

/* What a person should read while it goes on: a line each; and what to do now, NULL: nothing more. */
struct beken_uart_teller {
	void (*tell)(struct beken_uart_teller *teller, const char *text);
	void (*call)(struct beken_uart_teller *teller, const char *text);
};

struct beken_uart_setup {
	struct board *board;              /* borrowed; its uart must be there */
	uint32_t baud;                    /* the wanted rate; 0: 921600 */
	uint64_t link_timeout_ms;         /* 0: 10 s with CEN or a power line, else 60 s */
	struct beken_uart_teller *teller; /* borrowed; NULL: nobody */
};

/* What happened on the wire, for logs and results. */
struct beken_uart_counts {
	uint64_t sent, received, commands;
	uint64_t foreign;  /* replies that belonged to no question */
	uint64_t timeouts; /* questions without an answer */
	uint64_t relinks;  /* links after the first */
	uint64_t reread;   /* sectors that were read again */
	uint64_t probes;   /* link checks of the last link */
};

struct beken_uart {
	struct board_flash base; /* first member; filled by beken_uart_identify() */
	enum beken_family family;
	uint32_t baud;       /* now */
	uint32_t chip_id;    /* 0x7231c; 0: the loader cannot tell */
	uint32_t jedec_id;   /* manufacturer first; 0: the loader cannot tell */
	char loader[48];     /* "BK7231S_1.0.5", or what its CRC is known as; "": not known */
	uint32_t loader_crc; /* CRC-32 of its first 256 (boot ROM: 257) bytes; 0: it cannot tell */
	bool sums;           /* it can sum up its flash; else reads are proven by a second one */
	uint8_t status[3];
	struct beken_uart_counts counts;
	struct beken_uart_work *work; /* the inside */
};

/* Touches nothing. NULL and *e without memory, or ERR_UNPROCESSABLE for a board without UART. */
struct beken_uart *beken_uart_new(const struct beken_uart_setup *setup, struct err *e) MUST_CHECK;
void beken_uart_free(struct beken_uart *uart);
static inline void auto_beken_uart_free(struct beken_uart **uart)
{
	beken_uart_free(*uart);
}

/*
 * Gets hold of the loader, then goes to the wanted rate or the best below that works. Resets the
 * board by CEN or power where it can; else it asks OpenBeken and Beken firmware to reboot, then,
 * when that does not help, the person, and waits. progress counts attempts. Blocks up to
 * link_timeout. Errors: ERR_NO_CHIP (nobody answers), ERR_OFFLINE, ERR_CANCELLED, those of the lines.
 */
int beken_uart_link(struct beken_uart *uart, struct progress *progress, struct err *e) MUST_CHECK;

/*
 * Family, part, loader, flash and its size. The family shows in whether the loader sums 256 or 257
 * bytes; sizes where no flash ID can be asked show in where the loader's own code appears again.
 * A loader without CheckCRC is known by what else it answers, and its flash does not prove itself:
 * reads are plain, to be read twice; the vote, comparisons and writes read back.
 * ERR_UNKNOWN_CHIP, ERR_NO_CHIP (the flash does not answer), those of link.
 */
int beken_uart_identify(struct beken_uart *uart, struct err *e) MUST_CHECK;

/* ---- single commands, for those who know better; all repeat themselves where that is harmless */

/* CRC as the loader counts it (beken_frame.h); addr and len are multiples of 256. */
int beken_uart_crc(struct beken_uart *uart, uint32_t addr, uint32_t len, uint32_t *crc,
		   struct err *e) MUST_CHECK;
/* A sector by its wire address, unproven. ERR_PROTECTED where the loader refuses. */
int beken_uart_read_4k(struct beken_uart *uart, uint32_t addr, uint8_t *buf, struct err *e)
	MUST_CHECK;
/* size 4096 or 65536; proves nothing. */
int beken_uart_erase(struct beken_uart *uart, uint32_t addr, uint32_t size, struct err *e)
	MUST_CHECK;
/* Not repeated by itself: what a lost byte left is only mended by an erase. */
int beken_uart_write_4k(struct beken_uart *uart, uint32_t addr, const uint8_t *buf, struct err *e)
	MUST_CHECK;

/*
 * Clears the flash's protection, by the maker's table of masks; never writes registers that need no
 * change. Boot ROM only: loaders in flash do it themselves. ERR_PROTECTED when it stays, or when
 * the part is not known and looks protected.
 */
int beken_uart_unprotect(struct beken_uart *uart, struct err *e) MUST_CHECK;

/* The loader restarts the board; nothing answers that. */
int beken_uart_reboot(struct beken_uart *uart, struct err *e) MUST_CHECK;
