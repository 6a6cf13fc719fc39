/*
 * struct spi over /dev/spidevB.C. A device that vanishes makes ERR_OFFLINE until spidev_wake()
 * opens it again: what has come in its place may be another chip, so that is never done by itself.
 *
 * The clock: the kernel never goes faster than a transfer asks, and divides its own clock for it,
 * so that the real one may be slower (bcm2835: core clock by an even number, rounded down). Linux
 * does not tell how much: SPI_IOC_RD_MAX_SPEED_HZ only repeats what was asked. So spi->now.hz is
 * the upper limit that holds, and spi->stats tells what came of it.
 */
#pragma once

#include <stdint.h>

#include "line.h"
#include "linux_bus.h"
#include "spi.h"

struct spidev_config {
	const char *path; /* /dev/spidev0.0; borrowed for the life of the bus */
	uint32_t max_hz;  /* never faster, whatever is asked */
	struct line
		*cs; /* borrowed: a GPIO as chip select, low selects; NULL: the controller's own */
	struct linux_bus *bus; /* borrowed; NULL: no other slot is on this controller */
};

/* Touches no device: spidev_wake() does. NULL and *e without memory. */
struct spi *spidev_new(const struct spidev_config *config, struct err *e) MUST_CHECK;

/*
 * Opens the device if it is not open or is gone, in mode 0 at 1 MHz or max_hz; one that is there
 * is left alone. Clocks nothing. Errors: ERR_OFFLINE (missing, forbidden), ERR_BAD_INPUT (no
 * spidev; a controller that cannot leave its chip select alone while `cs` is a GPIO).
 */
int spidev_wake(struct spi *spi, struct err *e) MUST_CHECK;
