#include "spidev_pack.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define US_PER_S 1000000u

/* What a message takes of spidev's buffers. */
struct need {
	size_t transfers, tx, rx;
};

static size_t aligned(size_t len)
{
	return (len + SPIDEV_ALIGN - 1) / SPIDEV_ALIGN * SPIDEV_ALIGN;
}

static struct need need_of(const struct spi_seg *seg, size_t n)
{
	struct need need = { .transfers = 0 };

	for (size_t i = 0; i < n; i++) {
		need.transfers += seg[i].len > 0;
		need.tx += seg[i].tx || !seg[i].rx ? aligned(seg[i].len) : 0;
		need.rx += seg[i].rx ? aligned(seg[i].len) : 0;
	}
	return need;
}

static bool fits(const struct spidev_message *m, const struct need *need)
{
	return need->transfers <= SPIDEV_TRANSFERS && need->tx <= m->max_bytes &&
	       need->rx <= m->max_bytes;
}

static struct need sum(const struct need *a, const struct need *b)
{
	return (struct need){ a->transfers + b->transfers, a->tx + b->tx, a->rx + b->rx };
}

size_t spidev_period(const struct spi_seg *seg, size_t n)
{
	size_t i = 0;

	while (i + 1 < n && !seg[i].cs_up)
		i++;
	return i + 1;
}

static uint64_t address_of(const void *p)
{
	return (uintptr_t)p;
}

static void add(struct spidev_message *m, const struct spi_seg *seg)
{
	const uint8_t *tx = seg->tx || seg->rx ? seg->tx : m->zeros;

	m->transfer[m->n++] = (struct spi_ioc_transfer){
		.tx_buf = address_of(tx),
		.rx_buf = address_of(seg->rx),
		.len = (uint32_t)seg->len,
		.speed_hz = m->hz,
		.bits_per_word = 8,
	};
}

/*
 * The chip select rises before the next transfer. One clock's time is waited before: bcm2835 may
 * end a transfer before its last edge is out (Raspberry Pi kernel, issue 5655).
 */
static void raise_cs(struct spidev_message *m)
{
	struct spi_ioc_transfer *last = m->n > 0 ? &m->transfer[m->n - 1] : NULL;
	const uint32_t wait_us = 1 + US_PER_S / m->hz;

	if (!last)
		return;
	last->cs_change = 1;
	last->delay_usecs = wait_us > UINT16_MAX ? UINT16_MAX : (uint16_t)wait_us;
}

/* On the last transfer cs_change means the opposite: the chip stays selected after the message. */
static void end_message(struct spidev_message *m)
{
	if (m->n == 0)
		return;
	m->transfer[m->n - 1].cs_change = 0;
	m->transfer[m->n - 1].delay_usecs = 0;
}

static void add_period(struct spidev_message *m, const struct spi_seg *seg, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seg[i].len > 0)
			add(m, &seg[i]);
	raise_cs(m);
}

size_t spidev_pack(struct spidev_message *m, const struct spi_seg *seg, size_t n)
{
	struct need need = { .transfers = 0 };
	size_t done = 0;

	m->n = 0;
	while (done < n) {
		const size_t period = spidev_period(seg + done, n - done);
		const struct need more = need_of(seg + done, period);
		const struct need all = sum(&need, &more);

		if (!fits(m, &all))
			break;
		add_period(m, seg + done, period);
		need = all;
		done += period;
	}
	end_message(m);
	return done;
}

/* ---- periods of too many pieces */

static bool same_kind(const struct spi_seg *a, const struct spi_seg *b)
{
	return !a->tx == !b->tx && !a->rx == !b->rx;
}

/* Pieces of one kind as one, in tx and rx. */
static struct spi_seg join_run(const struct spi_seg *seg, size_t n, uint8_t *tx, uint8_t *rx)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (seg[i].tx && seg[i].len > 0)
			memcpy(tx + len, seg[i].tx, seg[i].len);
		len += seg[i].len;
	}
	return (struct spi_seg){ .tx = seg->tx ? tx : NULL, .rx = seg->rx ? rx : NULL, .len = len };
}

static size_t run_length(const struct spi_seg *seg, size_t n)
{
	size_t i = 1;

	while (i < n && same_kind(&seg[0], &seg[i]))
		i++;
	return i;
}

int spidev_join(struct spidev_message *m, const struct spi_seg *seg, size_t n, uint8_t *tx,
		uint8_t *rx)
{
	struct need need = { .transfers = 0 };

	assert(tx && rx);
	m->n = 0;
	for (size_t i = 0; i < n;) {
		const size_t run = run_length(seg + i, n - i);
		const struct spi_seg one = join_run(seg + i, run, tx, rx);
		const struct need more = need_of(&one, 1);

		need = sum(&need, &more);
		if (!fits(m, &need))
			return -1;
		if (one.len > 0)
			add(m, &one);
		tx += one.tx ? one.len : 0;
		rx += one.rx ? one.len : 0;
		i += run;
	}
	return 0;
}

void spidev_part(const struct spi_seg *seg, size_t n, const uint8_t *rx)
{
	for (size_t i = 0; i < n; i++) {
		if (!seg[i].rx || seg[i].len == 0)
			continue;
		memcpy(seg[i].rx, rx, seg[i].len);
		rx += seg[i].len;
	}
}
