#include "sim_wire.h"

uint64_t sim_wire_now_ns(const struct sim_wire *wire)
{
	const uint64_t now_ns = clock_now_ns(wire->clock);

	return now_ns > wire->ahead_ns ? now_ns : wire->ahead_ns;
}

/* The UART loader starts when there is power and CEN is high. */
static void wake_uart(struct sim_wire *wire)
{
	const bool powered = wire->supply && !wire->no_power && !wire->absent;

	wire->uart_silent = false;
	if (wire->uart)
		sim_uart_power(wire->uart, powered && !wire->cen_low);
}

/* The chip that shows its flash runs nothing, until it is reset. */
static void silence_uart(struct sim_wire *wire)
{
	if (!wire->uart || wire->uart_silent || wire->bk.state != BK72XX_FLASH)
		return;
	sim_uart_power(wire->uart, false);
	wire->uart_silent = true;
}

/* The board has power when the line says so, the supply is connected, and it is in its socket. */
static void supply(struct sim_wire *wire)
{
	const bool comes = wire->supply && !wire->no_power && !wire->absent;

	wake_uart(wire);
	if (!wire->bare) {
		bk72xx_power(&wire->bk, comes, sim_wire_now_ns(wire));
		return;
	}
	if (comes && wire->off)
		chip_power_up(&wire->chip);
	if (!comes)
		chip_abandon(&wire->chip);
	wire->off = !comes;
}

/* Another board is never there without a moment of none. */
void sim_wire_look(struct sim_wire *wire)
{
	if (!sim_socket_has_news(&wire->socket))
		return;
	wire->absent = true;
	supply(wire);
	if (wire->uart)
		sim_uart_hold(wire->uart);
	wire->absent = sim_socket_look(&wire->socket, &wire->chip);
	if (wire->uart)
		sim_uart_let_go(wire->uart);
	supply(wire);
}

void sim_wire_cen(struct sim_wire *wire, bool high)
{
	sim_wire_look(wire);
	if (wire->cen_open)
		return;
	bk72xx_cen(&wire->bk, high, sim_wire_now_ns(wire));
	wire->cen_low = !high;
	wake_uart(wire);
}

void sim_wire_power(struct sim_wire *wire, bool on)
{
	sim_wire_look(wire);
	wire->supply = on;
	supply(wire);
}

void sim_wire_select(struct sim_wire *wire, uint64_t now_ns)
{
	sim_wire_look(wire);
	if (!wire->bare)
		bk72xx_select(&wire->bk, now_ns);
	else if (!wire->off)
		chip_select(&wire->chip, now_ns);
}

void sim_wire_xfer(struct sim_wire *wire, const struct chip_piece *piece)
{
	const struct chip_piece heard = wires_heard(&wire->wires, piece);

	if (wire->bare)
		chip_xfer(&wire->chip, &heard);
	else
		bk72xx_xfer(&wire->bk, &heard);
	wires_spoil(&wire->wires, piece);
}

void sim_wire_deselect(struct sim_wire *wire, uint64_t now_ns)
{
	if (wire->bare)
		chip_deselect(&wire->chip, now_ns); /* of one that is off: nothing */
	else
		bk72xx_deselect(&wire->bk, now_ns);
	silence_uart(wire);
}
