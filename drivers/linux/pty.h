/*
 * A serial port of this machine without hardware: a pseudo terminal whose far end is another
 * struct serial. Who uses it uses a real tty, with the kernel's buffers, line discipline and
 * hang-ups, and talks to what pretends to be the chip. A thread carries the bytes.
 */
#pragma once

#include "serial.h"

/*
 * far is borrowed, and used by the thread alone until the port is closed; its rate follows the
 * port's. What the port's owner does not read in time is lost, as on a real line. ERR_IO, ERR_MEMORY.
 */
struct serial *pty_open(struct serial *far, struct err *e) MUST_CHECK;
