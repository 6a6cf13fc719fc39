#include "nor_busy.h"

#include <string.h>

#include "nor_proof.h"

#define SLICE_NS   (50ull * CLOCK_MS) /* half of what a cancelled job may still take */
#define STEP_MAX   (20ull * CLOCK_MS) /* between two polls */
#define EARLY      8                  /* polling begins one part in so many before the estimate */
#define STEPS      64 /* polls are so much apart as a part of the time that has gone by */
#define FOLLOW     8  /* how quickly the estimate goes where the chip is */
#define SLOW_NS    (200ull * CLOCK_US) /* from here on a first look comes too early to miss WIP */
#define SURE_NS    (5ull * CLOCK_MS)   /* from here on a second look costs nothing */
#define DEAD_POLLS 16 /* FF so often is no status: a busy chip has at least one protect bit 0 */

/* One wait. */
struct wait {
	const struct nor_change *change;
	uint64_t start_ns;
	unsigned polls, dead;
};

static const uint8_t status_tx[2] = { NOR_OP_SR1 };

static int poll(struct nor *nor, uint8_t *status, struct err *e)
{
	uint8_t rx[2] = { 0 };
	const struct spi_seg seg = { .tx = status_tx, .rx = rx, .len = sizeof rx };

	if (spi_xfer(nor->spi, &seg, 1, e) < 0)
		return err_prefix(e, "reading the status register: ");
	*status = rx[1];
	return 0;
}

/* WREN, command and first look as one message. *status is what the look showed. */
static int send(struct nor *nor, const struct nor_change *change, uint8_t *status, struct err *e)
{
	struct nor_message message = { .n = 0 };
	uint8_t rx[2] = { 0 };

	if (change->command.len > 1)
		nor_message_enter(&message, nor, change->command.bytes[0]);
	if (change->enable)
		nor_message_op(&message, &change->enable);
	nor_message_add(&message, change->command.bytes, NULL, change->command.len);
	if (change->len > 0)
		nor_message_add(&message, change->data, NULL, change->len);
	nor_message_end(&message);
	nor_message_add(&message, status_tx, rx, sizeof rx);
	nor_message_end(&message);
	if (nor_message_send(nor, &message, e) < 0)
		return -1;
	*status = rx[1];
	return 0;
}

/* The way back into 3-byte mode, on every exit. */
static int leave_mode(struct nor *nor, const struct nor_change *change, struct err *e)
{
	struct nor_message message = { .n = 0 };

	if (change->command.len > 1)
		nor_message_leave(&message, nor, change->command.bytes[0]);
	return message.n > 0 ? nor_message_send(nor, &message, e) : 0;
}

static uint64_t elapsed_ns(const struct nor *nor, const struct wait *wait)
{
	return clock_now_ns(nor->clock) - wait->start_ns;
}

/* What the meter shows of the change: never all of it before the end. */
static uint64_t worth_now(const struct nor *nor, const struct wait *wait)
{
	const uint64_t estimate_ns = wait->change->pace->estimate_ns + 1;
	const uint64_t gone_ns = elapsed_ns(nor, wait);
	const uint64_t part = gone_ns >= estimate_ns ? 990 : gone_ns * 990 / estimate_ns;

	return wait->change->worth * part / 1000;
}

static int sleep_shown(struct nor *nor, const struct wait *wait, uint64_t until_ns,
		       struct nor_meter *meter, struct err *e)
{
	for (uint64_t now_ns; (now_ns = clock_now_ns(nor->clock)) < until_ns;) {
		if (nor_meter_show(meter, worth_now(nor, wait), e) < 0)
			return -1;
		clock_sleep_until_ns(nor->clock,
				     until_ns - now_ns > SLICE_NS ? now_ns + SLICE_NS : until_ns);
	}
	return 0;
}

static int too_long(struct nor *nor, const struct wait *wait, struct err *e)
{
	if (nor_check_alive(nor, e) < 0)
		return -1;
	err_set(e, ERR_TIMEOUT, "the chip is still busy after %llu ms",
		(unsigned long long)(elapsed_ns(nor, wait) / CLOCK_MS));
	return err_hint(e, "Look at the supply: a sagging one makes a chip work for ever. Take "
			   "the power away and start again.");
}

/* FF is what a line shows that nobody drives; a chip that lives and is not busy shows its ID. */
static int check_dead(struct nor *nor, struct wait *wait, uint8_t status, struct err *e)
{
	wait->dead = status == 0xff ? wait->dead + 1 : 0;
	if (wait->dead < DEAD_POLLS)
		return 0;
	wait->dead = 0;
	return nor_check_alive(nor, e);
}

/* One poll; ready where it matters means ready twice: noise must not end an erase. */
static int poll_ready(struct nor *nor, struct wait *wait, bool *ready, struct err *e)
{
	uint8_t status = 0;

	if (poll(nor, &status, e) < 0 || check_dead(nor, wait, status, e) < 0)
		return -1;
	wait->polls++;
	*ready = !(status & NOR_SR_WIP);
	if (!*ready || wait->change->pace->estimate_ns < SURE_NS)
		return 0;
	if (poll(nor, &status, e) < 0)
		return -1;
	*ready = !(status & NOR_SR_WIP);
	return 0;
}

/* Done at the first poll: it may have been done for long. Else that is when it was. */
static void learn(struct nor_pace *pace, uint64_t took_ns, unsigned polls)
{
	const uint64_t estimate_ns = pace->estimate_ns;

	if (polls == 1)
		pace->estimate_ns -= estimate_ns / FOLLOW;
	else
		pace->estimate_ns = estimate_ns - estimate_ns / FOLLOW + took_ns / FOLLOW;
}

static int wait_ready(struct nor *nor, struct wait *wait, struct nor_meter *meter, struct err *e)
{
	const struct nor_pace pace = *wait->change->pace;
	uint64_t next_ns = wait->start_ns + pace.estimate_ns - pace.estimate_ns / EARLY;
	bool ready = false;

	for (;;) {
		uint64_t step_ns;
		bool late;

		if (sleep_shown(nor, wait, next_ns, meter, e) < 0)
			return -1;
		/* Before the look, not after it: this thread may stand still in between. */
		late = elapsed_ns(nor, wait) > pace.limit_ns;
		if (poll_ready(nor, wait, &ready, e) < 0)
			return -1;
		if (ready)
			break;
		if (late)
			return too_long(nor, wait, e);
		step_ns = elapsed_ns(nor, wait) / STEPS;
		next_ns = clock_now_ns(nor->clock) + (step_ns < STEP_MAX ? step_ns : STEP_MAX);
	}
	learn(wait->change->pace, elapsed_ns(nor, wait), wait->polls);
	return nor_meter_show(meter, wait->change->worth, e);
}

/* Sent, and looked at again where the first look showed an idle chip that cannot be done yet. */
static int begin(struct nor *nor, const struct nor_change *change, bool *taken, struct err *e)
{
	uint8_t status;

	if (send(nor, change, &status, e) < 0)
		return -1;
	*taken = true;
	if (change->pace->estimate_ns < SLOW_NS || (status & NOR_SR_WIP))
		return 0;
	if (poll(nor, &status, e) < 0)
		return -1;
	*taken = status & NOR_SR_WIP;
	return 0;
}

/*
 * Some controllers lose a clock where the chip select rises inside a message. Where a command was
 * not taken it is sent once more, apart; if that helps, it stays so.
 */
static int begin_somehow(struct nor *nor, const struct nor_change *change, bool *taken,
			 struct err *e)
{
	if (begin(nor, change, taken, e) < 0)
		return -1;
	if (*taken || nor->apart)
		return 0;
	nor->apart = true;
	if (begin(nor, change, taken, e) < 0)
		return -1;
	nor->apart = *taken;
	return 0;
}

static int change(struct nor *nor, const struct nor_change *change, struct nor_meter *meter,
		  bool *taken, struct err *e)
{
	struct wait wait = { .change = change };

	if (begin_somehow(nor, change, taken, e) < 0)
		return -1;
	if (!*taken)
		return 0;
	wait.start_ns = clock_now_ns(nor->clock);
	return wait_ready(nor, &wait, meter, e);
}

int nor_change(struct nor *nor, const struct nor_change *what, struct nor_meter *meter, bool *taken,
	       struct err *e)
{
	const int result = change(nor, what, meter, taken, e);
	struct err ignored;

	if (result == 0 && *taken)
		return leave_mode(nor, what, e);
	nor_disable(nor);
	(void)(leave_mode(nor, what, &ignored) == 0);
	return result;
}

int nor_wait_idle(struct nor *nor, struct nor_meter *meter, uint64_t limit_ns, struct err *e)
{
	struct nor_pace pace = { .estimate_ns = 0, .limit_ns = limit_ns };
	const struct nor_change nothing = { .pace = &pace };
	struct wait wait = { .change = &nothing, .start_ns = clock_now_ns(nor->clock) };

	return wait_ready(nor, &wait, meter, e);
}

void nor_disable(struct nor *nor)
{
	const uint8_t op = NOR_OP_DISABLE;
	struct err ignored;

	(void)(spi_command(nor->spi, &op, 1, NULL, 0, &ignored) == 0);
}
