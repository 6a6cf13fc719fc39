/*
 * A board with nothing but a flash, a UART loader in virtual time, and a CEN line: for tests of
 * the driver and of its trouble.
 */
#pragma once

#include "beken_frame.h"
#include "beken_uart.h"
#include "chance.h"
#include "sim_uart.h"

struct uart_rig {
	struct board board;
	struct clock_virtual clock;
	struct line cen;
	struct uart_rig_setup {
		enum uart_loader_family family;
		uint32_t jedec_id;
		uint32_t size;
		uint64_t seed;
		uint32_t baud; /* 0: the driver's own choice */
		bool without_cen;
		bool blank_app;      /* nothing at 0x11000 */
		bool full;           /* no byte is erased */
		bool halves;         /* both halves of the flash are the same, but for the loader */
		struct clock *clock; /* NULL: virtual */
		bool unpaced;
		uint64_t link_timeout_ms;
		struct sim_narrator *narrator;
	} setup;
	struct chip chip;
	uint8_t *cells;
	struct sim_uart *sim;
	struct uart_loader *loader;
	struct beken_uart *u;
	struct beken_uart_teller teller;
	unsigned told, calls; /* lines for the log; times that a person was called */
	bool calling;         /* and is, now */
	char last_told[240];
	struct nor_source memory; /* of what the flash held when a write began */
	uint8_t *remembered;
	bool lies; /* it shows what a write by seed 3 to 0x180000 would leave */
};

/* Aborts when it cannot. Content by seed: a loader, an application, data, and erased sectors. */
struct uart_rig *uart_rig_init(struct uart_rig *rig, const struct uart_rig_setup *setup);
void uart_rig_done(struct uart_rig *rig);

#define UART_RIG(r, ...) \
	AUTO(uart_rig_done) struct uart_rig r; \
	uart_rig_init(&(r), &(struct uart_rig_setup){ __VA_ARGS__ })

/* Link and identify. */
int uart_rig_start(struct uart_rig *rig, struct err *e) MUST_CHECK;

/* Reads [addr, addr+len) through the driver and compares with the flash: 0 equal, 1 not, -1 error. */
int uart_rig_read(struct uart_rig *rig, uint32_t addr, uint32_t len, struct err *e);

/* Writes len bytes by seed to addr through the driver. */
int uart_rig_write(struct uart_rig *rig, uint32_t addr, uint32_t len, uint64_t seed, struct err *e);

/* The same, with the whole content as it is now for what a read has seen. */
int uart_rig_write_seen(struct uart_rig *rig, uint32_t addr, uint32_t len, uint64_t seed,
			struct err *e);

/* Whether the flash holds that, and nothing else has changed since uart_rig_init(). */
bool uart_rig_holds(struct uart_rig *rig, uint32_t addr, uint32_t len, uint64_t seed);

/* The driver's own word that all but [addr, addr+len) is as uart_rig_init() made it: 0 yes, 1 no, -1. */
int uart_rig_around(struct uart_rig *rig, uint32_t addr, uint32_t len, struct err *e);

/* Milliseconds of virtual time since the start. */
uint64_t uart_rig_ms(const struct uart_rig *rig);
