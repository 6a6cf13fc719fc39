#include "sim_spi.h"

#include <stdlib.h>

#include "auto.h"

#define MAX_SEGS   511u        /* as spidev */
#define DEFAULT_HZ 1000000u    /* before the first setup */
#define BYTE_NS_HZ 8000000000u /* ns a byte takes, times Hz */

struct sim_spi {
	struct spi base;
	struct sim_wire *wire; /* borrowed */
	uint32_t max_hz;
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static int sim_setup(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
		     struct err *e)
{
	const struct sim_spi *s = (const struct sim_spi *)spi;

	if (want->mode != 0 && want->mode != 3)
		return err_set(e, ERR_BAD_INPUT, "SPI mode %u: the simulated bus knows 0 and 3",
			       want->mode);
	if (want->hz == 0)
		return err_set(e, ERR_BAD_INPUT, "a clock of 0 Hz");
	*real = (struct spi_setup){ .hz = smaller(want->hz, s->max_hz), .mode = want->mode };
	return 0;
}

static uint64_t bytes_ns(const struct spi *spi, uint64_t bytes)
{
	return bytes * BYTE_NS_HZ / spi->now.hz;
}

/*
 * The message's time begins when the bus is free, and with it the first byte. Who was waiting then
 * has it at once, however late its thread wakes up.
 */
static uint64_t begin_message(const struct sim_wire *wire, uint64_t asked_ns)
{
	const uint64_t free_ns = clock_is_virtual(wire->clock) ? 0 : wire->bus->free_ns;

	return (asked_ns > free_ns ? asked_ns : free_ns) + SIM_MESSAGE_NS;
}

/* Sleeps only when enough is owed: what a sleep takes too long, the next message owes less. */
static void end_message(struct sim_wire *wire, uint64_t end_ns)
{
	const bool is_virtual = clock_is_virtual(wire->clock);

	wire->ahead_ns = end_ns;
	if (!is_virtual)
		wire->bus->free_ns = end_ns;
	if (is_virtual || end_ns > clock_now_ns(wire->clock) + SIM_AHEAD_NS)
		clock_sleep_until_ns(wire->clock, end_ns);
}

/* Clocks the pieces from start_ns on; returns how many bytes that were. */
static uint64_t clock_pieces(struct sim_spi *s, const struct spi_seg *seg, size_t n,
			     uint64_t start_ns)
{
	struct sim_wire *wire = s->wire;
	bool selected = false;
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		const struct chip_piece piece = { .tx = seg[i].tx,
						  .rx = seg[i].rx,
						  .len = seg[i].len,
						  .start_ns = start_ns + bytes_ns(&s->base, bytes),
						  .hz = s->base.now.hz,
						  .mode = s->base.now.mode };

		if (!selected)
			sim_wire_select(wire, piece.start_ns);
		sim_wire_xfer(wire, &piece);
		bytes += piece.len;
		selected = i + 1 < n && !seg[i].cs_up;
		if (!selected)
			sim_wire_deselect(wire, start_ns + bytes_ns(&s->base, bytes));
		wire->selects += !selected;
	}
	return bytes;
}

static int sim_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	struct sim_spi *s = (struct sim_spi *)spi;
	struct sim_wire *wire = s->wire;
	const uint64_t asked_ns = sim_wire_now_ns(wire);
	AUTO(auto_sim_bus_give) struct sim_bus *turn = sim_bus_take(wire->bus);
	const uint64_t start_ns = begin_message(wire, asked_ns);
	const uint64_t bytes = clock_pieces(s, seg, n, start_ns);

	(void)turn;
	(void)e;
	wire->messages++;
	wire->bytes += bytes;
	wire->wire_ns += bytes_ns(spi, bytes);
	end_message(wire, start_ns + bytes_ns(spi, bytes));
	return 0;
}

static void sim_close(struct spi *spi)
{
	free(spi);
}

static const struct spi_ops sim_ops = {
	.name = "sim", .setup = sim_setup, .xfer = sim_xfer, .close = sim_close
};

struct spi *sim_spi_open(struct sim_wire *wire, const struct sim_spi_limits *limits, struct err *e)
{
	struct sim_spi *s = calloc(1, sizeof *s);

	if (!s) {
		err_set(e, ERR_MEMORY, "no memory for a simulated bus");
		return NULL;
	}
	s->wire = wire;
	s->max_hz = limits->max_hz;
	s->base = (struct spi){
		.ops = &sim_ops,
		.clock = wire->clock,
		.max_len = limits->max_len,
		.max_segs = MAX_SEGS,
		.now = { .hz = smaller(DEFAULT_HZ, limits->max_hz), .mode = 0 },
	};
	return &s->base;
}
