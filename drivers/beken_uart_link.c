/* Getting hold of the loader, changing the rate, and finding a loader again that was lost. */
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "beken_uart_impl.h"

#define START_BAUD 115200u

/*
 * The loader starts the application some 10 ms after a reset if no byte has come by then, and some
 * 800 ms after it if no link check has. So link checks flow before the reset ends, and for longer
 * than both.
 */
#define CEN_LOW_NS     (100 * (uint64_t)CLOCK_MS)
#define POWER_OFF_NS   (300 * (uint64_t)CLOCK_MS)
#define PROBE_MS       3u
#define ROUND_PROBES   320u
#define EARLY_PROBES   4
#define CALL_ROUND     2 /* in which a person is called; the one before asks the firmware */
#define QUIET_MS       20u
#define CHECK_MS       150u
#define REPLY_MS       800u                       /* a reply to SetBaud may be that late */
#define DELAY          20                         /* of SetBaud: 2 ms ticks, or ms */
#define FIRST_PROBE_NS (120 * (uint64_t)CLOCK_MS) /* a lost echo must not let it go idle */
#define NEXT_PROBE_NS  (60 * (uint64_t)CLOCK_MS)
#define TROUBLE        4 /* recoveries at one rate before it is lowered */

static const uint32_t rates[] = { 3000000, 2000000, 1500000, 921600, 460800, 230400, 115200 };

static bool can_reset(const struct board *board)
{
	return board->cen || board->power;
}

static int set_baud(struct beken_uart *u, uint32_t baud, struct err *e)
{
	if (serial_set_baud(u->work->serial, baud, e) < 0)
		return -1;
	u->baud = baud;
	return 0;
}

static int send_probe(struct beken_uart *u, struct err *e)
{
	const size_t len = beken_short_command(u->work->tx, BEKEN_LINK_CHECK, NULL, 0);

	u->counts.probes++;
	return uart_send(u, u->work->tx, len, e);
}

/* An answer among what has come in. */
static bool heard_link(struct beken_uart *u)
{
	struct beken_frame f;

	while (beken_parser_next(&u->work->parser, &f))
		if (!f.is_long && f.op == BEKEN_LINKED && f.len >= 1 && f.payload[0] == 0)
			return true;
	return false;
}

/* The head of a frame that was none must not hide an answer. */
static bool heard_behind(struct beken_uart *u)
{
	return u->work->parser.len > 64 && beken_parser_give_up(&u->work->parser) && heard_link(u);
}

/* Link checks are what counts until the first link; later ones are inside of another step. */
static int show_probes(struct beken_uart *u, struct err *e)
{
	if (u->counts.relinks > 0)
		return uart_check(u, e);
	return progress_report(u->work->progress, u->counts.probes, 0, e);
}

static int probe_round(struct beken_uart *u, bool *linked, struct err *e)
{
	for (unsigned i = 0; i < ROUND_PROBES && !*linked; i++) {
		bool came;

		if (send_probe(u, e) < 0 || uart_listen(u, PROBE_MS, &came, e) < 0)
			return -1;
		*linked = heard_link(u) || heard_behind(u);
		if (i % 16 == 0 && show_probes(u, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- resets */

static int hold(struct beken_uart *u, bool low, struct err *e)
{
	struct board *board = u->work->setup.board;

	if (board->cen)
		return low ? line_set(board->cen, false, e) : line_rest(board->cen, e);
	return line_set(board->power, !low, e);
}

/* Link checks are on their way when the chip wakes up. */
static int reset_by_line(struct beken_uart *u, struct err *e)
{
	struct board *board = u->work->setup.board;

	if (hold(u, true, e) < 0)
		return err_prefix(e, "%s low: ", board->cen ? "CEN" : "power");
	clock_sleep_ns(board->clock, board->cen ? CEN_LOW_NS : POWER_OFF_NS);
	if (uart_drain(u, 1, e) < 0)
		return -1;
	for (int i = 0; i < EARLY_PROBES; i++)
		if (send_probe(u, e) < 0)
			return -1;
	if (hold(u, false, e) < 0)
		return err_prefix(e, "%s high: ", board->cen ? "CEN" : "power");
	return 0;
}

static void call(struct beken_uart *u, const char *text)
{
	struct beken_uart_teller *teller = u->work->setup.teller;

	u->work->asked = text != NULL;
	if (teller)
		teller->call(teller, text);
}

static void call_for_reset(struct beken_uart *u)
{
	if (u->work->asked)
		return;
	uart_tell(u, "the firmware does not reboot: waiting for a reset by hand");
	call(u, "Reset the board now: CEN to ground for a moment, or its power off and on.");
}

/* OpenBeken takes the text, Beken's own firmware the frame; others ignore both. */
static int reset_by_asking(struct beken_uart *u, struct err *e)
{
	static const char text[] = "reboot\r\n";
	static const uint8_t frame[] = { 0x01, 0xe0, 0xfc, 0x05, 0xfe, 0x95, 0x27, 0x95, 0x27 };

	if (!u->work->asked)
		uart_tell(u, "no CEN and no power line: asking the firmware to reboot");
	if (uart_send(u, (const uint8_t *)text, sizeof text - 1, e) < 0)
		return -1;
	return uart_send(u, frame, sizeof frame, e);
}

/* The person is called where nothing else has helped: a round takes about a second. */
static int reset(struct beken_uart *u, unsigned round, struct err *e)
{
	if (can_reset(u->work->setup.board))
		return reset_by_line(u, e);
	if (round >= CALL_ROUND)
		call_for_reset(u);
	return round % 5 == 1 ? reset_by_asking(u, e) : 0;
}

static int fail_no_loader(struct beken_uart *u, unsigned rounds, uint64_t heard, struct err *e)
{
	err_set(e, ERR_NO_CHIP,
		"no loader answered %llu link checks in %u rounds at 115200 baud; %llu bytes of "
		"something else came",
		(unsigned long long)u->counts.probes, rounds, (unsigned long long)heard);
	if (heard > 0)
		return err_hint(e, "The line lives, but no loader does: is CEN (or power) really "
				   "connected, and is this UART1 (P10 RX, P11 TX)? A lost "
				   "bootloader is restored by SPI: \"transport\": \"spi\".");
	return err_hint(e, "Check RX and TX (crossed), ground and supply, that nothing else drives "
			   "P10 and P11, and that the board is reset. A bootloader that is lost "
			   "never answers: use SPI (\"transport\": \"spi\").");
}

static uint64_t link_timeout_ms(const struct beken_uart *u)
{
	if (u->work->setup.link_timeout_ms)
		return u->work->setup.link_timeout_ms;
	return can_reset(u->work->setup.board) ? 10000 : 60000;
}

int uart_link_at_115200(struct beken_uart *u, struct err *e)
{
	const uint64_t until_ns =
		clock_now_ns(u->work->clock) + link_timeout_ms(u) * (uint64_t)CLOCK_MS;
	const uint64_t heard = u->counts.received;
	bool linked = false;
	unsigned round = 0;

	u->counts.probes = 0;
	u->work->in_write = false;
	if (set_baud(u, START_BAUD, e) < 0)
		return -1;
	beken_parser_clear(&u->work->parser);
	do {
		if (show_probes(u, e) < 0)
			return -1;
		/* Perhaps it waits already: a person had the board ready, or an earlier job left it. */
		if ((round > 0 || can_reset(u->work->setup.board)) && reset(u, round, e) < 0)
			return -1;
		round++;
		if (probe_round(u, &linked, e) < 0)
			return -1;
	} while (!linked && clock_now_ns(u->work->clock) < until_ns);
	if (!linked)
		return fail_no_loader(u, round, u->counts.received - heard, e);
	if (u->work->asked)
		call(u, NULL);
	return uart_drain(u, QUIET_MS, e);
}

/* ---- rates */

static int is_there(struct beken_uart *u, bool *there, struct err *e)
{
	*there = false;
	for (int i = 0; i < 3 && !*there; i++)
		if (uart_is_there(u, CHECK_MS, there, e) < 0)
			return -1;
	return 0;
}

/* The echo, or an answer to a link check: both can only come at the new rate. */
static bool heard_rate(struct beken_uart *u, const uint8_t payload[5])
{
	struct beken_frame f;

	while (beken_parser_next(&u->work->parser, &f)) {
		if (!f.is_long && f.op == BEKEN_SET_BAUD && f.len >= 5 &&
		    !memcmp(f.payload, payload, 5))
			return true;
		if (!f.is_long && f.op == BEKEN_LINKED && f.len >= 1 && f.payload[0] == 0)
			return true;
	}
	return false;
}

/* *there: the chip is at this rate now. Errors are of the port alone. */
static int try_rate(struct beken_uart *u, uint32_t baud, bool *there, struct err *e)
{
	uint8_t payload[5] = { [4] = DELAY };
	const size_t len = (beken_put32(payload, baud),
			    beken_short_command(u->work->tx, BEKEN_SET_BAUD, payload, 5));
	const uint64_t start_ns = clock_now_ns(u->work->clock);
	uint64_t probe_ns = start_ns + FIRST_PROBE_NS;
	bool came, heard = false;

	if (uart_send(u, u->work->tx, len, e) < 0 || serial_drain(u->work->serial, e) < 0)
		return -1;
	clock_sleep_ns(u->work->clock, DELAY / 2 * (uint64_t)CLOCK_MS);
	if (set_baud(u, baud, e) < 0)
		return -1;
	beken_parser_clear(&u->work->parser);
	while (!heard && clock_now_ns(u->work->clock) - start_ns < REPLY_MS * (uint64_t)CLOCK_MS) {
		if (uart_listen(u, 20, &came, e) < 0)
			return -1;
		heard = heard_rate(u, payload);
		if (heard || clock_now_ns(u->work->clock) < probe_ns)
			continue;
		probe_ns += NEXT_PROBE_NS;
		if (send_probe(u, e) < 0)
			return -1;
	}
	return is_there(u, there, e);
}

static uint32_t next_lower(uint32_t baud)
{
	for (size_t i = 0; i < ARRAY_LEN(rates); i++)
		if (rates[i] < baud)
			return rates[i];
	return START_BAUD;
}

/* The chip is at 115200, or it is brought there. */
static int back_to_start(struct beken_uart *u, struct err *e)
{
	bool there = false;

	if (set_baud(u, START_BAUD, e) < 0 || is_there(u, &there, e) < 0)
		return -1;
	return there ? 0 : uart_link_at_115200(u, e);
}

int uart_go_to_rate(struct beken_uart *u, struct err *e)
{
	u->work->trouble = 0;
	while (u->work->wanted != u->baud) {
		const uint32_t wanted = u->work->wanted;
		bool there = false;

		if (try_rate(u, wanted, &there, e) < 0 && e->code != ERR_BAD_INPUT)
			return -1;
		if (there)
			return 0;
		u->work->wanted = next_lower(wanted);
		uart_tell(u, "%u baud does not work, trying %u", wanted, u->work->wanted);
		if (back_to_start(u, e) < 0)
			return -1;
	}
	return 0;
}

static int link_and_rate(struct beken_uart *u, struct err *e)
{
	return uart_link_at_115200(u, e) < 0 ? -1 : uart_go_to_rate(u, e);
}

int beken_uart_link(struct beken_uart *u, struct progress *progress, struct err *e)
{
	u->work->progress = progress;
	return link_and_rate(u, e);
}

/* ---- after trouble */

/* A loader in the middle of a Write4K takes everything for data: FF harms nothing. */
static int fill_up(struct beken_uart *u, struct err *e)
{
	uint8_t filler[4101];

	memset(filler, 0xff, sizeof filler);
	if (uart_send(u, filler, sizeof filler, e) < 0 || serial_drain(u->work->serial, e) < 0)
		return -1;
	return uart_drain(u, QUIET_MS, e);
}

int uart_restart(struct beken_uart *u, struct err *e)
{
	u->counts.relinks++;
	if (!can_reset(u->work->setup.board) && beken_uart_reboot(u, e) < 0)
		return -1;
	return link_and_rate(u, e);
}

static bool lower_rate(struct beken_uart *u)
{
	if (u->work->trouble < TROUBLE || u->work->wanted <= START_BAUD)
		return false;
	uart_tell(u, "%u baud lost too much, going on with %u", u->work->wanted,
		  next_lower(u->work->wanted));
	u->work->wanted = next_lower(u->work->wanted);
	return true;
}

int uart_recover(struct beken_uart *u, struct err *e)
{
	const uint32_t rate = u->baud;
	bool there = false;

	u->work->trouble++;
	if (uart_drain(u, QUIET_MS, e) < 0 || is_there(u, &there, e) < 0)
		return -1;
	if (!there && u->work->in_write) {
		if (fill_up(u, e) < 0 || is_there(u, &there, e) < 0)
			return -1;
	}
	u->work->in_write = false;
	if (there)
		return lower_rate(u) ? uart_go_to_rate(u, e) : 0;
	if (rate != START_BAUD) {
		if (set_baud(u, START_BAUD, e) < 0 || is_there(u, &there, e) < 0)
			return -1;
		if (there)
			return uart_go_to_rate(u, e);
	}
	uart_tell(u, "the loader does not answer any more: linking again");
	return uart_restart(u, e);
}
