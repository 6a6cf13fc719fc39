/*
 * The turn on a SPI controller that several slots share. The kernel lets one message after the
 * other on the wire, but it knows nothing of a chip select made of a GPIO: while that one is low,
 * no message of another slot may go out. Turns are taken in the order in which they were asked for,
 * one message each, so that a long read of one slot does not starve the other.
 */
#pragma once

#include "err.h"

struct linux_bus;

struct linux_bus *linux_bus_new(struct err *e) MUST_CHECK; /* ERR_MEMORY */
void linux_bus_free(struct linux_bus *bus);                /* after all its boards */

/* Blocks until it is the caller's turn; returns bus, so that a scope can hold it. NULL: alone. */
struct linux_bus *linux_bus_take(struct linux_bus *bus);
void linux_bus_give(struct linux_bus *bus);

/* How many have asked for a turn and not given it back yet, the one who has it among them. */
unsigned linux_bus_users(struct linux_bus *bus);

static inline void auto_linux_bus_give(struct linux_bus **bus)
{
	linux_bus_give(*bus);
}
