#include "spidev_pack.h"

#include <string.h>

#include "check.h"

static uint8_t bytes[8192];

static struct spidev_message message(size_t max_bytes)
{
	static const uint8_t zeros[65536];

	return (struct spidev_message){ .hz = 1000000, .max_bytes = max_bytes, .zeros = zeros };
}

static uint64_t address_of(const void *p)
{
	return (uintptr_t)p;
}

static struct spi_seg out(size_t len)
{
	return (struct spi_seg){ .tx = bytes, .len = len };
}

static struct spi_seg in(size_t len)
{
	return (struct spi_seg){ .rx = bytes, .len = len };
}

static struct spi_seg up(struct spi_seg seg)
{
	seg.cs_up = true;
	return seg;
}

/* What spidev counts, by its own rule. */
static bool kernel_takes(const struct spidev_message *m)
{
	size_t tx = 0, rx = 0;

	for (size_t i = 0; i < m->n; i++) {
		const size_t len = (m->transfer[i].len + 127u) / 128 * 128;

		tx += m->transfer[i].tx_buf ? len : 0;
		rx += m->transfer[i].rx_buf ? len : 0;
	}
	return m->n <= 511 && tx <= m->max_bytes && rx <= m->max_bytes;
}

static void read_of_a_whole_buffer_is_one_message(void)
{
	struct spidev_message m = message(4096);
	const struct spi_seg seg[] = { out(4), in(4096) };

	CHECK(spidev_pack(&m, seg, 2) == 2 && m.n == 2 && kernel_takes(&m));
	CHECK(m.transfer[0].tx_buf == address_of(bytes) && m.transfer[0].rx_buf == 0);
	CHECK(m.transfer[1].len == 4096 && m.transfer[1].rx_buf == address_of(bytes));
}

static void chip_select_rises_between_commands_but_not_by_cs_change_at_the_end(void)
{
	struct spidev_message m = message(4096);
	const struct spi_seg seg[] = { up(out(1)), out(4), up(in(8)), up(out(1)) };

	CHECK(spidev_pack(&m, seg, 4) == 4 && m.n == 4);
	CHECK(m.transfer[0].cs_change && !m.transfer[1].cs_change && m.transfer[2].cs_change);
	CHECK(!m.transfer[3].cs_change);
}

static void empty_pieces_are_left_out_but_still_raise_chip_select(void)
{
	struct spidev_message m = message(4096);
	const struct spi_seg seg[] = { out(0), out(1), up(in(0)), out(1), in(0) };

	CHECK(spidev_pack(&m, seg, 5) == 5 && m.n == 2);
	CHECK(m.transfer[0].cs_change && !m.transfer[1].cs_change);
}

static void nothing_but_empty_pieces_is_an_empty_message(void)
{
	struct spidev_message m = message(4096);
	const struct spi_seg seg[] = { up(out(0)), in(0) };

	CHECK(spidev_pack(&m, seg, 2) == 2 && m.n == 0);
}

static void piece_without_buffers_sends_zeros(void)
{
	struct spidev_message m = message(4096);
	const struct spi_seg seg = { .len = 5 };

	CHECK(spidev_pack(&m, &seg, 1) == 1);
	CHECK(m.transfer[0].tx_buf == address_of(m.zeros) && m.transfer[0].len == 5);
}

static void message_is_cut_where_chip_select_rises(void)
{
	struct spidev_message m = message(1024);
	const struct spi_seg seg[] = { out(4), up(in(1000)), out(1), in(3) };

	CHECK(spidev_pack(&m, seg, 4) == 2 && kernel_takes(&m));
	CHECK(m.transfer[1].cs_change == 0);
	CHECK(spidev_pack(&m, seg + 2, 2) == 2 && kernel_takes(&m));
}

static void period_of_many_small_pieces_does_not_fit_as_it_is(void)
{
	struct spidev_message m = message(4096);
	struct spi_seg seg[40];

	for (size_t i = 0; i < 40; i++)
		seg[i] = in(1);
	CHECK(spidev_pack(&m, seg, 40) == 0);
}

static void joined_pieces_go_out_and_come_back_in_order(void)
{
	struct spidev_message m = message(4096);
	uint8_t tx[4096], rx[4096], got[3][2];
	const uint8_t a[] = { 1, 2 }, b[] = { 3 };
	const struct spi_seg seg[] = { { .tx = a, .len = 2 },      { .tx = b, .len = 1 },
				       { .rx = got[0], .len = 2 }, { .rx = got[1], .len = 2 },
				       { .tx = a, .len = 2 },      { .rx = got[2], .len = 2 } };

	CHECK(spidev_join(&m, seg, 6, tx, rx) == 0 && m.n == 4 && kernel_takes(&m));
	CHECK(m.transfer[0].len == 3 && memcmp(tx, "\1\2\3\1\2", 5) == 0);
	CHECK(m.transfer[1].rx_buf == address_of(rx) && m.transfer[1].len == 4);
	CHECK(m.transfer[2].tx_buf == address_of(tx + 3));
	CHECK(m.transfer[3].rx_buf == address_of(rx + 4));
	memcpy(rx, "abcdef", 6);
	spidev_part(seg, 6, rx);
	CHECK(memcmp(got, "abcdef", 6) == 0);
}

static void pieces_that_cannot_be_joined_are_told(void)
{
	struct spidev_message m = message(1024);
	uint8_t tx[1024], rx[1024];
	struct spi_seg seg[40];

	for (size_t i = 0; i < 40; i++)
		seg[i] = i % 2 ? in(1) : out(1);
	CHECK(spidev_join(&m, seg, 40, tx, rx) == -1);
}

/* Any message within struct spi's limits, cut into ioctls: all pieces once, each within spidev's. */
static void random_messages_are_always_cut_within_the_limits(void)
{
	uint32_t chance = 1;

	for (int round = 0; round < 2000; round++) {
		struct spidev_message m = message(4096);
		struct spi_seg seg[64];
		size_t n = 0, left = 4096, done;

		while (n < 64 && left > 0) {
			chance = chance * 1664525 + 1013904223;
			const size_t len = (chance >> 8) % 300 < left ? (chance >> 8) % 300 : left;

			seg[n] = chance >> 31 ? in(len) : out(len);
			seg[n++].cs_up = chance >> 28 & 3;
			left -= len;
		}
		for (size_t i = 0; i < n; i += done) {
			done = spidev_pack(&m, seg + i, n - i);
			CHECK(done == 0 ||
			      (kernel_takes(&m) && (m.n == 0 || !m.transfer[m.n - 1].cs_change)));
			CHECK(done == 0 || i + done == n || seg[i + done - 1].cs_up);
			done = done ? done : spidev_period(seg + i, n - i);
		}
	}
}

static const struct check checks[] = {
	{ "read of a whole buffer is one message", read_of_a_whole_buffer_is_one_message },
	{ "chip select rises between commands but not by cs_change at the end",
	  chip_select_rises_between_commands_but_not_by_cs_change_at_the_end },
	{ "empty pieces are left out but still raise chip select",
	  empty_pieces_are_left_out_but_still_raise_chip_select },
	{ "nothing but empty pieces is an empty message",
	  nothing_but_empty_pieces_is_an_empty_message },
	{ "piece without buffers sends zeros", piece_without_buffers_sends_zeros },
	{ "message is cut where chip select rises", message_is_cut_where_chip_select_rises },
	{ "period of many small pieces does not fit as it is",
	  period_of_many_small_pieces_does_not_fit_as_it_is },
	{ "joined pieces go out and come back in order",
	  joined_pieces_go_out_and_come_back_in_order },
	{ "pieces that cannot be joined are told", pieces_that_cannot_be_joined_are_told },
	{ "random messages are always cut within the limits",
	  random_messages_are_always_cut_within_the_limits },
};

CHECK_MAIN(checks)
