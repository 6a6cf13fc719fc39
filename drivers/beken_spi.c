#include "beken_spi.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "beken_entering.h"
#include "beken_exam.h"
#include "beken_proof.h"
#include "nor.h"

#define TRAIN_BYTE  0xd2
#define ID_READS    4
#define ID_ANSWERS  2 /* of them must be plausible */
#define PROOF_TRIES 3
#define SLOWEST_HZ  25000u /* nobody's board needs it slower */
#define POWER_UP_NS (50ull * CLOCK_MS)
#define RESET_NS    (100ull * CLOCK_MS)

/* What came of an attempt. */
enum outcome { OUTCOME_SILENT, OUTCOME_UNSTABLE, OUTCOME_REFUSED, OUTCOME_ENTERED };

static uint64_t elapsed_ns(const struct beken_entering *in)
{
	return clock_now_ns(in->board->clock) - in->start_ns;
}

/* ---- one attempt */

/*
 * True when something answers that may be a flash: two IDs that are plausible, equal or not. Echoes
 * and floating lines are no IDs, and on a line that picks up anything nothing is.
 */
static int ask_id(struct beken_entering *in, bool *answers, struct err *e)
{
	const bool noise = beken_is_noise(in->seen, in->entry->params.train);

	int plausible = 0;

	for (int i = 0; i < ID_READS && plausible < ID_ANSWERS; i++) {
		uint32_t id;

		if (nor_read_id(in->board->spi, &id, in->entry->id_seen, e) < 0)
			return -1;
		plausible += nor_id_plausible(id);
	}
	*answers = !noise && plausible == ID_ANSWERS;
	return 0;
}

/* Noise may spoil a try; a steady refusal it is not. *hz is what the bus does. */
static int prove_at(struct beken_entering *in, uint32_t *hz, int tries, struct beken_proof *proof,
		    struct err *e)
{
	struct beken_entry *entry = in->entry;

	if (entering_set_bus(in, hz, entry->params.mode, e) < 0)
		return -1;
	proof->verdict = BEKEN_CHANGING;
	for (int i = 0; i < tries && proof->verdict == BEKEN_CHANGING; i++)
		if (beken_prove(in->board->spi, in->progress, entry->attempts, proof, e) < 0)
			return -1;
	if (proof->verdict == BEKEN_REFUSED || in->evidence.of[SIGN_REFUSED] == 0)
		entry->refused = proof->failed;
	return 0;
}

/*
 * Where the slot's own clock was not good enough: is there a slower one that is? (Answers of a
 * flash that is too slow are wrong, but need not change: they may all come a bit late.) It may
 * still have been noise: then the slot's own gets another chance. If not, slower is better than
 * not at all.
 */
static int look_slower(struct beken_entering *in, uint32_t own_hz, struct beken_proof *proof,
		       struct err *e)
{
	uint32_t hz = own_hz;

	for (uint32_t want = hz / 2; proof->verdict != BEKEN_PROVEN && want >= SLOWEST_HZ;
	     want /= 2) {
		hz = want;
		if (prove_at(in, &hz, 1, proof, e) < 0)
			return -1;
	}
	if (proof->verdict != BEKEN_PROVEN)
		return 0;
	in->entry->good_hz = hz;
	if (prove_at(in, &own_hz, PROOF_TRIES, proof, e) < 0)
		return -1;
	if (proof->verdict == BEKEN_PROVEN) {
		in->entry->good_hz = own_hz;
		return 0;
	}
	in->evidence.too_fast_hz = own_hz;
	return prove_at(in, &hz, PROOF_TRIES, proof, e);
}

static int prove(struct beken_entering *in, enum outcome *outcome, struct err *e)
{
	static const enum outcome outcomes[] = { [BEKEN_PROVEN] = OUTCOME_ENTERED,
						 [BEKEN_CHANGING] = OUTCOME_UNSTABLE,
						 [BEKEN_REFUSED] = OUTCOME_REFUSED };
	uint32_t hz = in->limits->max_hz;
	struct beken_proof proof;

	if (prove_at(in, &hz, PROOF_TRIES, &proof, e) < 0)
		return -1;
	if (proof.verdict == BEKEN_PROVEN)
		in->entry->good_hz = hz;
	else if (look_slower(in, hz, &proof, e) < 0)
		return -1;
	*outcome = outcomes[proof.verdict];
	return 0;
}

/* From the reset to whatever answers. */
static int try_set(struct beken_entering *in, enum outcome *outcome, struct err *e)
{
	struct beken_params *params = &in->entry->params;
	bool answers;

	if (entering_report(in, e) < 0 || entering_set_bus(in, &params->hz, params->mode, e) < 0 ||
	    entering_pulse(in, params, e) < 0)
		return -1;
	in->entry->attempts++;
	if (entering_train(in, params->train, e) < 0)
		return -1;
	memcpy(in->entry->train_seen, in->seen, sizeof in->entry->train_seen);
	if (entering_wait(in, params->settle_us * (uint64_t)CLOCK_US, e) < 0 ||
	    ask_id(in, &answers, e) < 0)
		return -1;
	*outcome = OUTCOME_SILENT;
	return answers ? prove(in, outcome, e) : 0;
}

static enum beken_sign sign_of(const struct beken_entering *in, enum outcome outcome)
{
	if (outcome == OUTCOME_REFUSED)
		return SIGN_REFUSED;
	if (outcome == OUTCOME_UNSTABLE)
		return SIGN_UNSTABLE;
	return beken_sign(in->seen, in->entry->params.train, in->entry->id_seen);
}

static void note(struct beken_entering *in, struct beken_set *set, enum outcome outcome,
		 uint64_t ns)
{
	const enum beken_sign sign = sign_of(in, outcome);

	set->tried.params = in->entry->params;
	set->tried.entered = outcome == OUTCOME_ENTERED;
	/* A chip that let somebody in has heard the train, whatever the echo looked like. */
	beken_plan_note(set, outcome == OUTCOME_ENTERED || sign == SIGN_ECHO, ns);
	if (outcome != OUTCOME_ENTERED)
		beken_note(&in->evidence, sign);
}

static int attempt(struct beken_entering *in, bool *entered, struct err *e)
{
	struct beken_set *set = beken_plan_next(&in->plan, in->entry->attempts);
	const uint64_t start_ns = clock_now_ns(in->board->clock);
	enum outcome outcome;

	in->entry->params = set->known.params;
	if (try_set(in, &outcome, e) < 0)
		return -1;
	note(in, set, outcome, clock_now_ns(in->board->clock) - start_ns);
	*entered = outcome == OUTCOME_ENTERED;
	if (*entered)
		in->entry->refused = NULL;
	return 0;
}

/* ---- all of them */

static bool limit_reached(const struct beken_entering *in)
{
	const struct beken_limits *limits = in->limits;

	return (limits->max_attempts > 0 && in->entry->attempts >= limits->max_attempts) ||
	       (limits->timeout_ns > 0 && elapsed_ns(in) >= limits->timeout_ns);
}

static int give_up(struct beken_entering *in, struct err *e)
{
	if (!in->limits->glance && !beken_is_explained(&in->evidence) && beken_examine(in, e) < 0)
		return -1;
	in->entry->ns = elapsed_ns(in);
	return beken_diagnose(&in->evidence, in->entry, e);
}

static int try_until_limit(struct beken_entering *in, struct err *e)
{
	bool entered = false;

	while (!entered && in->evidence.too_fast_hz == 0 && !limit_reached(in) &&
	       !beken_hopeless(&in->evidence))
		if (attempt(in, &entered, e) < 0)
			return -1;
	return entered ? 0 : give_up(in, e);
}

/* What was seen of a board that never answered says nothing about the sets. */
static void remember(struct beken_entering *in, bool entered)
{
	const bool heard = entered || in->evidence.of[SIGN_ECHO] > 0;

	for (size_t i = 0; i < in->plan.n; i++) {
		const struct beken_tried *tried = &in->plan.set[i].tried;
		const struct beken_known known = { .params = tried->params,
						   .successes = tried->entered,
						   .attempts = tried->attempts };

		if (tried->attempts == 0)
			continue;
		in->entry->tried[in->entry->sets++] = *tried;
		if (heard)
			beken_remember(in->limits->memory, &known);
	}
}

static int power_up(struct beken_entering *in, struct err *e)
{
	if (!in->board->power)
		return 0;
	if (entering_set_power(in, true, e) < 0)
		return -1;
	return entering_wait(in, POWER_UP_NS, e);
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

static int enter(struct beken_entering *in, struct err *e)
{
	int result;

	memset(in->train, TRAIN_BYTE, sizeof in->train);
	if (check_board(in->board, e) < 0)
		return -1;
	beken_plan_init(&in->plan, in->limits, in->board->spi->max_len);
	result = power_up(in, e) < 0 ? -1 : try_until_limit(in, e);
	in->entry->ns = elapsed_ns(in);
	if (result == 0 && in->evidence.too_fast_hz > 0)
		in->entry->finding = beken_finding_name(BEKEN_CLOCK_TOO_FAST);
	remember(in, result == 0);
	return result;
}

int beken_spi_enter(struct board *board, const struct beken_limits *limits,
		    struct progress *progress, struct beken_entry *entry, struct err *e)
{
	AUTO(auto_free) struct beken_entering *in = calloc(1, sizeof *in);

	*entry = (struct beken_entry){ .finding = beken_finding_name(BEKEN_NOTHING) };
	if (!in)
		return err_set(e, ERR_MEMORY, "no memory for an entry");
	in->board = board;
	in->limits = limits;
	in->progress = progress;
	in->entry = entry;
	in->start_ns = clock_now_ns(board->clock);
	return enter(in, e);
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
