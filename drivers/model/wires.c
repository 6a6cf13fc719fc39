#include "wires.h"

#include "chance.h"

#define PARTS 1024u /* in these, excess over the highest clock is counted */

struct chip_piece wires_heard(const struct wires *wires, const struct chip_piece *piece)
{
	struct chip_piece heard = *piece;

	if (wires->fault == WIRES_MOSI_OPEN || wires->fault == WIRES_SWAPPED)
		heard.tx = NULL;
	return heard;
}

static void noise(struct wires *wires, uint8_t *rx, size_t len)
{
	for (size_t i = 0; i < len; i++)
		rx[i] = (uint8_t)(chance_next(&wires->chance) >> 56);
}

static void mirror(const struct chip_piece *piece)
{
	for (size_t i = 0; i < piece->len; i++)
		piece->rx[i] = piece->tx ? piece->tx[i] : 0;
}

void wires_spoil(struct wires *wires, const struct chip_piece *piece)
{
	if (!piece->rx)
		return;
	switch (wires->fault) {
	case WIRES_GOOD:
	case WIRES_MOSI_OPEN: return;
	case WIRES_MISO_OPEN:
	case WIRES_SWAPPED: memset(piece->rx, 0xff, piece->len); return;
	case WIRES_MISO_NOISE: noise(wires, piece->rx, piece->len); return;
	case WIRES_MISO_LOW: memset(piece->rx, 0x00, piece->len); return;
	case WIRES_BRIDGED: mirror(piece); return;
	}
}

uint8_t wires_too_fast(uint64_t *chance, uint32_t hz, uint32_t max_hz, uint8_t byte)
{
	uint32_t excess;

	if (max_hz == 0 || hz <= max_hz)
		return byte;
	excess = (hz - max_hz) / (max_hz / PARTS + 1);
	if (excess > PARTS / 2)
		excess = PARTS / 2;
	if (!chance_hit(chance, excess * (CHANCE_ALWAYS / PARTS)))
		return byte;
	return byte ^ (uint8_t)(1u << chance_below(chance, 8));
}
