#include "sim_wire.h"

uint64_t sim_wire_now_ns(const struct sim_wire *wire)
{
	const uint64_t now_ns = clock_now_ns(wire->clock);

	return now_ns > wire->ahead_ns ? now_ns : wire->ahead_ns;
}

void sim_wire_select(struct sim_wire *wire, uint64_t now_ns)
{
	if (wire->bare)
		chip_select(&wire->chip, now_ns);
	else
		bk72xx_select(&wire->bk, now_ns);
}

void sim_wire_xfer(struct sim_wire *wire, const struct chip_piece *piece)
{
	if (wire->bare)
		chip_xfer(&wire->chip, piece);
	else
		bk72xx_xfer(&wire->bk, piece);
}

void sim_wire_deselect(struct sim_wire *wire, uint64_t now_ns)
{
	if (wire->bare)
		chip_deselect(&wire->chip, now_ns);
	else
		bk72xx_deselect(&wire->bk, now_ns);
}
