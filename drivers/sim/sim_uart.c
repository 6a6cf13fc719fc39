#include "sim_uart.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "chance.h"

#define BITS_PER_BYTE 10u
#define TOLERANCE \
	33u /* rates that differ by more than one part in so many do not understand each other */
#define PACKET     62u /* what an FTDI hands over at once */
#define START_BAUD 115200u

/* One end of a wire that is a serial port of ours. */
struct end {
	struct serial base;
	struct sim_uart *uart;
	struct uart_loader_out *out;
	uint32_t baud;
	uint64_t in_free_ns;  /* when its input wire is free */
	uint64_t out_free_ns; /* and the one that it drives */
	bool speaks;          /* what it sends is heard: the loader's, not the log */
};

/* A byte on its way to the loader. */
struct flying {
	uint8_t byte;
	uint32_t baud;
	uint64_t at_ns;
};

struct sim_uart {
	pthread_mutex_t lock;
	/* all below guarded by lock */
	struct clock *clock;
	bool paced, gone;
	struct sim_uart_faults faults;
	uint64_t chance;
	struct uart_loader loader;
	struct end port, log;
	struct sim_narrator *narrator;
	char text[SIM_TEXT];
	uint64_t told; /* chip.changes when text was made */
	struct flying queue[SIM_UART_QUEUE];
	size_t head, len;
};

static struct end *from_serial(struct serial *serial)
{
	return (struct end *)serial;
}

static bool hit(struct sim_uart *u, double chance)
{
	return chance > 0 && chance_hit(&u->chance, (uint64_t)(chance * (double)CHANCE_ALWAYS));
}

static uint64_t byte_ns(const struct sim_uart *u, uint32_t baud)
{
	return u->paced && baud ? BITS_PER_BYTE * (uint64_t)CLOCK_S / baud : 0;
}

static bool is_far(uint32_t a, uint32_t b)
{
	const uint32_t off = a > b ? a - b : b - a;

	return off > b / TOLERANCE;
}

/* ---- time goes on; all called under the lock */

static void deliver(struct sim_uart *u, const struct flying *f)
{
	uint8_t byte = f->byte;

	if (hit(u, u->faults.drop))
		return;
	if (is_far(f->baud, u->loader.baud))
		byte = (uint8_t)chance_next(&u->chance);
	if (hit(u, u->faults.flip))
		byte ^= (uint8_t)(1u << chance_below(&u->chance, 8));
	uart_loader_hear(&u->loader, byte, f->at_ns);
	if (hit(u, u->faults.twice))
		uart_loader_hear(&u->loader, byte, f->at_ns);
}

static uint64_t next_ns(const struct sim_uart *u)
{
	const uint64_t timer_ns = uart_loader_next_ns(&u->loader);
	const uint64_t byte_at_ns = u->len > 0 ? u->queue[u->head].at_ns : UART_LOADER_NEVER;

	return timer_ns < byte_at_ns ? timer_ns : byte_at_ns;
}

static void pump(struct sim_uart *u, uint64_t now_ns)
{
	while (next_ns(u) <= now_ns) {
		const uint64_t at_ns = next_ns(u);

		if (u->len == 0 || u->queue[u->head].at_ns > at_ns) {
			uart_loader_run(&u->loader, at_ns);
			continue;
		}
		deliver(u, &u->queue[u->head]);
		u->head = (u->head + 1) % SIM_UART_QUEUE;
		u->len--;
	}
}

/* When the next byte for this end has come in whole. */
static bool next_arrival(const struct end *end, uint64_t *at_ns)
{
	const uint32_t rate = end->speaks ? end->uart->loader.baud : START_BAUD;
	uint64_t from_ns;
	uint8_t byte;

	if (!uart_loader_peek(end->out, &byte, &from_ns))
		return false;
	if (end->in_free_ns > from_ns)
		from_ns = end->in_free_ns;
	*at_ns = from_ns + byte_ns(end->uart, rate);
	return true;
}

/* Takes the byte off the wire: 0, 1 or 2 bytes come of it. */
static size_t arrive(struct end *end, uint8_t *buf, uint64_t at_ns)
{
	struct sim_uart *u = end->uart;
	const uint32_t rate = end->speaks ? u->loader.baud : START_BAUD;
	uint64_t ignored;

	(void)uart_loader_peek(end->out, buf, &ignored);
	uart_loader_pop(end->out);
	end->in_free_ns = at_ns;
	if (hit(u, u->faults.drop))
		return 0;
	if (is_far(end->baud, rate))
		buf[0] = (uint8_t)chance_next(&u->chance);
	if (hit(u, u->faults.flip))
		buf[0] ^= (uint8_t)(1u << chance_below(&u->chance, 8));
	buf[1] = buf[0];
	return hit(u, u->faults.twice) ? 2 : 1;
}

static size_t collect(struct end *end, uint8_t *buf, size_t max, uint64_t now_ns)
{
	uint64_t at_ns;
	size_t n = 0;

	if (end->uart->faults.piece && max > end->uart->faults.piece + 1)
		max = end->uart->faults.piece + 1;
	while (n + 2 <= max && next_arrival(end, &at_ns) && at_ns <= now_ns) {
		n += arrive(end, buf + n, at_ns);
		pump(end->uart, now_ns);
	}
	return n;
}

/*
 * In virtual time a read waits for a packet, where there will be one, instead of for its first
 * byte: the same bytes in fewer steps.
 */
static uint64_t packet_ns(const struct end *end, uint64_t first_ns)
{
	const uint32_t rate = end->speaks ? end->uart->loader.baud : START_BAUD;
	const uint32_t left = end->out->ready[end->out->first].left;
	const size_t piece = end->uart->faults.piece ? end->uart->faults.piece : PACKET;

	return first_ns + (left < piece ? left : piece) * byte_ns(end->uart, rate);
}

/* ---- the port */

static int fail_gone(struct err *e)
{
	return err_set(e, ERR_OFFLINE, "the simulated port is gone");
}

static int end_set_baud(struct serial *serial, uint32_t baud, struct err *e)
{
	struct end *end = from_serial(serial);
	LOCK(&end->uart->lock);

	if (end->uart->gone)
		return fail_gone(e);
	end->baud = baud;
	return 0;
}

static int end_write(struct serial *serial, const uint8_t *bytes, size_t len, struct err *e)
{
	struct end *end = from_serial(serial);
	struct sim_uart *u = end->uart;
	LOCK(&u->lock);
	const uint64_t now_ns = clock_now_ns(u->clock);

	if (u->gone)
		return fail_gone(e);
	if (!end->speaks)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (end->out_free_ns < now_ns)
			end->out_free_ns = now_ns;
		end->out_free_ns += byte_ns(u, end->baud);
		if (u->len == SIM_UART_QUEUE)
			pump(u, u->queue[u->head].at_ns);
		u->queue[(u->head + u->len++) % SIM_UART_QUEUE] =
			(struct flying){ bytes[i], end->baud, end->out_free_ns };
	}
	pump(u, now_ns);
	return 0;
}

/* When something may happen for this end; until_ns if nothing does before. */
static uint64_t sleep_until(const struct end *end, uint64_t now_ns, uint64_t until_ns)
{
	uint64_t at_ns = next_ns(end->uart), first_ns;

	if (next_arrival(end, &first_ns)) {
		const uint64_t whole_ns = packet_ns(end, first_ns);

		at_ns = at_ns < whole_ns ? at_ns : whole_ns;
	}
	at_ns = at_ns < until_ns ? at_ns : until_ns;
	return at_ns > now_ns ? at_ns : now_ns;
}

/* *until_ns: of the next look. */
static int look(struct end *end, uint8_t *buf, size_t max, size_t *got, uint64_t *until_ns,
		struct err *e)
{
	LOCK(&end->uart->lock);
	const uint64_t now_ns = clock_now_ns(end->uart->clock);

	if (end->uart->gone)
		return fail_gone(e);
	pump(end->uart, now_ns);
	*got = collect(end, buf, max, now_ns);
	*until_ns = sleep_until(end, now_ns, *until_ns);
	return 0;
}

static int end_read(struct serial *serial, uint8_t *buf, size_t max, unsigned timeout_ms,
		    size_t *got, struct err *e)
{
	struct end *end = from_serial(serial);
	struct clock *clock = end->uart->clock;
	const uint64_t end_ns = clock_now_ns(clock) + timeout_ms * (uint64_t)CLOCK_MS;
	uint64_t until_ns;

	for (;;) {
		until_ns = end_ns;
		if (look(end, buf, max, got, &until_ns, e) < 0)
			return -1;
		if (*got > 0 || clock_now_ns(clock) >= end_ns)
			return 0;
		clock_sleep_until_ns(clock, until_ns);
	}
}

static int end_drain(struct serial *serial, struct err *e)
{
	struct end *end = from_serial(serial);
	uint64_t free_ns;

	(void)e;
	{
		LOCK(&end->uart->lock);
		free_ns = end->out_free_ns;
	}
	clock_sleep_until_ns(end->uart->clock, free_ns);
	return 0;
}

static int end_flush(struct serial *serial, struct err *e)
{
	struct end *end = from_serial(serial);
	uint8_t pair[64];
	LOCK(&end->uart->lock);

	(void)e;
	pump(end->uart, clock_now_ns(end->uart->clock));
	while (collect(end, pair, sizeof pair, clock_now_ns(end->uart->clock)) > 0)
		;
	return 0;
}

static void end_close(struct serial *serial)
{
	(void)serial; /* lives with its uart */
}

static const struct serial_ops end_ops = { .name = "sim",
					   .set_baud = end_set_baud,
					   .write = end_write,
					   .read = end_read,
					   .drain = end_drain,
					   .flush = end_flush,
					   .close = end_close };

/* ---- outside */

void sim_uart_power(struct sim_uart *u, bool on)
{
	LOCK(&u->lock);
	const uint64_t now_ns = clock_now_ns(u->clock);

	pump(u, now_ns);
	if (!on)
		u->head = u->len = 0; /* what was on its way arrives at nothing */
	uart_loader_power(&u->loader, on, now_ns);
}

struct content {
	struct sim_content base;
	const struct chip *chip;
};

static void content_read(const struct sim_content *content, uint32_t addr, uint8_t *buf, size_t len)
{
	chip_peek(((const struct content *)content)->chip, addr, buf, len);
}

/* Called by the loader, under the lock. */
static const char *says(void *arg)
{
	struct sim_uart *u = arg;
	const struct chip *chip = u->loader.chip;
	const struct content content = { .base = { .read = content_read, .size = chip->part.size },
					 .chip = chip };

	if (u->told != chip->changes)
		u->narrator->tell(u->narrator, &content.base, u->text);
	u->told = chip->changes;
	return u->text;
}

void sim_uart_hold(struct sim_uart *u)
{
	pthread_mutex_lock(&u->lock);
}

void sim_uart_let_go(struct sim_uart *u)
{
	pthread_mutex_unlock(&u->lock);
}

void sim_uart_set_faults(struct sim_uart *u, const struct sim_uart_faults *faults)
{
	LOCK(&u->lock);

	u->faults = *faults;
}

void sim_uart_gone(struct sim_uart *u, bool gone)
{
	LOCK(&u->lock);

	u->gone = gone;
}

struct uart_loader *sim_uart_loader(struct sim_uart *u)
{
	return &u->loader;
}

struct serial *sim_uart_port(struct sim_uart *u)
{
	return &u->port.base;
}

struct serial *sim_uart_log(struct sim_uart *u)
{
	return &u->log.base;
}

static struct end make_end(struct sim_uart *u, struct uart_loader_out *out, bool speaks)
{
	return (struct end){
		.base.ops = &end_ops, .uart = u, .out = out, .baud = START_BAUD, .speaks = speaks
	};
}

/* Nothing takes time, and threads that carry bytes may be late: the loader listens for longer. */
static void make_instant(struct uart_loader_params *params)
{
	params->instant = true;
	params->early_exit_us *= 15;
	params->late_exit_us *= 3;
	params->idle_us *= 3;
}

struct sim_uart *sim_uart_new(const struct sim_uart_config *config, struct chip *chip,
			      struct err *e)
{
	struct sim_uart *u = calloc(1, sizeof *u);
	struct uart_loader_params params = config->loader;

	if (!u || pthread_mutex_init(&u->lock, NULL) != 0) {
		free(u);
		err_set(e, ERR_MEMORY, "no memory for a simulated UART");
		return NULL;
	}
	u->clock = config->clock;
	u->paced = config->paced;
	u->faults = config->faults;
	u->chance = chance_fork(config->seed, 1);
	if (!config->paced)
		make_instant(&params);
	uart_loader_init(&u->loader, &params, chip, chance_fork(config->seed, 2));
	u->port = make_end(u, &u->loader.out, true);
	u->log = make_end(u, &u->loader.log, false);
	u->told = chip->changes - 1;
	u->narrator = config->narrator;
	u->loader.says = config->narrator ? says : NULL;
	u->loader.says_arg = u;
	return u;
}

void sim_uart_free(struct sim_uart *u)
{
	if (!u)
		return;
	pthread_mutex_destroy(&u->lock);
	free(u);
}
