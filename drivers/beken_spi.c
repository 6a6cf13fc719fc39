#include "beken_spi.h"

#include <stdbool.h>
#include <string.h>

#include "beken_doctor.h"
#include "beken_plan.h"
#include "nor.h"

#define TRAIN_BYTE    0xd2
#define ID_READS      4
#define CONFIRM_TRIES 3
#define POWER_UP_NS   (50ull * CLOCK_MS)
#define RESET_NS      (100ull * CLOCK_MS)
#define SLICE_NS      (25ull * CLOCK_MS) /* with a train of 70 ms still within 100 ms */

/* One entry while it runs. */
struct entering {
	struct board *board;
	const struct beken_limits *limits;
	struct progress *progress;
	struct beken_entry *entry;
	struct beken_evidence evidence;
	uint64_t start_ns;
	uint8_t train[BEKEN_TRAIN_MAX]; /* what goes out */
	uint8_t seen[BEKEN_TRAIN_MAX];  /* what comes back */
};

enum answer { ANSWER_NONE, ANSWER_UNSTABLE, ANSWER_STABLE };

static uint64_t elapsed_ns(const struct entering *in)
{
	return clock_now_ns(in->board->clock) - in->start_ns;
}

static int report(struct entering *in, struct err *e)
{
	return progress_report(in->progress, in->entry->attempts, 0, e);
}

/* Long waits are told of after each slice, the last one too: a slow train may follow. */
static int wait_ns(struct entering *in, uint64_t ns, struct err *e)
{
	struct clock *clock = in->board->clock;
	const uint64_t end_ns = clock_now_ns(clock) + ns;

	for (uint64_t left_ns = ns; left_ns > 0;) {
		left_ns -= left_ns < SLICE_NS ? left_ns : SLICE_NS;
		clock_sleep_until_ns(clock, end_ns - left_ns);
		if (ns >= SLICE_NS && report(in, e) < 0)
			return -1;
	}
	return 0;
}

static int wait_us(struct entering *in, uint32_t us, struct err *e)
{
	return wait_ns(in, us * (uint64_t)CLOCK_US, e);
}

/* A controller may be unable to go as slow as an attempt wants: then as fast as the slot may. */
static int set_bus(struct entering *in, struct beken_params *params, struct err *e)
{
	struct spi *spi = in->board->spi;
	struct spi_setup want = { .hz = params->hz, .mode = params->mode };

	if (spi_setup(spi, &want, e) < 0) {
		want.hz = in->limits->max_hz;
		if (e->code != ERR_BAD_INPUT || spi_setup(spi, &want, e) < 0)
			return err_prefix(e, "setting the bus up: ");
	}
	params->hz = spi->now.hz;
	return 0;
}

static int pulse_cen(struct entering *in, const struct beken_params *params, struct err *e)
{
	if (line_set(in->board->cen, false, e) < 0)
		return err_prefix(e, "CEN low: ");
	if (wait_us(in, params->cen_low_us, e) < 0)
		return -1;
	if (line_set(in->board->cen, true, e) < 0)
		return err_prefix(e, "CEN high: ");
	return wait_us(in, params->pause_us, e);
}

/* One message under one chip select: the boot ROM counts what comes without a break. */
static int send_train(struct entering *in, const struct beken_params *params, struct err *e)
{
	const struct spi_seg seg = { .tx = in->train, .rx = in->seen, .len = params->train };

	if (spi_xfer(in->board->spi, &seg, 1, e) < 0)
		return err_prefix(e, "sending the train: ");
	memcpy(in->entry->train_seen, in->seen, sizeof in->entry->train_seen);
	return 0;
}

/* An ID counts when it is plausible and the same in a row of reads. */
static int ask_id(struct entering *in, enum answer *answer, struct err *e)
{
	uint32_t first = 0;

	for (int i = 0; i < ID_READS; i++) {
		uint32_t id;

		if (nor_read_id(in->board->spi, &id, in->entry->id_seen, e) < 0)
			return -1;
		if (i == 0)
			first = id;
		if (i > 0 && id != first) {
			*answer = ANSWER_UNSTABLE;
			return 0;
		}
		if (!nor_id_plausible(id)) {
			*answer = ANSWER_NONE;
			return 0;
		}
	}
	*answer = ANSWER_STABLE;
	return 0;
}

static void note(struct entering *in, enum answer answer)
{
	const struct beken_entry *entry = in->entry;

	beken_note(&in->evidence, beken_sign(in->seen, entry->params.train, entry->id_seen,
					     answer == ANSWER_UNSTABLE));
}

static int attempt(struct entering *in, bool *entered, struct err *e)
{
	struct beken_params *params = &in->entry->params;
	enum answer answer;

	*params = beken_plan(in->entry->attempts, in->limits->max_hz);
	if (params->train > in->board->spi->max_len)
		params->train = (uint16_t)in->board->spi->max_len;
	if (report(in, e) < 0 || set_bus(in, params, e) < 0 || pulse_cen(in, params, e) < 0)
		return -1;
	in->entry->attempts++;
	if (send_train(in, params, e) < 0 || wait_us(in, params->settle_us, e) < 0 ||
	    ask_id(in, &answer, e) < 0)
		return -1;
	*entered = answer == ANSWER_STABLE;
	if (!*entered)
		note(in, answer);
	return 0;
}

/* From the clock that worked to the slot's own; noise may spoil a try. */
static int speed_up(struct entering *in, struct err *e)
{
	const struct beken_params *worked = &in->entry->params;
	const struct spi_setup want = { .hz = in->limits->max_hz, .mode = worked->mode };
	enum answer answer = ANSWER_NONE;

	if (spi_setup(in->board->spi, &want, e) < 0)
		return err_prefix(e, "setting the bus up: ");
	for (int i = 0; i < CONFIRM_TRIES && answer != ANSWER_STABLE; i++)
		if (ask_id(in, &answer, e) < 0)
			return -1;
	if (answer == ANSWER_STABLE)
		return 0;
	err_set(e, ERR_UNSTABLE_READ, "the flash answers at %u Hz, but not reliably at %u Hz",
		worked->hz, in->board->spi->now.hz);
	return err_hint(e, "Set spi_hz of the slot lower, shorten the wires, look at the supply.");
}

static bool limit_reached(const struct entering *in)
{
	const struct beken_limits *limits = in->limits;

	return (limits->max_attempts > 0 && in->entry->attempts >= limits->max_attempts) ||
	       (limits->timeout_ns > 0 && elapsed_ns(in) >= limits->timeout_ns);
}

static int try_until_limit(struct entering *in, struct err *e)
{
	bool entered = false;

	while (!limit_reached(in) && !beken_hopeless(&in->evidence)) {
		if (attempt(in, &entered, e) < 0)
			return -1;
		if (entered)
			return speed_up(in, e);
	}
	in->entry->ns = elapsed_ns(in);
	return beken_diagnose(&in->evidence, in->entry, e);
}

static int power_up(struct entering *in, struct err *e)
{
	if (!in->board->power)
		return 0;
	if (line_set(in->board->power, true, e) < 0)
		return err_prefix(e, "power on: ");
	return wait_ns(in, POWER_UP_NS, e);
}

static int check_board(const struct board *board, struct err *e)
{
	if (!board->cen) {
		err_set(e, ERR_BAD_INPUT, "no CEN line: the chip cannot be reset into SPI mode");
		return err_hint(e, "Wire CEN to a GPIO and name it in the slot (cen = GPIO22).");
	}
	if (board->spi->max_len < BEKEN_TRAIN_MIN) {
		err_set(e, ERR_BAD_INPUT,
			"a message of the bus takes %zu bytes, the train needs %u",
			board->spi->max_len, BEKEN_TRAIN_MIN);
		return err_hint(e, "Raise spidev's bufsiz (spidev.bufsiz=65536).");
	}
	return 0;
}

int beken_spi_enter(struct board *board, const struct beken_limits *limits,
		    struct progress *progress, struct beken_entry *entry, struct err *e)
{
	struct entering in = { .board = board,
			       .limits = limits,
			       .progress = progress,
			       .entry = entry,
			       .start_ns = clock_now_ns(board->clock) };
	int result;

	*entry = (struct beken_entry){ 0 };
	memset(in.train, TRAIN_BYTE, sizeof in.train);
	if (check_board(board, e) < 0)
		return -1;
	result = power_up(&in, e) < 0 ? -1 : try_until_limit(&in, e);
	entry->ns = elapsed_ns(&in);
	return result;
}

int beken_reset(struct board *board, struct err *e)
{
	if (!board->cen)
		return 0;
	if (line_set(board->cen, false, e) < 0)
		return err_prefix(e, "CEN low: ");
	clock_sleep_ns(board->clock, RESET_NS);
	if (line_rest(board->cen, e) < 0)
		return err_prefix(e, "CEN at rest: ");
	return 0;
}
