/*
 * The wiring doctor: what MISO showed in one attempt is a sign; the signs of all attempts are
 * evidence; from the evidence comes a finding, in a word for programs and in words for a person at
 * the bench.
 */
#pragma once

#include "beken_spi.h"

enum beken_sign {
	SIGN_FLOATING, /* FF throughout: open, no power, or the chip runs its firmware */
	SIGN_HELD_LOW, /* 00 throughout */
	SIGN_BRIDGED,  /* each D2h comes back */
	SIGN_ECHO,     /* D2h at the start, perhaps late, then 00: the train was taken */
	SIGN_GARBLED,  /* D2h at the start, but then not what an echo is */
	SIGN_NOISE,    /* other bytes all the time */
	SIGN_UNSTABLE, /* a flash answers, and each time differently */
	SIGN_REFUSED,  /* something answers with an ID, but is no flash */
	SIGN_OTHER,
	SIGNS
};

/* What MISO shows over a while. */
enum beken_level { LEVEL_HIGH, LEVEL_LOW, LEVEL_MOVES /* between both, slowly */, LEVEL_NOISE };

struct beken_evidence {
	uint32_t attempts;
	uint32_t of[SIGNS];
	uint32_t too_fast_hz; /* a flash was proven, but not at this clock; 0 */

	/* From the examination after the attempts, if there was one. */
	bool examined;
	enum beken_level cen_low, cen_high;
	bool slow_echo;  /* a slow train was taken */
	bool power_echo; /* a train after power-up was */
};

/* Of an attempt in which nothing answered with an ID that was plausible and stayed. */
enum beken_sign beken_sign(const uint8_t *train, size_t len, const uint8_t id[4]);

/* True for a line that shows other bytes all the time: what looks like an ID there is none. */
bool beken_is_noise(const uint8_t *bytes, size_t len);

enum beken_level beken_level(const uint8_t *bytes, size_t len);

void beken_note(struct beken_evidence *evidence, enum beken_sign sign);

/*
 * True when every one of a good number of attempts showed the same fault of the wires: it will not
 * heal. A floating line is none: that is what a running firmware looks like too; and where the
 * controller pulls MISO low, so does a low one, for a while.
 */
bool beken_hopeless(const struct beken_evidence *evidence);

/* False when only an examination can tell more. */
bool beken_is_explained(const struct beken_evidence *evidence);

/*
 * Fills *e and entry->finding with what the evidence says, how long it took, and the bytes seen
 * last. Returns -1.
 */
int beken_diagnose(const struct beken_evidence *evidence, struct beken_entry *entry, struct err *e);
