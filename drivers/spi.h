/* A SPI bus with one chip select. Backends: linux/spidev.c, sim/sim_spi.c; in front of any: sim/fault.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "err.h"

struct spi;

/*
 * One piece of a message. Either pointer may be NULL (zeros go out; what comes in is dropped);
 * len counts for both.
 */
struct spi_seg {
	const uint8_t *tx;
	uint8_t *rx;
	size_t len;
	/* The chip select rises after this piece and falls before the next, so that one message
	 * carries several flash commands. After the last piece it rises anyway. */
	bool cs_up;
};

/* How the wire is driven. Beken parts and NOR flash know modes 0 and 3. */
struct spi_setup {
	uint32_t hz; /* an upper limit: the bus takes the nearest it has below */
	uint8_t mode;
};

struct spi_ops {
	const char *name;

	/*
	 * Takes clock and mode for all messages that follow; *real is what the bus really does
	 * (real->hz <= want->hz). Does not block. Errors: ERR_BAD_INPUT (a mode or clock the
	 * bus cannot do), ERR_OFFLINE.
	 */
	int (*setup)(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
		     struct err *e);

	/*
	 * Clocks all pieces as one message. Blocks for as long as the bytes take. Errors:
	 * ERR_IO, ERR_TIMEOUT, ERR_OFFLINE (the device is gone). On error the content of every
	 * rx is unspecified, and the chip may have seen any part of the message.
	 */
	int (*xfer)(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e);

	/* Frees the bus. Cannot fail; is called once. */
	void (*close)(struct spi *spi);
};

/* What went over the wire since the bus was opened. */
struct spi_stats {
	uint64_t messages; /* calls of xfer: ioctls on Linux */
	uint64_t selects;  /* chip-select periods: flash commands */
	uint64_t bytes;    /* clocked */
	uint64_t ns;       /* spent in xfer, by the bus's clock */
};

/* First member of every backend's own struct. A bus is used by one thread at a time. */
struct spi {
	const struct spi_ops *ops;
	struct clock *clock; /* borrowed; measures stats.ns */
	/* A message's tx bytes together and its rx bytes together must each stay within max_len
	 * (spidev's bufsiz), its pieces within max_segs (511 for spidev). */
	size_t max_len;
	size_t max_segs;
	struct spi_setup now; /* what the bus does since the last spi_setup() */
	struct spi_stats stats;
};

/* Sets clock and mode; spi->now tells what came of it. Asking for what is set costs nothing. */
int spi_setup(struct spi *spi, const struct spi_setup *want, struct err *e) MUST_CHECK;

/* One message. Asserts that it is within the bus's limits. */
int spi_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e) MUST_CHECK;

/* One command under one chip select: tx_len bytes out, then rx_len bytes in (either may be 0). */
int spi_command(struct spi *spi, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_len,
		struct err *e) MUST_CHECK;

void spi_close(struct spi *spi);
static inline void auto_spi_close(struct spi **spi)
{
	spi_close(*spi);
}
