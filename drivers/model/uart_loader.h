/*
 * The UART loader of a Beken part, as the wire sees it: bytes in, bytes out, at times that the
 * caller tells. Both families: the one in the flash's first 0x11000 bytes, and the mask boot ROM.
 * No I/O, no memory of its own, no clock. The flash is a struct chip's, past its own wire.
 *
 * After a reset it listens for a while, then starts the application, which prints its text on the
 * log UART and listens for `reboot`. What real loaders do wrong is here too, and can be made worse.
 */
#pragma once

#include "chip.h"
#include "model_types.h"

#define UART_LOADER_END   0x11000u
#define UART_LOADER_OUT   16384u
#define UART_LOADER_READY 64
#define UART_LOADER_RING  512 /* bytes that wait while it is busy; more are lost */
#define UART_LOADER_NEVER (~(uint64_t)0)

enum uart_loader_family { UART_LOADER_IN_FLASH, UART_LOADER_ROM };

/* What a change of the rate does. */
enum uart_loader_baud {
	UART_BAUD_WORKS,
	UART_BAUD_REPLY_LOST, /* the rate changes, nobody says so */
	UART_BAUD_IGNORED,    /* the command is lost */
	UART_BAUD_OLD_RATE,   /* answers first, then changes */
	UART_BAUD_LATE        /* answers after params.baud_late_ms */
};

struct uart_loader_params {
	enum uart_loader_family family;
	const char *version;   /* what 11h answers; NULL: it is silent */
	uint32_t chip_id;      /* boot ROM */
	uint32_t hidden;       /* in flash: reads and erases below are refused */
	uint32_t hidden_write; /* in flash: writes below are refused */
	bool keeps_inside; /* in flash: beyond the flash's size nothing is changed, but said so */
	uint32_t early_exit_us; /* without any byte */
	uint32_t late_exit_us;  /* without a link check */
	uint32_t idle_us;       /* linked, without any byte: it restarts. 0: never */
	uint32_t crc_rate;      /* bytes a second */

	bool instant; /* nothing takes time */

	/* Trouble. All 0 is none. */
	enum uart_loader_baud baud;
	uint32_t baud_late_ms; /* 0: 600 */
	uint32_t baud_max;     /* changes to more are lost */
	uint32_t stale_links;  /* so many more answers to the first link check, later */
	bool sums_protect;     /* after a CRC nothing but a reset lets it write again */
	bool sr_stuck;         /* status registers are echoed, not written */
	bool sr_idle_locks;    /* a write that changes nothing locks them: 7BFC */
	bool mid_says_5;       /* GetMID's length is one short */
	bool mid_zero;         /* the flash does not answer */
	bool no_sums;          /* it does not know CheckCRC */
	bool deaf;             /* the application does not know `reboot` */
	uint32_t sums_lost;    /* so many of the next are never answered */
	uint32_t crc_wrong;    /* so many of the next CRCs are wrong */
	bool crc_always_wrong;
	uint32_t busy_every; /* each so many long commands it says that it is busy */
	uint32_t late_every; /* each so many answers come late, by */
	uint32_t late_us;
	/* The supply breaks down once, then it starts anew. 0: never. */
	uint32_t reset_after;   /* so many bytes received */
	uint32_t reset_in_page; /* so many pages of a Write4K programmed */
	bool reset_in_erase;    /* half of what is erased is neither old nor erased then */
	bool noisy_boot;        /* text on this UART too, with what looks like a reply */
};

/* What most are. */
struct uart_loader_params uart_loader_defaults(enum uart_loader_family family);

enum uart_loader_state { UART_LOADER_OFF, UART_LOADER_WINDOW, UART_LOADER_LINKED, UART_LOADER_APP };

/* Bytes on their way out of one UART. */
struct uart_loader_out {
	uint8_t bytes[UART_LOADER_OUT];
	uint32_t head, len;
	struct {
		uint32_t left; /* bytes of it */
		uint64_t at_ns;
	} ready[UART_LOADER_READY]; /* pieces, and when they may begin */
	uint32_t first, pieces;
};

struct uart_loader_counters {
	uint32_t resets, links, commands, reads, writes, erases, sums, lost;
};

struct uart_loader {
	struct uart_loader_params params;
	struct chip *chip; /* borrowed */
	/* What the application prints at its start; NULL: nothing. */
	const char *(*says)(void *arg);
	void *says_arg;
	uint64_t chance;
	enum uart_loader_state state;
	uint32_t baud;
	uint32_t next_baud; /* UART_BAUD_OLD_RATE: from next_baud_ns on */
	uint64_t next_baud_ns;
	uint64_t started_ns, last_ns; /* of the loader; of the last byte */
	uint64_t busy_ns;             /* until then bytes wait */
	bool heard;
	bool may_unlock, unlocked, stuck; /* in flash: the flash may be written */
	uint32_t links_left;
	uint64_t received;

	uint8_t ring[UART_LOADER_RING];
	uint32_t ring_head, ring_len;
	uint8_t in[4128]; /* the command that comes in */
	uint32_t in_len, in_need;
	uint32_t long_commands, answers;
	uint32_t text_at; /* how much of "reboot" the application has seen */
	struct uart_loader_out out, log;
	struct uart_loader_counters counters;
};

/* Off. Equal seeds give equal loaders. */
void uart_loader_init(struct uart_loader *loader, const struct uart_loader_params *params,
		      struct chip *chip, uint64_t seed);

/* The supply, or CEN: with `on` it starts anew. */
void uart_loader_power(struct uart_loader *loader, bool on, uint64_t now_ns);

/* A byte at the loader's own rate. */
void uart_loader_hear(struct uart_loader *loader, uint8_t byte, uint64_t now_ns);

/* What time does. */
void uart_loader_run(struct uart_loader *loader, uint64_t now_ns);

/* When uart_loader_run() has something to do next. */
uint64_t uart_loader_next_ns(const struct uart_loader *loader);

/* The next byte that goes out, and when it may begin; false when there is none. */
bool uart_loader_peek(const struct uart_loader_out *out, uint8_t *byte, uint64_t *at_ns);
void uart_loader_pop(struct uart_loader_out *out);
