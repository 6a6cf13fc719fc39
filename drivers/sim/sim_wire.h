/*
 * The hardware of one simulated board, as its bus and its lines see it, and the time it lives in.
 * With a virtual clock everything happens at once and the clock is charged. In real time a bus may
 * be up to SIM_AHEAD_NS ahead of the clock, so that short messages cost no system call each.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bk72xx.h"
#include "chip.h"
#include "clock.h"
#include "sim_bus.h"
#include "sim_socket.h"
#include "sim_uart.h"
#include "wires.h"

#define SIM_MESSAGE_NS \
	((uint64_t)20 * CLOCK_US) /* what an ioctl of spidev costs beside its bytes, at most */
#define SIM_AHEAD_NS CLOCK_MS

struct sim_wire {
	struct chip chip;
	struct bk72xx bk; /* unless bare */
	bool bare;
	bool off;      /* a bare chip without power; bk knows by itself */
	bool supply;   /* what the power line says; true without one */
	bool no_power; /* the supply is not connected, */
	bool cen_open; /* nor is CEN */
	bool absent;   /* as the socket was last seen */
	struct sim_socket socket;
	struct wires wires;
	struct sim_uart *uart; /* NULL: none */
	bool uart_silent;      /* in SPI mode no loader and no application runs */
	bool cen_low;
	struct clock *clock; /* borrowed */
	struct sim_bus *bus; /* borrowed */
	uint64_t ahead_ns;   /* real time: end of this board's last message */
	uint64_t bytes, selects, messages, wire_ns;
};

/* The time of what happens now: never before the end of the board's last message. */
uint64_t sim_wire_now_ns(const struct sim_wire *wire);

/*
 * What hands have done since, with the UART standing still. Everything below looks by itself; a
 * board that neither a line nor a bus reaches wants to be told, by one thread at a time.
 */
void sim_wire_look(struct sim_wire *wire);

/* What the lines do, where they are connected. */
void sim_wire_cen(struct sim_wire *wire, bool high);
void sim_wire_power(struct sim_wire *wire, bool on);

/* Bare or not. */
void sim_wire_select(struct sim_wire *wire, uint64_t now_ns);
void sim_wire_xfer(struct sim_wire *wire, const struct chip_piece *piece);
void sim_wire_deselect(struct sim_wire *wire, uint64_t now_ns);
