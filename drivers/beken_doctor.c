#include "beken_doctor.h"

#include <stdio.h>
#include <string.h>

#define TRAIN_BYTE   0xd2
#define HOPELESS     30u /* attempts */
#define MOST_PERCENT 90u
#define ID_BYTES     3u /* behind the byte that belongs to the command */
#define HEX_TEXT     (3 * BEKEN_SEEN + 1)
#define SECONDS(ns)  ((double)(ns) / CLOCK_S)

struct diagnosis {
	enum err_code code;
	const char *what;
	const char *hint;
};

static const struct diagnosis diagnoses[SIGNS] = {
	[SIGN_FLOATING] = { ERR_NO_CHIP, "MISO stays high",
			    "Nothing drives MISO, or the chip keeps running its firmware: check "
			    "3.3 V and ground at the board, the wire from P23 to MISO, and that "
			    "CEN "
			    "really resets the chip." },
	[SIGN_HELD_LOW] = { ERR_WIRING, "MISO held low",
			    "Look for a short from P23 (MISO) to ground, for a board without "
			    "power, and whether CEN goes high again after the reset." },
	[SIGN_BRIDGED] = { ERR_WIRING, "MOSI and MISO bridged",
			   "What goes out to P22 (MOSI) comes back from P23 (MISO): look for a "
			   "solder bridge between them, or a wire on the wrong pad." },
	[SIGN_ECHO] = { ERR_NO_CHIP, "the chip takes the train but shows no flash",
			"The wires to P20-P23 and CEN are right. Allow more attempts "
			"(entry_timeout), shorten the wires, give the board its own 3.3 V supply, "
			"or "
			"slow down (spi_hz)." },
	[SIGN_UNSTABLE] = { ERR_UNSTABLE_READ, "the flash answers with an ID that changes",
			    "Slow down (spi_hz), shorten the wires to P20-P23, add a ground wire "
			    "beside SCK, look at the 3.3 V supply." },
	[SIGN_OTHER] = { ERR_NO_CHIP, "nothing answers like a Beken chip",
			 "Check each wire: SCK on P20, CS on P21, MOSI on P22, MISO on P23, CEN, "
			 "ground; then slow down (spi_hz)." },
};

static bool all_are(const uint8_t *bytes, size_t len, uint8_t value)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

/* The echo may start late, and then some bits short, but has ended long before the train. */
static bool is_echo(const uint8_t *train, size_t len)
{
	return len > BEKEN_SEEN && memchr(train, TRAIN_BYTE, BEKEN_SEEN) && train[len - 1] == 0;
}

/* A line that nobody drives picks up anything; a chip, however bad its answers, shows one level
 * for most of the train. */
static bool is_noise(const uint8_t *train, size_t len)
{
	uint16_t count[256] = { 0 };

	for (size_t i = 0; i < len; i++)
		if (++count[train[i]] > len / 2)
			return false;
	return true;
}

enum beken_sign beken_sign(const uint8_t *train, size_t len, const uint8_t id[4], bool id_changes)
{
	if (id_changes)
		return is_noise(train, len) ? SIGN_OTHER : SIGN_UNSTABLE;
	if (all_are(train, len, 0xff) && all_are(id + 1, ID_BYTES, 0xff))
		return SIGN_FLOATING;
	if (all_are(train, len, 0x00) && all_are(id + 1, ID_BYTES, 0x00))
		return SIGN_HELD_LOW;
	if (all_are(train, len, TRAIN_BYTE))
		return SIGN_BRIDGED;
	return is_echo(train, len) ? SIGN_ECHO : SIGN_OTHER;
}

void beken_note(struct beken_evidence *evidence, enum beken_sign sign)
{
	evidence->attempts++;
	evidence->of[sign]++;
}

bool beken_hopeless(const struct beken_evidence *evidence)
{
	const uint32_t n = evidence->attempts;

	return n >= HOPELESS &&
	       (evidence->of[SIGN_HELD_LOW] == n || evidence->of[SIGN_BRIDGED] == n);
}

static bool mostly(const struct beken_evidence *evidence, enum beken_sign sign)
{
	return (uint64_t)evidence->of[sign] * 100 >= (uint64_t)evidence->attempts * MOST_PERCENT;
}

/*
 * An ID, if only once in a hundred attempts, says more than the usual silence in between; so does
 * an echo. A fault of the wires shows nearly always.
 */
static enum beken_sign conclude(const struct beken_evidence *evidence)
{
	static const enum beken_sign faults[] = { SIGN_HELD_LOW, SIGN_BRIDGED };

	if (evidence->of[SIGN_UNSTABLE] > 0)
		return SIGN_UNSTABLE;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (mostly(evidence, faults[i]))
			return faults[i];
	if (evidence->of[SIGN_ECHO] > 0)
		return SIGN_ECHO;
	return mostly(evidence, SIGN_FLOATING) ? SIGN_FLOATING : SIGN_OTHER;
}

static const char *hex(const uint8_t *bytes, size_t len, char text[HEX_TEXT])
{
	for (size_t i = 0; i < len; i++)
		snprintf(text + 3 * i, 4, "%02X ", bytes[i]);
	text[3 * len - 1] = '\0';
	return text;
}

int beken_diagnose(const struct beken_evidence *evidence, const struct beken_entry *entry,
		   struct err *e)
{
	const struct diagnosis *d = &diagnoses[conclude(evidence)];
	char train[HEX_TEXT], id[HEX_TEXT];

	err_set(e, d->code,
		"%s: %u attempts in %.1f s; during the last train MISO showed %s, during 9Fh %s",
		d->what, entry->attempts, SECONDS(entry->ns),
		hex(entry->train_seen, sizeof entry->train_seen, train),
		hex(entry->id_seen, sizeof entry->id_seen, id));
	return err_hint(e, "%s", d->hint);
}
