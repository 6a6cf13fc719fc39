/*
 * The two UARTs of a simulated board: the loader's, and the log. Each is a struct serial that can
 * be used by itself, in the time of a clock, or stand behind a pseudo terminal (drivers/linux/pty)
 * so that what is talked to is a real port. What it does to bytes on their way is by seed.
 */
#pragma once

#include <pthread.h>

#include "clock.h"
#include "serial.h"
#include "sim_content.h"
#include "uart_loader.h"

#define SIM_UART_QUEUE 16384

/* Chances out of 1; each byte, either way. */
struct sim_uart_faults {
	double drop, twice, flip;
	size_t piece; /* so many bytes come at a read, at most; 0: an adapter's packet, 62 */
};

struct sim_uart_config {
	struct uart_loader_params loader;
	struct clock *clock; /* borrowed */
	bool paced;          /* bytes take the time that their rate says */
	struct sim_uart_faults faults;
	uint64_t seed;
	struct sim_narrator *narrator; /* borrowed; NULL: the application prints nothing */
};

struct sim_uart;

/* chip is borrowed. The loader is off: NULL and *e without memory. */
struct sim_uart *sim_uart_new(const struct sim_uart_config *config, struct chip *chip,
			      struct err *e) MUST_CHECK;
void sim_uart_free(struct sim_uart *uart);

/* Owned by the uart: closing them does nothing. */
struct serial *sim_uart_port(struct sim_uart *uart);
struct serial *sim_uart_log(struct sim_uart *uart);

/* The supply and CEN; from any thread. Off, then on: a reset. */
void sim_uart_power(struct sim_uart *uart, bool on);

/* Nobody uses the flash but the caller until it is let go. */
void sim_uart_hold(struct sim_uart *uart);
void sim_uart_let_go(struct sim_uart *uart);

/* For tests: the loader itself, while nobody else uses the ports. */
struct uart_loader *sim_uart_loader(struct sim_uart *uart);
void sim_uart_set_faults(struct sim_uart *uart, const struct sim_uart_faults *faults);
void sim_uart_gone(struct sim_uart *uart, bool gone); /* the adapter is pulled out */
