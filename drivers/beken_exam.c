#include "beken_exam.h"

#include <string.h>

#define LOOK_HZ      100000u
#define LOOK_BYTES   256u /* 20 ms: a firmware that moves the pin at all does it meanwhile */
#define LOW_NS       (20ull * CLOCK_MS)
#define FIRMWARE_NS  (150ull * CLOCK_MS) /* until the boot ROM has given up and the firmware runs */
#define SLOW_HZ      50000u
#define SLOW_LOW_US  100000u
#define POWER_OFF_NS (200ull * CLOCK_MS)
#define POWER_TRAINS 24 /* one after the other, from power-up on: for 80 ms */
#define POWER_HZ     1000000u

static int look(struct beken_entering *in, enum beken_level *level, uint8_t seen[BEKEN_SEEN],
		struct err *e)
{
	static const uint8_t zeros[LOOK_BYTES];

	if (entering_send(in, zeros, LOOK_BYTES, e) < 0)
		return err_prefix(e, "looking at MISO: ");
	*level = beken_level(in->seen, LOOK_BYTES);
	memcpy(seen, in->seen, BEKEN_SEEN);
	return entering_report(in, e);
}

static int examine_cen(struct beken_entering *in, struct err *e)
{
	struct beken_evidence *evidence = &in->evidence;
	struct beken_entry *entry = in->entry;
	uint32_t hz = LOOK_HZ < in->limits->max_hz ? LOOK_HZ : in->limits->max_hz;

	if (entering_set_bus(in, &hz, 0, e) < 0 || entering_set_cen(in, false, e) < 0 ||
	    entering_wait(in, LOW_NS, e) < 0 ||
	    look(in, &evidence->cen_low, entry->cen_low_seen, e) < 0)
		return -1;
	if (entering_set_cen(in, true, e) < 0 || entering_wait(in, FIRMWARE_NS, e) < 0 ||
	    look(in, &evidence->cen_high, entry->cen_high_seen, e) < 0)
		return -1;
	evidence->examined = true;
	entry->examined = true;
	return 0;
}

/* True when the train that was just sent was taken. */
static bool was_taken(const struct beken_entering *in)
{
	static const uint8_t no_id[4];

	return beken_sign(in->seen, BEKEN_TRAIN_MIN, no_id) == SIGN_ECHO;
}

static int examine_slow(struct beken_entering *in, struct err *e)
{
	for (uint8_t mode = 0; mode <= 3 && !in->evidence.slow_echo; mode += 3) {
		struct beken_params params = {
			.cen_low_us = SLOW_LOW_US,
			.hz = SLOW_HZ < in->limits->max_hz ? SLOW_HZ : in->limits->max_hz,
		};

		if (entering_set_bus(in, &params.hz, mode, e) < 0 ||
		    entering_pulse(in, &params, e) < 0 ||
		    entering_train(in, BEKEN_TRAIN_MIN, e) < 0 || entering_report(in, e) < 0)
			return -1;
		in->evidence.slow_echo = was_taken(in);
	}
	return 0;
}

static int train_until_taken(struct beken_entering *in, struct err *e)
{
	for (int i = 0; i < POWER_TRAINS && !in->evidence.power_echo; i++) {
		uint32_t hz = POWER_HZ < in->limits->max_hz ? POWER_HZ : in->limits->max_hz;

		if (entering_set_bus(in, &hz, i % 2 ? 0 : 3, e) < 0 ||
		    entering_train(in, BEKEN_TRAIN_MIN, e) < 0 ||
		    entering_wait(in, CLOCK_MS, e) < 0 || entering_report(in, e) < 0)
			return -1;
		in->evidence.power_echo = was_taken(in);
	}
	return 0;
}

static int examine_power(struct beken_entering *in, struct err *e)
{
	if (!in->board->power)
		return 0;
	if (entering_set_power(in, false, e) < 0 || entering_wait(in, POWER_OFF_NS, e) < 0 ||
	    entering_set_power(in, true, e) < 0)
		return -1;
	return train_until_taken(in, e);
}

int beken_examine(struct beken_entering *in, struct err *e)
{
	static int (*const steps[])(struct beken_entering * in,
				    struct err * e) = { examine_cen, examine_slow, examine_power };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i](in, e) < 0)
			return err_prefix(e, "examining the board: ");
	return 0;
}
