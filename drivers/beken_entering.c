#include "beken_entering.h"

#define SLICE_NS (10ull * CLOCK_MS) /* with a train of 70 ms still within 100 ms */

int entering_report(struct beken_entering *in, struct err *e)
{
	return progress_report(in->progress, in->entry->attempts, 0, e);
}

int entering_wait(struct beken_entering *in, uint64_t ns, struct err *e)
{
	struct clock *clock = in->board->clock;
	const uint64_t end_ns = clock_now_ns(clock) + ns;

	for (uint64_t left_ns = ns; left_ns > 0;) {
		left_ns -= left_ns < SLICE_NS ? left_ns : SLICE_NS;
		clock_sleep_until_ns(clock, end_ns - left_ns);
		if (ns >= SLICE_NS && entering_report(in, e) < 0)
			return -1;
	}
	return 0;
}

int entering_set_bus(struct beken_entering *in, uint32_t *hz, uint8_t mode, struct err *e)
{
	struct spi *spi = in->board->spi;
	struct spi_setup want = { .hz = *hz, .mode = mode };

	if (spi_setup(spi, &want, e) < 0) {
		want.hz = in->limits->max_hz;
		if (e->code != ERR_BAD_INPUT || spi_setup(spi, &want, e) < 0)
			return err_prefix(e, "setting the bus up: ");
	}
	*hz = spi->now.hz;
	return 0;
}

int entering_set_cen(struct beken_entering *in, bool high, struct err *e)
{
	if (line_set(in->board->cen, high, e) < 0)
		return err_prefix(e, "CEN %s: ", high ? "high" : "low");
	return 0;
}

int entering_set_power(struct beken_entering *in, bool on, struct err *e)
{
	if (line_set(in->board->power, on, e) < 0)
		return err_prefix(e, "power %s: ", on ? "on" : "off");
	return 0;
}

int entering_pulse(struct beken_entering *in, const struct beken_params *params, struct err *e)
{
	if (entering_set_cen(in, false, e) < 0 ||
	    entering_wait(in, params->cen_low_us * (uint64_t)CLOCK_US, e) < 0 ||
	    entering_set_cen(in, true, e) < 0)
		return -1;
	return entering_wait(in, params->pause_us * (uint64_t)CLOCK_US, e);
}

int entering_send(struct beken_entering *in, const uint8_t *tx, size_t len, struct err *e)
{
	const struct spi_seg seg = { .tx = tx, .rx = in->seen, .len = len };

	return spi_xfer(in->board->spi, &seg, 1, e);
}

int entering_train(struct beken_entering *in, size_t len, struct err *e)
{
	if (entering_send(in, in->train, len, e) < 0)
		return err_prefix(e, "sending the train: ");
	return 0;
}
