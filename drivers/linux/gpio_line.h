/*
 * struct line over a GPIO of this machine. The line is requested as input and kept for the whole
 * session, so that nobody else can move it; it is an output only between line_set() and
 * line_rest(). A line that vanishes makes ERR_OFFLINE until gpio_line_wake() requests it again.
 *
 * What the kernel does with a driven line when the process is killed: mainline's bcm2835 turns it
 * into an input, so that the board's own pull decides, at once; Raspberry Pi OS kernels keep it
 * driven as it was (raspberrypi/linux 6117, 6150), until flashrigd starts again (systemd does that
 * after 2 s) and requests it as input. Both end at rest; in between a board with CEN low is merely
 * kept in reset.
 */
#pragma once

#include "line.h"

struct gpio_line_config {
	const char *text; /* "GPIO22", "gpiochip0:22", "!GPIO5" */
	const char *slot; /* the consumer that gpioinfo shows is flashrig:SLOT */
	/* The level, driven for a moment, from which the line is let go. */
	bool rest_high;
	/* Stay an output at rest: for a chip select, which must never float on a shared bus. */
	bool keep_driven;
};

/* Touches no device; copies all. NULL and *e: ERR_BAD_INPUT (no line is named so), ERR_MEMORY. */
struct line *gpio_line_new(const struct gpio_line_config *config, struct err *e) MUST_CHECK;

/*
 * Requests the line if it is not held or is gone, and brings it to rest. Errors: ERR_OFFLINE (not
 * there, forbidden, in use: the text says by whom), ERR_BAD_INPUT (not one line, or no such
 * offset).
 */
int gpio_line_wake(struct line *line, struct err *e) MUST_CHECK;
