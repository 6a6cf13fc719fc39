#include "uart_loader.h"

#include "chance.h"
#include "chip_protect.h"
#include "chip_write.h"

#define START_BAUD 115200u
#define US         ((uint64_t)1000)
#define MS         (1000 * US)
#define PAGE       256u
#define SECTOR     4096u
#define ROM_GAP    (60 * MS) /* a boot ROM's patience with a command that does not go on */
#define LATE_BAUD  600       /* ms */

enum status { DONE, BUSY, SHORT = 5, REFUSED = 6, UNKNOWN = 7 };

struct uart_loader_params uart_loader_defaults(enum uart_loader_family family)
{
	const bool rom = family == UART_LOADER_ROM;

	return (struct uart_loader_params){ .family = family,
					    .chip_id = 0x7231c,
					    .hidden = rom ? 0 : 0x10000,
					    .hidden_write = rom ? 0 : 0x20e0,
					    .early_exit_us = 20000,
					    .late_exit_us = 802000,
					    .idle_us = rom ? 0 : 400000,
					    .crc_rate = 1000000 };
}

/* ---- going out */

static void put(struct uart_loader_out *out, const uint8_t *bytes, uint32_t len, uint64_t at_ns)
{
	uint32_t i = (out->first + out->pieces) % UART_LOADER_READY;

	if (len > UART_LOADER_OUT - out->len || out->pieces == UART_LOADER_READY)
		return; /* nobody listens */
	out->ready[i].left = len;
	out->ready[i].at_ns = at_ns;
	out->pieces++;
	for (i = 0; i < len; i++)
		out->bytes[(out->head + out->len++) % UART_LOADER_OUT] = bytes[i];
}

bool uart_loader_peek(const struct uart_loader_out *out, uint8_t *byte, uint64_t *at_ns)
{
	if (out->len == 0)
		return false;
	*byte = out->bytes[out->head];
	*at_ns = out->ready[out->first].at_ns;
	return true;
}

void uart_loader_pop(struct uart_loader_out *out)
{
	out->head = (out->head + 1) % UART_LOADER_OUT;
	out->len--;
	if (--out->ready[out->first].left > 0)
		return;
	out->first = (out->first + 1) % UART_LOADER_READY;
	out->pieces--;
}

static void silence(struct uart_loader_out *out)
{
	out->head = out->len = out->first = out->pieces = 0;
}

/* When an answer may begin. */
static uint64_t answer_ns(struct uart_loader *l, uint64_t now_ns)
{
	uint64_t at_ns = now_ns > l->busy_ns ? now_ns : l->busy_ns;

	if (l->params.late_every && ++l->answers % l->params.late_every == 0)
		at_ns += l->params.late_us * US;
	return at_ns;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void reply_short(struct uart_loader *l, uint8_t op, const uint8_t *payload, uint32_t len,
			uint64_t at_ns)
{
	uint8_t frame[40] = { 0x04, 0x0e, (uint8_t)(4 + len), 0x01, 0xe0, 0xfc, op };

	memcpy(frame + 7, payload, len);
	put(&l->out, frame, 7 + len, at_ns);
}

/* sent: bytes that go out, len: what the frame says. */
static void reply_long(struct uart_loader *l, uint8_t op, uint8_t status, uint32_t len,
		       uint64_t at_ns)
{
	const uint8_t head[] = { 0x04,
				 0x0e,
				 0xff,
				 0x01,
				 0xe0,
				 0xfc,
				 0xf4,
				 (uint8_t)(len + 2),
				 (uint8_t)((len + 2) >> 8),
				 op,
				 status };

	put(&l->out, head, sizeof head, at_ns);
}

/* ---- flash */

static const uint32_t nibble[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
				     0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
				     0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
				     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };

static uint32_t crc_add(uint32_t crc, const uint8_t *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		crc = crc >> 4 ^ nibble[(crc ^ bytes[i]) & 15];
		crc = crc >> 4 ^ nibble[(crc ^ bytes[i] >> 4) & 15];
	}
	return crc;
}

/* The flash looks at as many address bits as it needs. */
static uint32_t inside(const struct uart_loader *l, uint32_t addr)
{
	return addr & (l->chip->part.size - 1);
}

static bool writable(const struct uart_loader *l, uint32_t addr, uint32_t len)
{
	if (l->params.family == UART_LOADER_IN_FLASH)
		return l->unlocked && !(l->params.keeps_inside && addr >= l->chip->part.size);
	return !chip_is_protected(l->chip, inside(l, addr), len);
}

static void erase(struct uart_loader *l, uint32_t addr, uint32_t size, uint64_t now_ns)
{
	uint8_t page[PAGE];

	addr = addr & ~(size - 1);
	if (!l->params.instant)
		l->busy_ns = now_ns + chip_erase_ns(&l->chip->part.timing, size);
	if (!writable(l, addr, size))
		return;
	memset(page, 0xff, sizeof page);
	for (uint32_t at = 0; at < size; at += PAGE)
		chip_poke(l->chip, inside(l, addr + at), page, PAGE);
	l->chip->changes++;
}

static void program(struct uart_loader *l, uint32_t addr, const uint8_t *bytes)
{
	uint8_t page[PAGE];

	if (!writable(l, addr, PAGE))
		return;
	chip_peek(l->chip, inside(l, addr), page, PAGE);
	for (uint32_t i = 0; i < PAGE; i++)
		page[i] &= bytes[i];
	chip_poke(l->chip, inside(l, addr), page, PAGE);
	l->chip->changes++;
}

/* ---- short commands */

static void link(struct uart_loader *l, uint64_t now_ns)
{
	static const uint8_t ok = 0;

	l->counters.links += l->state != UART_LOADER_LINKED;
	l->links_left = l->state != UART_LOADER_LINKED ? l->params.stale_links : 0;
	l->state = UART_LOADER_LINKED;
	l->may_unlock = true;
	reply_short(l, 0x01, &ok, 1, answer_ns(l, now_ns));
	for (; l->links_left > 0; l->links_left--)
		reply_short(l, 0x01, &ok, 1, now_ns + 15 * MS);
}

/* Nearest divisor of 26 MHz; what the host calls it is close enough. */
static void set_baud(struct uart_loader *l, const uint8_t *payload, uint64_t now_ns)
{
	const uint32_t baud = get32(payload);
	uint64_t at_ns = now_ns + (payload[4] + 1u) * 2 * MS;

	if (l->params.baud == UART_BAUD_IGNORED || baud == 0 ||
	    (l->params.baud_max && baud > l->params.baud_max))
		return;
	if (l->params.baud == UART_BAUD_LATE)
		at_ns = now_ns + (l->params.baud_late_ms ? l->params.baud_late_ms : LATE_BAUD) * MS;
	if (l->params.baud == UART_BAUD_OLD_RATE) {
		l->next_baud = baud;
		l->next_baud_ns = now_ns + 5 * MS;
		reply_short(l, 0x0f, payload, 5, now_ns);
		return;
	}
	l->baud = baud;
	if (l->params.baud != UART_BAUD_REPLY_LOST)
		reply_short(l, 0x0f, payload, 5, at_ns);
}

static void check_crc(struct uart_loader *l, const uint8_t *payload, uint64_t now_ns)
{
	const uint32_t start = get32(payload), end = get32(payload + 4);
	uint32_t len = end - start + 1, crc = 0xffffffffu;
	uint8_t bytes[PAGE], answer[4];

	if (l->params.family == UART_LOADER_IN_FLASH)
		len = len / PAGE % 0x10000 * PAGE;
	l->counters.sums++;
	if (!l->params.instant)
		l->busy_ns = now_ns + (uint64_t)len * 1000 * MS / l->params.crc_rate;
	/* What a spoilt end asks for would take an hour, and nobody waits for it. */
	if (len > 2 * l->chip->part.size)
		len = 0;
	for (uint32_t at = 0, n; at < len; at += n) {
		n = len - at < PAGE ? len - at : PAGE;
		for (uint32_t i = 0, part; i < n; i += part) {
			const uint32_t from = inside(l, start + at + i);

			part = l->chip->part.size - from < n - i ? l->chip->part.size - from
								 : n - i;
			chip_peek(l->chip, from, bytes + i, part);
		}
		crc = crc_add(crc, bytes, n);
	}
	if (l->params.crc_wrong > 0 || l->params.crc_always_wrong)
		crc ^= (uint32_t)chance_next(&l->chance) | 1;
	l->params.crc_wrong -= l->params.crc_wrong > 0;
	l->unlocked = false;
	l->stuck |= l->params.sums_protect;
	put32(answer, crc);
	reply_short(l, 0x10, answer, 4, answer_ns(l, now_ns));
}

static void read_register(struct uart_loader *l, const uint8_t *payload, uint64_t now_ns)
{
	uint8_t answer[8];

	memcpy(answer, payload, 4);
	put32(answer + 4, get32(payload) == 0x00800000 ? l->params.chip_id : 0);
	reply_short(l, 0x03, answer, 8, answer_ns(l, now_ns));
}

static void version(struct uart_loader *l, uint64_t now_ns)
{
	uint8_t text[16] = { 0 };

	for (uint32_t i = 0; i < sizeof text && l->params.version[i]; i++)
		text[i] = (uint8_t)l->params.version[i];
	reply_short(l, 0x11, text, sizeof text, answer_ns(l, now_ns));
}

static void start(struct uart_loader *l, uint64_t now_ns);

static void do_short(struct uart_loader *l, uint8_t op, const uint8_t *payload, uint32_t len,
		     uint64_t now_ns)
{
	const bool rom = l->params.family == UART_LOADER_ROM;
	static const uint8_t unknown = UNKNOWN;

	if (op == 0x00 && len == 0)
		link(l, now_ns);
	else if (l->state != UART_LOADER_LINKED)
		return;
	else if (op == 0x0e && len == 1 && payload[0] == 0xa5)
		start(l, now_ns);
	else if (op == 0x0f && len == 5)
		set_baud(l, payload, now_ns);
	else if (op == 0x10 && len == 8 && l->params.sums_lost > 0)
		l->params.sums_lost--;
	else if (op == 0x10 && len == 8 && !l->params.no_sums)
		check_crc(l, payload, now_ns);
	else if (op == 0x03 && len == 4 && rom)
		read_register(l, payload, now_ns);
	else if (op == 0x11 && len == 0 && l->params.version)
		version(l, now_ns);
	else if (rom)
		reply_short(l, op, &unknown, 1, answer_ns(l, now_ns));
}

/* ---- long commands */

/* An answer of status and echo alone. */
static void answer(struct uart_loader *l, uint8_t op, uint8_t status, const uint8_t *echo,
		   uint32_t len, uint64_t now_ns)
{
	const uint64_t at_ns = answer_ns(l, now_ns);

	reply_long(l, op, status, len, at_ns);
	put(&l->out, echo, len, at_ns);
}

static void refuse(struct uart_loader *l, uint8_t op, const uint8_t *addr, uint64_t now_ns)
{
	const uint8_t echo[5] = { addr[0], addr[1], addr[2], addr[3], 0 };

	answer(l, op, REFUSED, echo, sizeof echo, now_ns);
}

static void read_sector(struct uart_loader *l, const uint8_t *payload, uint64_t now_ns)
{
	const uint32_t addr = get32(payload);
	const uint64_t at_ns = answer_ns(l, now_ns);
	uint8_t page[PAGE];

	if (addr < l->params.hidden) {
		refuse(l, 0x09, payload, now_ns);
		return;
	}
	l->counters.reads++;
	reply_long(l, 0x09, DONE, 4 + SECTOR, at_ns);
	put(&l->out, payload, 4, at_ns);
	for (uint32_t at = 0; at < SECTOR; at += PAGE) {
		chip_peek(l->chip, inside(l, addr + at), page, PAGE);
		put(&l->out, page, PAGE, at_ns);
	}
}

/* Cells that were let go in the middle of an erase. */
static void spoil(struct uart_loader *l, uint32_t addr, uint32_t len)
{
	uint8_t page[PAGE];

	for (uint32_t at = 0; at < len; at += PAGE) {
		for (uint32_t i = 0; i < PAGE; i++)
			page[i] = (uint8_t)chance_next(&l->chance);
		chip_poke(l->chip, inside(l, addr + at), page, PAGE);
	}
}

static void erase_block(struct uart_loader *l, const uint8_t *payload, uint64_t now_ns)
{
	const uint32_t addr = get32(payload + 1);
	const uint32_t size = payload[0] == 0x20 ? SECTOR : payload[0] == 0xd8 ? 0x10000 : 0;

	if (addr < l->params.hidden) {
		refuse(l, 0x0f, payload + 1, now_ns);
		return;
	}
	if (l->may_unlock && !l->stuck)
		l->unlocked = true;
	l->may_unlock = false;
	l->counters.erases++;
	if (size > 0)
		erase(l, addr, size, now_ns);
	if (l->params.reset_in_erase) {
		l->params.reset_in_erase = false;
		spoil(l, addr & ~(size - 1), size / 2);
		start(l, now_ns);
		return;
	}
	answer(l, 0x0f, DONE, payload, 5, now_ns);
}

static void write_done(struct uart_loader *l, const uint8_t *payload, uint64_t now_ns)
{
	const uint32_t addr = get32(payload);
	uint8_t echo[4];

	memcpy(echo, payload, sizeof echo);
	if (addr < l->params.hidden_write) {
		echo[0] = (uint8_t)l->params.hidden_write;
		echo[1] = (uint8_t)(l->params.hidden_write >> 8);
		answer(l, 0x07, REFUSED, echo, 4, now_ns);
		return;
	}
	l->counters.writes++;
	answer(l, 0x07, DONE, echo, 4, now_ns);
}

static void read_sr(struct uart_loader *l, const uint8_t *payload, uint64_t now_ns)
{
	const uint8_t *sr = l->chip->sr;
	const uint8_t echo[2] = { payload[0], payload[0] == 0x35   ? sr[1]
					      : payload[0] == 0x15 ? sr[2]
								   : sr[0] };

	answer(l, 0x0c, DONE, echo, 2, now_ns);
}

/* The answer is the question. */
static void write_sr(struct uart_loader *l, const uint8_t *payload, uint32_t len, uint64_t now_ns)
{
	uint8_t *sr = l->chip->sr;
	const bool idle = payload[1] == sr[0] && (len < 3 || payload[2] == sr[1]);

	answer(l, 0x0d, DONE, payload, len, now_ns);
	if (l->params.sr_stuck || chip_status_locked(l->chip))
		return;
	sr[0] = payload[1] & 0xfc;
	if (len > 2)
		sr[1] = payload[2];
	if (idle && l->params.sr_idle_locks) {
		sr[0] = 0xfc;
		sr[1] = 0x7b;
	}
}

static void get_mid(struct uart_loader *l, uint64_t now_ns)
{
	const uint32_t id = l->params.mid_zero ? 0 : l->chip->part.jedec_id;
	const uint8_t mid[4] = { 0xff, (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id };
	const uint64_t at_ns = answer_ns(l, now_ns);

	reply_long(l, 0x0e, DONE, l->params.mid_says_5 ? 3 : 4, at_ns);
	put(&l->out, mid, 4, at_ns);
}

static void do_long(struct uart_loader *l, uint8_t op, const uint8_t *payload, uint32_t len,
		    uint64_t now_ns)
{
	const bool rom = l->params.family == UART_LOADER_ROM;

	if (l->params.busy_every && ++l->long_commands % l->params.busy_every == 0)
		answer(l, op, BUSY, payload, 4, now_ns);
	else if (op == 0x09 && len == 4)
		read_sector(l, payload, now_ns);
	else if (op == 0x07 && len == 4 + SECTOR)
		write_done(l, payload, now_ns);
	else if (op == 0x0f && len == 5)
		erase_block(l, payload, now_ns);
	else if (op == 0x0e && rom)
		get_mid(l, now_ns);
	else if (op == 0x0c && len == 1 && rom)
		read_sr(l, payload, now_ns);
	else if (op == 0x0d && (len == 2 || len == 3) && rom)
		write_sr(l, payload, len, now_ns);
	else if (rom)
		answer(l, op, UNKNOWN, NULL, 0, now_ns);
}

/* ---- coming in */

/* Each page of a Write4K is programmed as soon as it is there. */
static void page_came(struct uart_loader *l, uint64_t now_ns)
{
	const uint32_t got = l->in_len - 12;
	const uint32_t addr = get32(l->in + 8);

	if (l->in[4] != 0xf4 || l->in[7] != 0x07 || l->in_len <= 12 || got % PAGE != 0)
		return;
	if (addr >= l->params.hidden_write)
		program(l, addr + got - PAGE, l->in + l->in_len - PAGE);
	if (l->params.reset_in_page && got / PAGE == l->params.reset_in_page) {
		l->params.reset_in_page = 0;
		start(l, now_ns);
	}
}

static void command(struct uart_loader *l, uint64_t now_ns)
{
	l->counters.commands++;
	if (l->in[3] == 0xff) {
		if (l->state == UART_LOADER_LINKED)
			do_long(l, l->in[7], l->in + 8, l->in_need - 8, now_ns);
	} else {
		do_short(l, l->in[4], l->in + 5, l->in_need - 5, now_ns);
	}
	l->in_len = l->in_need = 0;
}

/* How long the command will be, as soon as that is known. */
static void measure(struct uart_loader *l)
{
	static const uint8_t head[] = { 0x01, 0xe0, 0xfc };
	uint32_t len = 0;

	if (l->in_len <= sizeof head) {
		const uint32_t last = (l->in_len - 1) % sizeof head;

		if (l->in[last] != head[last]) {
			l->in[0] = l->in[last];
			l->in_len = l->in[0] == head[0];
		}
		return;
	}
	if (l->in_len == 4 && l->in[3] != 0xff) {
		l->in_need = 4u + l->in[3];
		if (l->in[3] == 0 || l->in[3] > 16)
			l->in_len = l->in_need = 0;
	}
	if (l->in_len == 7 && l->in[3] == 0xff) {
		len = l->in[5] | (uint32_t)l->in[6] << 8;
		l->in_need = 7 + len;
		if (l->in[4] != 0xf4 || len == 0 || l->in_need > sizeof l->in)
			l->in_len = l->in_need = 0;
	}
}

static void take(struct uart_loader *l, uint8_t byte, uint64_t now_ns)
{
	l->in[l->in_len++] = byte;
	if (l->in_need == 0)
		measure(l);
	else
		page_came(l, now_ns);
	if (l->in_need > 0 && l->in_len == l->in_need)
		command(l, now_ns);
}

/* The application: deaf but for one word. */
static void app_hears(struct uart_loader *l, uint8_t byte, uint64_t now_ns)
{
	static const char word[] = "reboot\r\n";

	const uint32_t at = l->text_at % (sizeof word - 1);

	l->text_at = byte == (uint8_t)word[at] ? at + 1 : byte == 'r';
	if (l->text_at == sizeof word - 1)
		start(l, now_ns);
}

void uart_loader_hear(struct uart_loader *l, uint8_t byte, uint64_t now_ns)
{
	uart_loader_run(l, now_ns);
	l->received++;
	if (l->params.reset_after && l->received == l->params.reset_after)
		start(l, now_ns);
	l->last_ns = now_ns;
	l->heard = true;
	if (l->state == UART_LOADER_APP) {
		if (!l->params.deaf)
			app_hears(l, byte, now_ns);
	} else if (l->state != UART_LOADER_OFF && now_ns < l->busy_ns) {
		if (l->ring_len < UART_LOADER_RING)
			l->ring[(l->ring_head + l->ring_len++) % UART_LOADER_RING] = byte;
		else
			l->counters.lost++;
	} else if (l->state != UART_LOADER_OFF) {
		take(l, byte, now_ns);
	}
}

/* ---- time */

static bool is_erased(const struct uart_loader *l, uint32_t addr)
{
	uint8_t head[32];
	uint32_t erased = 0;

	chip_peek(l->chip, addr, head, sizeof head);
	for (uint32_t i = 0; i < sizeof head; i++)
		erased += head[i] == 0xff;
	return erased == sizeof head;
}

/* A loader that is gone from the flash starts nothing any more. */
static bool is_gone(const struct uart_loader *l)
{
	return l->params.family == UART_LOADER_IN_FLASH && is_erased(l, 0);
}

static void start(struct uart_loader *l, uint64_t now_ns)
{
	static const uint8_t noise[] = "\r\n[Flash]init over, \x04\x0e\xff\x01\xe0\xfc\xf4\x06\x10";

	l->counters.resets++;
	l->state = UART_LOADER_WINDOW;
	l->baud = START_BAUD;
	l->next_baud = 0;
	l->started_ns = l->last_ns = l->busy_ns = now_ns;
	l->heard = false;
	l->unlocked = l->may_unlock = l->stuck = false;
	l->in_len = l->in_need = l->ring_head = l->ring_len = l->text_at = 0;
	silence(&l->out);
	if (is_gone(l)) {
		l->state = UART_LOADER_OFF;
		return;
	}
	for (int i = 0; i < 10 && l->params.noisy_boot; i++)
		put(&l->out, noise, sizeof noise - 1, now_ns);
}

static void start_app(struct uart_loader *l, uint64_t now_ns)
{
	const char *text;
	uint32_t len = 0;

	l->state = UART_LOADER_APP;
	if (!l->says || is_erased(l, UART_LOADER_END))
		return;
	text = l->says(l->says_arg);
	while (text[len])
		len++;
	put(&l->log, (const uint8_t *)text, len, now_ns);
}

/* When it stops listening. */
static uint64_t exit_ns(const struct uart_loader *l)
{
	return l->started_ns + (l->heard ? l->params.late_exit_us : l->params.early_exit_us) * US;
}

static uint64_t gap_ns(const struct uart_loader *l)
{
	const bool waits = l->params.family == UART_LOADER_ROM && l->in_len > 0;

	return waits ? l->last_ns + ROM_GAP : UART_LOADER_NEVER;
}

static uint64_t idle_ns(const struct uart_loader *l)
{
	const uint64_t from_ns = l->last_ns > l->busy_ns ? l->last_ns : l->busy_ns;

	return l->params.idle_us ? from_ns + l->params.idle_us * US : UART_LOADER_NEVER;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t uart_loader_next_ns(const struct uart_loader *l)
{
	uint64_t next_ns = UART_LOADER_NEVER;

	if (l->state == UART_LOADER_WINDOW)
		next_ns = exit_ns(l);
	if (l->state == UART_LOADER_LINKED)
		next_ns = earlier(idle_ns(l), gap_ns(l));
	if (l->ring_len > 0)
		next_ns = earlier(next_ns, l->busy_ns);
	return l->next_baud ? earlier(next_ns, l->next_baud_ns) : next_ns;
}

/* A command that was cut off. */
static void give_up_command(struct uart_loader *l, uint64_t now_ns)
{
	if (l->in_len > 7 && l->in[3] == 0xff)
		answer(l, l->in[7], SHORT, l->in + 8, 4, now_ns);
	l->in_len = l->in_need = 0;
}

static void take_waiting(struct uart_loader *l, uint64_t now_ns)
{
	while (l->ring_len > 0 && now_ns >= l->busy_ns) {
		const uint8_t byte = l->ring[l->ring_head];

		l->ring_head = (l->ring_head + 1) % UART_LOADER_RING;
		l->ring_len--;
		take(l, byte, now_ns);
	}
}

void uart_loader_run(struct uart_loader *l, uint64_t now_ns)
{
	if (l->next_baud && now_ns >= l->next_baud_ns) {
		l->baud = l->next_baud;
		l->next_baud = 0;
	}
	take_waiting(l, now_ns);
	if (l->state == UART_LOADER_WINDOW && now_ns >= exit_ns(l))
		start_app(l, now_ns);
	if (l->state != UART_LOADER_LINKED)
		return;
	if (now_ns >= idle_ns(l))
		start(l, now_ns);
	else if (now_ns >= gap_ns(l))
		give_up_command(l, now_ns);
}

void uart_loader_power(struct uart_loader *l, bool on, uint64_t now_ns)
{
	if (on && l->state == UART_LOADER_OFF)
		start(l, now_ns);
	if (on)
		return;
	l->state = UART_LOADER_OFF;
	silence(&l->out);
}

void uart_loader_init(struct uart_loader *l, const struct uart_loader_params *params,
		      struct chip *chip, uint64_t seed)
{
	memset(l, 0, sizeof *l);
	l->params = *params;
	l->chip = chip;
	l->chance = seed;
	l->baud = START_BAUD;
	l->state = UART_LOADER_OFF;
}
