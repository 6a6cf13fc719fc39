#include "fake_bus.h"

#include <string.h>

#define TRAIN     0xd2
#define TRAIN_MIN 250

static uint8_t noise(struct fake_bus *bus)
{
	bus->noise = bus->noise * 6364136223846793005u + 1442695040888963407u;
	return (uint8_t)(bus->noise >> 56);
}

static uint8_t id_byte(struct fake_bus *bus)
{
	const bool shaky = bus->good_hz && bus->spi.now.hz > bus->good_hz;
	const uint32_t odd = shaky ? bus->jedec_id ^ 0x010000 : bus->jedec_id_odd;
	uint32_t id;

	bus->ids += bus->pos == 1;
	id = odd && bus->ids % 2 ? odd : bus->jedec_id;
	return (uint8_t)(bus->pos <= 3 ? id >> (24 - 8 * bus->pos) : 0);
}

static uint32_t address(const struct fake_bus *bus, size_t bytes)
{
	uint32_t addr = 0;

	for (size_t i = 1; i <= bytes; i++)
		addr = addr << 8 | bus->head[i];
	return addr;
}

/* head: bytes of address and dummies. */
static uint8_t read_byte(struct fake_bus *bus, size_t bytes, size_t head)
{
	if (bus->pos <= head)
		return 0xff;
	if (bus->pos == head + 1) {
		bus->reads++;
		bus->last_addr = address(bus, bytes);
		bus->last_read_op = bus->head[0];
	}
	return bus->pages_change ? noise(bus)
				 : bus->mem[(address(bus, bytes) + bus->pos - head - 1) % FAKE_MEM];
}

static uint8_t sfdp_byte(const struct fake_bus *bus)
{
	const size_t at = bus->pos < 5 ? 0 : address(bus, 3) + bus->pos - 5;

	return bus->pos >= 5 && at < bus->sfdp_len ? bus->sfdp[at] : 0xff;
}

static uint8_t unique_byte(const struct fake_bus *bus)
{
	if (bus->pos >= 5 && bus->id_in_4b)
		return (uint8_t)(bus->jedec_id >> (16 - 8 * ((bus->pos - 5) % 3)));
	return bus->has_unique_id && bus->pos >= 5 && bus->pos < 13 ? bus->unique_id[bus->pos - 5]
								    : 0xff;
}

/* What a flash shifts out at this place of a command. The first byte is undefined: something odd. */
static uint8_t flash_byte(struct fake_bus *bus)
{
	if (bus->asleep)
		return 0xff;
	if (bus->pos == 0)
		return 0xa5;
	switch (bus->head[0]) {
	case 0x9f: return id_byte(bus);
	case 0x03: return read_byte(bus, 3, 3);
	case 0x0b: return read_byte(bus, 3, 4);
	case 0x13: return read_byte(bus, 4, 4);
	case 0x0c: return read_byte(bus, 4, 5);
	case 0x5a: return sfdp_byte(bus);
	case 0x4b: return unique_byte(bus);
	case 0x05: return bus->status_changes ? noise(bus) : bus->no_status ? 0xff : 0x1c;
	case 0x35: return 0x02;
	case 0x15: return 0x60;
	}
	return 0xff;
}

static uint8_t echo_byte(const struct fake_bus *bus)
{
	static const uint8_t late[] = { 0x52, 0xd2, 0xd2, 0xd2, 0xd2 };

	if (bus->line == FAKE_LATE)
		return bus->pos < sizeof late && bus->head[0] == TRAIN ? late[bus->pos] : 0;
	return bus->pos == 0 && bus->head[0] == TRAIN ? TRAIN : 0;
}

static uint8_t out_byte(struct fake_bus *bus, uint8_t in)
{
	switch (bus->line) {
	case FAKE_FLASH: return flash_byte(bus);
	case FAKE_BEKEN: return bus->entered ? flash_byte(bus) : 0xff;
	case FAKE_HIGH: return 0xff;
	case FAKE_LOW: return 0x00;
	case FAKE_BRIDGE: return in;
	case FAKE_ECHO:
	case FAKE_LATE: return echo_byte(bus);
	case FAKE_NOISE: return noise(bus);
	}
	return 0xff;
}

static uint8_t a_bit_late(struct fake_bus *bus, uint8_t out)
{
	const uint8_t late = (uint8_t)(bus->before << 7 | out >> 1);

	bus->before = out;
	return late;
}

static uint8_t clock_byte(struct fake_bus *bus, uint8_t in)
{
	uint8_t out;

	if (bus->pos < sizeof bus->head)
		bus->head[bus->pos] = in;
	bus->train += in == TRAIN;
	out = out_byte(bus, in);
	bus->pos++;
	return bus->late_hz && bus->spi.now.hz > bus->late_hz ? a_bit_late(bus, out) : out;
}

static void take_train(struct fake_bus *bus)
{
	const bool mode_fits = bus->mode_taken < 0 || bus->mode_taken == bus->spi.now.mode;

	bus->short_trains += bus->train < TRAIN_MIN;
	bus->trains++;
	if (bus->train >= TRAIN_MIN && mode_fits && bus->train_taken &&
	    bus->trains >= bus->train_taken)
		bus->entered = true;
}

static void deselect(struct fake_bus *bus)
{
	if (bus->head[0] == TRAIN)
		take_train(bus);
	if (bus->head[0] == 0xab)
		bus->asleep = false;
	bus->pos = 0;
	bus->train = 0;
	memset(bus->head, 0, sizeof bus->head);
}

static void clock_seg(struct fake_bus *bus, const struct spi_seg *seg)
{
	for (size_t i = 0; i < seg->len; i++) {
		const uint8_t out = clock_byte(bus, seg->tx ? seg->tx[i] : 0);

		if (seg->rx)
			seg->rx[i] = out;
	}
	clock_sleep_ns(&bus->clock.base, seg->len * 8 * (uint64_t)CLOCK_S / bus->spi.now.hz);
}

static int fake_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	struct fake_bus *bus = (struct fake_bus *)spi;

	clock_sleep_ns(&bus->clock.base, FAKE_MESSAGE);
	if (++bus->messages == bus->fail_at)
		return err_set(e, ERR_IO, "the cable fell out");
	for (size_t i = 0; i < n; i++) {
		clock_seg(bus, &seg[i]);
		bus->longest = seg[i].len > bus->longest ? seg[i].len : bus->longest;
		if (seg[i].cs_up || i + 1 == n)
			deselect(bus);
	}
	return 0;
}

static int fake_setup(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
		      struct err *e)
{
	const struct fake_bus *bus = (struct fake_bus *)spi;

	if (want->hz < bus->slowest_hz)
		return err_set(e, ERR_BAD_INPUT, "this bus cannot do %u Hz", want->hz);
	*real = *want;
	return 0;
}

static void fake_close(struct spi *spi)
{
	(void)spi;
}

static const struct spi_ops fake_ops = {
	.name = "fake", .setup = fake_setup, .xfer = fake_xfer, .close = fake_close
};

void fake_bus_init(struct fake_bus *bus, enum fake_line line, uint32_t jedec_id)
{
	*bus = (struct fake_bus){ .line = line,
				  .jedec_id = jedec_id,
				  .mode_taken = -1,
				  .noise = 1,
				  .spi = { .ops = &fake_ops,
					   .max_len = 4096,
					   .max_segs = 511,
					   .now = { .hz = 8000000, .mode = 3 } } };
	clock_virtual_init(&bus->clock);
	bus->spi.clock = &bus->clock.base;
	for (size_t i = 0; i < FAKE_MEM; i++)
		bus->mem[i] = (uint8_t)(i * 7 + i / 256);
}

static int cen_set(struct line *line, bool high, struct err *e)
{
	struct fake_cen *cen = (struct fake_cen *)line;
	const uint64_t now_ns = cen->bus->clock.now_ns;

	if (cen->broken)
		return err_set(e, ERR_IO, "the GPIO is gone");
	cen->at_rest = false;
	cen->lows += cen->high && !high;
	if (!high && cen->high) {
		cen->low_since_ns = now_ns;
		cen->bus->entered = false;
	}
	if (high && !cen->high)
		cen->low_ns = now_ns - cen->low_since_ns;
	cen->high = high;
	return 0;
}

static int cen_rest(struct line *line, struct err *e)
{
	struct fake_cen *cen = (struct fake_cen *)line;

	if (cen_set(line, true, e) < 0)
		return -1;
	cen->at_rest = true;
	cen->rests++;
	return 0;
}

static void cen_close(struct line *line)
{
	(void)line;
}

static const struct line_ops cen_ops = {
	.name = "fake", .set = cen_set, .rest = cen_rest, .close = cen_close
};

void fake_board_init(struct fake_board *fake, enum fake_line line, uint32_t jedec_id)
{
	fake_bus_init(&fake->bus, line, jedec_id);
	fake->cen = (struct fake_cen){ .line.ops = &cen_ops, .bus = &fake->bus, .high = true };
	fake->power = (struct fake_cen){ .line.ops = &cen_ops, .bus = &fake->bus };
	fake->board = (struct board){ .clock = &fake->bus.clock.base,
				      .spi = &fake->bus.spi,
				      .cen = &fake->cen.line };
}

static int fake_report(struct progress *progress, uint64_t done, uint64_t total, struct err *e)
{
	struct fake_progress *fake = (struct fake_progress *)progress;
	const uint64_t now_ns = clock_now_ns(fake->clock), since_ns = now_ns - fake->last_ns;

	(void)total;
	fake->longest_ns = since_ns > fake->longest_ns ? since_ns : fake->longest_ns;
	fake->last_ns = now_ns;
	fake->done = done;
	if (++fake->calls == fake->cancel_at)
		return err_set(e, ERR_CANCELLED, "cancelled");
	return 0;
}

void fake_progress_init(struct fake_progress *progress, struct clock *clock, uint64_t cancel_at)
{
	*progress = (struct fake_progress){ .progress.report = fake_report,
					    .clock = clock,
					    .cancel_at = cancel_at,
					    .last_ns = clock_now_ns(clock) };
}
