/*
 * What may be wrong with the wires between a controller and a board: what the board then hears of
 * a transfer, and what the controller sees of the answer.
 */
#pragma once

#include "chip.h"

enum wires_fault {
	WIRES_GOOD,
	WIRES_MISO_OPEN,  /* floats high: FF */
	WIRES_MISO_NOISE, /* floats, and picks up anything */
	WIRES_MISO_LOW,   /* shorted to ground: 00 */
	WIRES_BRIDGED,    /* MOSI and MISO touch: the controller sees what it sends */
	WIRES_SWAPPED,    /* MOSI and MISO exchanged: nobody hears anybody */
	WIRES_MOSI_OPEN   /* the board hears zeros */
};

struct wires {
	enum wires_fault fault;
	uint64_t chance;
};

/* The piece as the board hears it. Its rx is the controller's: wires_spoil() comes after. */
struct chip_piece wires_heard(const struct wires *wires, const struct chip_piece *piece);

/* Makes of the answer in piece->rx what the controller sees. */
void wires_spoil(struct wires *wires, const struct chip_piece *piece);

/* Flips bits as a clock of hz does in a part that can max_hz (0: any): none up to there, one byte in
 * two from half as much again on. */
uint8_t wires_too_fast(uint64_t *chance, uint32_t hz, uint32_t max_hz, uint8_t byte);
