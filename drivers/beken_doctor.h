/*
 * The wiring doctor: what MISO showed in one attempt is a sign; the signs of all attempts are
 * evidence; from the evidence comes a diagnosis in words for a person at the bench.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "beken_spi.h"

enum beken_sign {
	SIGN_FLOATING, /* FF throughout: open, no power, or the chip runs its firmware */
	SIGN_HELD_LOW, /* 00 throughout */
	SIGN_BRIDGED,  /* each D2h comes back */
	SIGN_ECHO,     /* D2h at the start, perhaps late, then 00: the train was taken */
	SIGN_UNSTABLE, /* a plausible ID that changes from read to read */
	SIGN_OTHER,
	SIGNS
};

struct beken_evidence {
	uint32_t attempts;
	uint32_t of[SIGNS];
};

/*
 * Of an attempt without success: MISO during the train and during the last 9Fh; id_changes says
 * that a plausible ID came, and then another.
 */
enum beken_sign beken_sign(const uint8_t *train, size_t len, const uint8_t id[4], bool id_changes);

void beken_note(struct beken_evidence *evidence, enum beken_sign sign);

/* True when every one of a good number of attempts showed the same fault of the wires: it will
 * not heal. A floating line is none: that is what a running firmware looks like too. */
bool beken_hopeless(const struct beken_evidence *evidence);

/* Fills *e with what the evidence says, how long it took, and the bytes seen last. Returns -1. */
int beken_diagnose(const struct beken_evidence *evidence, const struct beken_entry *entry,
		   struct err *e);
