/*
 * struct serial over a tty of this machine: 8N1, raw, no flow control, any baud rate the hardware
 * can do. The port is ours alone from open to close. One that hangs up or vanishes makes
 * ERR_OFFLINE until tty_wake() opens it again.
 */
#pragma once

#include "serial.h"

#define TTY_BAUD 115200u /* before the first serial_set_baud() */

/* Touches no device. path is borrowed for the life of the port. NULL and *e without memory. */
struct serial *tty_new(const char *path, struct err *e) MUST_CHECK;

/*
 * Opens the port if it is not open or is gone. Errors: ERR_OFFLINE (missing, forbidden, in use),
 * ERR_BAD_INPUT (no tty).
 */
int tty_wake(struct serial *serial, struct err *e) MUST_CHECK;
