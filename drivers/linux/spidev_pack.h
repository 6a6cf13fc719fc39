/*
 * From the pieces of struct spi to the transfers of one ioctl, within what spidev can take.
 *
 * spidev counts a transfer's bytes rounded up to the alignment that DMA needs (128 on 64-bit ARM,
 * 8 on x86) against bufsiz, so that many small pieces may be too much where their bytes are not.
 * Then a message goes out as several ioctls, cut where the chip select rises anyway; and a single
 * chip-select period that is still too much has its small pieces joined.
 */
#pragma once

#include <linux/spi/spidev.h>
#include <stddef.h>
#include <stdint.h>

#include "spi.h"

#define SPIDEV_TRANSFERS 511u /* more do not fit the size field of an ioctl's number */
#define SPIDEV_ALIGN     128u /* the largest of all architectures */

/* One ioctl. */
struct spidev_message {
	uint32_t hz;          /* of every transfer */
	size_t max_bytes;     /* bufsiz; a multiple of SPIDEV_ALIGN */
	const uint8_t *zeros; /* borrowed, max_bytes: what pieces without tx and rx send; the
			       * kernel does not clock a transfer without a buffer */
	size_t n;
	struct spi_ioc_transfer transfer[SPIDEV_TRANSFERS];
};

/* How many of the n pieces belong to the first chip-select period: at least 1. */
size_t spidev_period(const struct spi_seg *seg, size_t n);

/*
 * Fills m with as many whole chip-select periods as fit, empty pieces left out. Returns how many
 * pieces those were: 0 when not even the first period fits. A message that ends in the middle of a
 * chip-select period does not exist.
 */
size_t spidev_pack(struct spidev_message *m, const struct spi_seg *seg, size_t n);

/*
 * Fills m with one chip-select period, neighbours of the same kind (out, in, both, neither) joined
 * into one transfer each, by way of tx and rx, which hold max_bytes each. -1 when that does not fit
 * either. After the ioctl spidev_part() brings what came in to where it belongs.
 */
int spidev_join(struct spidev_message *m, const struct spi_seg *seg, size_t n, uint8_t *tx,
		uint8_t *rx);
void spidev_part(const struct spi_seg *seg, size_t n, const uint8_t *rx);
