#include "spi.h"

#include <assert.h>

static void check_limits(const struct spi *spi, const struct spi_seg *seg, size_t n)
{
	size_t tx = 0, rx = 0;

	for (size_t i = 0; i < n; i++) {
		tx += seg[i].tx ? seg[i].len : 0;
		rx += seg[i].rx ? seg[i].len : 0;
	}
	assert(n > 0 && n <= spi->max_segs && tx <= spi->max_len && rx <= spi->max_len);
}

static void count(struct spi *spi, const struct spi_seg *seg, size_t n)
{
	spi->stats.messages++;
	for (size_t i = 0; i < n; i++) {
		spi->stats.bytes += seg[i].len;
		spi->stats.selects += i + 1 == n || seg[i].cs_up;
	}
}

int spi_setup(struct spi *spi, const struct spi_setup *want, struct err *e)
{
	struct spi_setup real;

	if (want->hz == spi->now.hz && want->mode == spi->now.mode)
		return 0;
	if (spi->ops->setup(spi, want, &real, e) < 0)
		return -1;
	spi->now = real;
	return 0;
}

int spi_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	const uint64_t start_ns = clock_now_ns(spi->clock);
	int result;

	check_limits(spi, seg, n);
	result = spi->ops->xfer(spi, seg, n, e);
	count(spi, seg, n);
	spi->stats.ns += clock_now_ns(spi->clock) - start_ns;
	return result;
}

int spi_command(struct spi *spi, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_len,
		struct err *e)
{
	const struct spi_seg seg[] = { { .tx = tx, .len = tx_len }, { .rx = rx, .len = rx_len } };

	return spi_xfer(spi, seg, rx_len > 0 ? 2 : 1, e);
}

void spi_close(struct spi *spi)
{
	if (spi)
		spi->ops->close(spi);
}
