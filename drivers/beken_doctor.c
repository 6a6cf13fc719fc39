#include "beken_doctor.h"

#include <stdio.h>
#include <string.h>

#define TRAIN_BYTE   0xd2
#define LOOPED       30u  /* attempts that are enough to give up; */
#define PULLED_LOW   100u /* by then all usual sets had their turn */
#define MOST_PERCENT 90u
#define ID_BYTES     3u /* behind the byte that belongs to the command */
#define HEX_TEXT     (3 * BEKEN_SEEN + 1)
#define SECONDS(ns)  ((double)(ns) / CLOCK_S)

struct diagnosis {
	const char *name;
	enum err_code code;
	const char *what;
	const char *hint;
};

static const struct diagnosis diagnoses[] = {
	[BEKEN_NOTHING] = { "nothing", ERR_NO_CHIP, "no attempt was made",
			    "Allow more time (entry_timeout)." },
	[BEKEN_MISO_OPEN] = { "miso-open", ERR_NO_CHIP, "nothing drives MISO",
			      "Check 3.3 V and ground at the board and the wire from P23 to MISO "
			      "(is it swapped with MOSI?). If the device runs all the time, the "
			      "wire to CEN is open." },
	[BEKEN_MISO_LOW] = { "miso-low", ERR_WIRING, "MISO held low",
			     "Look for a short from P23 (MISO) to ground, an open wire to MISO "
			     "(some controllers pull it low), a board without power, and whether "
			     "CEN goes high again after the reset." },
	[BEKEN_MOSI_MISO_BRIDGE] = { "mosi-miso-bridge", ERR_WIRING, "MOSI and MISO bridged",
				     "What goes out to P22 (MOSI) comes back from P23 (MISO): look "
				     "for a solder bridge between them, or a wire on the wrong "
				     "pad." },
	[BEKEN_CEN_NO_EFFECT] = { "cen-no-effect", ERR_WIRING,
				  "CEN has no effect: the firmware runs on while it is low",
				  "Check the wire from the GPIO to CEN (also CE, RST), that it is "
				  "the GPIO named in the slot, and that its ground is the "
				  "board's." },
	[BEKEN_TRAIN_NOT_HEARD] = { "train-not-heard", ERR_NO_CHIP,
				    "the chip is alive and CEN resets it, but it hears no train",
				    "Check SCK on P20, CS on P21 and MOSI on P22, and slow down "
				    "(spi_hz)." },
	[BEKEN_CLOCK_TOO_FAST] = { "clock-too-fast", ERR_UNSTABLE_READ, "the clock is too fast",
				   "Set spi_hz of the slot lower, shorten the wires, add a ground "
				   "wire beside SCK." },
	[BEKEN_UNSTABLE_ANSWERS] = { "unstable-answers", ERR_UNSTABLE_READ,
				     "a flash answers, but differently each time, at any clock",
				     "Slow down (spi_hz), shorten the wires to P20-P23, add a "
				     "ground wire beside SCK, look at the 3.3 V supply." },
	[BEKEN_NOT_A_FLASH] = { "not-a-flash", ERR_NO_CHIP,
				"something answers, but it is not a flash",
				"Check that the chip select is this board's own, and that nothing "
				"else drives MISO." },
	[BEKEN_NO_LUCK] = { "no-luck", ERR_NO_CHIP, "the chip takes the train but shows no flash",
			    "The wires to P20-P23 and CEN are right. Allow more attempts "
			    "(entry_timeout), shorten the wires, give the board its own 3.3 V "
			    "supply, or slow down (spi_hz)." },
	[BEKEN_UNCLEAR] = { "unclear", ERR_NO_CHIP, "nothing answers like a Beken chip",
			    "Check each wire: SCK on P20, CS on P21, MOSI on P22, MISO on P23, "
			    "CEN, ground; then slow down (spi_hz)." },
};

const char *beken_finding_name(enum beken_finding finding)
{
	return diagnoses[finding].name;
}

/* ---- signs */

static bool all_are(const uint8_t *bytes, size_t len, uint8_t value)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static bool begins_with_train(const uint8_t *train, size_t len)
{
	return len > BEKEN_SEEN && memchr(train, TRAIN_BYTE, BEKEN_SEEN);
}

/* The echo may start late, and then some bits short, but has ended long before the train. */
static bool is_echo(const uint8_t *train, size_t len)
{
	return begins_with_train(train, len) && all_are(train + BEKEN_SEEN, len - BEKEN_SEEN, 0x00);
}

/* A line that nobody drives picks up anything; a chip, however bad its answers, shows one level
 * for most of the train. */
bool beken_is_noise(const uint8_t *bytes, size_t len)
{
	uint16_t count[256] = { 0 };

	for (size_t i = 0; i < len; i++)
		if (++count[bytes[i]] > len / 4)
			return false;
	return true;
}

enum beken_sign beken_sign(const uint8_t *train, size_t len, const uint8_t id[4])
{
	if (all_are(train, len, 0xff) && all_are(id + 1, ID_BYTES, 0xff))
		return SIGN_FLOATING;
	if (all_are(train, len, 0x00) && all_are(id + 1, ID_BYTES, 0x00))
		return SIGN_HELD_LOW;
	if (all_are(train, len, TRAIN_BYTE))
		return SIGN_BRIDGED;
	if (is_echo(train, len))
		return SIGN_ECHO;
	if (beken_is_noise(train, len))
		return SIGN_NOISE;
	return begins_with_train(train, len) ? SIGN_GARBLED : SIGN_OTHER;
}

enum beken_level beken_level(const uint8_t *bytes, size_t len)
{
	if (all_are(bytes, len, 0xff))
		return LEVEL_HIGH;
	if (all_are(bytes, len, 0x00))
		return LEVEL_LOW;
	return beken_is_noise(bytes, len) ? LEVEL_NOISE : LEVEL_MOVES;
}

/* ---- evidence */

void beken_note(struct beken_evidence *evidence, enum beken_sign sign)
{
	evidence->attempts++;
	evidence->of[sign]++;
}

bool beken_hopeless(const struct beken_evidence *evidence)
{
	const uint32_t n = evidence->attempts;

	return (n >= LOOPED && evidence->of[SIGN_BRIDGED] == n) ||
	       (n >= PULLED_LOW && evidence->of[SIGN_HELD_LOW] == n);
}

/* ---- findings */

static bool mostly(const struct beken_evidence *evidence, enum beken_sign sign)
{
	const uint64_t seen = evidence->of[sign];

	return seen > 0 && seen * 100 >= (uint64_t)evidence->attempts * MOST_PERCENT;
}

static bool too_fast_for_flash(const struct beken_evidence *evidence)
{
	return evidence->too_fast_hz > 0;
}

static bool refused(const struct beken_evidence *evidence)
{
	return evidence->of[SIGN_REFUSED] > 0;
}

static bool unstable(const struct beken_evidence *evidence)
{
	return evidence->of[SIGN_UNSTABLE] > 0;
}

static bool held_low(const struct beken_evidence *evidence)
{
	return evidence->of[SIGN_ECHO] == 0 && mostly(evidence, SIGN_HELD_LOW);
}

static bool bridged(const struct beken_evidence *evidence)
{
	return evidence->of[SIGN_ECHO] == 0 && mostly(evidence, SIGN_BRIDGED);
}

static bool too_fast_for_train(const struct beken_evidence *evidence)
{
	return evidence->of[SIGN_GARBLED] > evidence->of[SIGN_ECHO];
}

static bool echoes(const struct beken_evidence *evidence)
{
	return evidence->of[SIGN_ECHO] > 0;
}

/* What only the examination can tell: these are false without one. */

static bool only_slow_echo(const struct beken_evidence *evidence)
{
	return evidence->slow_echo;
}

/* A chip in reset drives nothing: what moves on MISO while CEN is low says that it is in none. */
static bool runs_on(const struct beken_evidence *evidence)
{
	return evidence->power_echo || (evidence->examined && evidence->cen_low == LEVEL_MOVES);
}

static bool is_reset(const struct beken_evidence *evidence)
{
	return evidence->examined && evidence->cen_low == LEVEL_LOW &&
	       evidence->cen_high != LEVEL_LOW;
}

static bool open_line(const struct beken_evidence *evidence)
{
	return mostly(evidence, SIGN_FLOATING) || mostly(evidence, SIGN_NOISE);
}

static bool tried(const struct beken_evidence *evidence)
{
	return evidence->attempts > 0;
}

static bool always(const struct beken_evidence *evidence)
{
	(void)evidence;
	return true;
}

/*
 * The first that fits. What answers, if only once in a hundred attempts, says more than the usual
 * silence in between; a fault of the wires shows nearly always.
 */
static const struct rule {
	bool (*fits)(const struct beken_evidence *evidence);
	enum beken_finding finding;
	bool is_final; /* the examination would add nothing */
} rules[] = {
	{ too_fast_for_flash, BEKEN_CLOCK_TOO_FAST, true },
	{ refused, BEKEN_NOT_A_FLASH, true },
	{ unstable, BEKEN_UNSTABLE_ANSWERS, true },
	{ held_low, BEKEN_MISO_LOW, true },
	{ bridged, BEKEN_MOSI_MISO_BRIDGE, true },
	{ too_fast_for_train, BEKEN_CLOCK_TOO_FAST, true },
	{ echoes, BEKEN_NO_LUCK, true },
	{ only_slow_echo, BEKEN_CLOCK_TOO_FAST, false },
	{ runs_on, BEKEN_CEN_NO_EFFECT, false },
	{ is_reset, BEKEN_TRAIN_NOT_HEARD, false },
	{ open_line, BEKEN_MISO_OPEN, false },
	{ tried, BEKEN_UNCLEAR, false },
	{ always, BEKEN_NOTHING, true },
};

static const struct rule *conclude(const struct beken_evidence *evidence)
{
	const struct rule *rule = rules;

	while (!rule->fits(evidence))
		rule++;
	return rule;
}

bool beken_is_explained(const struct beken_evidence *evidence)
{
	return conclude(evidence)->is_final;
}

/* ---- words */

static const char *hex(const uint8_t *bytes, size_t len, char text[HEX_TEXT])
{
	for (size_t i = 0; i < len; i++)
		snprintf(text + 3 * i, 4, "%02X ", bytes[i]);
	text[3 * len - 1] = '\0';
	return text;
}

/* The general word, and what is known of this case. */
static void tell_what(char *text, size_t size, const struct beken_evidence *evidence,
		      enum beken_finding finding, const struct beken_entry *entry)
{
	const char *what = diagnoses[finding].what;

	if (finding == BEKEN_CLOCK_TOO_FAST && evidence->too_fast_hz > 0)
		snprintf(text, size, "%s: the flash answers at %u Hz, but not reliably at %u Hz",
			 what, entry->good_hz, evidence->too_fast_hz);
	else if (finding == BEKEN_NOT_A_FLASH || finding == BEKEN_UNSTABLE_ANSWERS)
		snprintf(text, size, "%s (%s)", what, entry->refused);
	else
		snprintf(text, size, "%s", what);
}

static void tell_examined(char *text, size_t size, const struct beken_entry *entry)
{
	char low[HEX_TEXT], high[HEX_TEXT];

	text[0] = '\0';
	if (entry->examined)
		snprintf(text, size, "; with CEN low %s, high %s",
			 hex(entry->cen_low_seen, BEKEN_SEEN, low),
			 hex(entry->cen_high_seen, BEKEN_SEEN, high));
}

int beken_diagnose(const struct beken_evidence *evidence, struct beken_entry *entry, struct err *e)
{
	const enum beken_finding finding = conclude(evidence)->finding;
	char what[160], examined[80], train[HEX_TEXT], id[HEX_TEXT];

	entry->finding = beken_finding_name(finding);
	tell_what(what, sizeof what, evidence, finding, entry);
	tell_examined(examined, sizeof examined, entry);
	err_set(e, diagnoses[finding].code,
		"%s: %u attempts in %.1f s; MISO showed %s during the last train, %s during 9Fh%s",
		what, entry->attempts, SECONDS(entry->ns),
		hex(entry->train_seen, sizeof entry->train_seen, train),
		hex(entry->id_seen, sizeof entry->id_seen, id), examined);
	return err_hint(e, "%s", diagnoses[finding].hint);
}
