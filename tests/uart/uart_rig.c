#include "uart_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"

#define US ((uint64_t)1000)
#define MS (1000 * US)

static struct uart_rig *rig_of(struct line *line)
{
	return (struct uart_rig *)((char *)line - offsetof(struct uart_rig, cen));
}

static int cen_set(struct line *line, bool high, struct err *e)
{
	(void)e;
	sim_uart_power(rig_of(line)->sim, high);
	return 0;
}

static int cen_rest(struct line *line, struct err *e)
{
	return cen_set(line, true, e);
}

static void cen_close(struct line *line)
{
	(void)line;
}

static const struct line_ops cen_ops = {
	.name = "rig", .set = cen_set, .rest = cen_rest, .close = cen_close
};

static void tell(struct beken_uart_teller *teller, const char *text)
{
	struct uart_rig *rig =
		(struct uart_rig *)((char *)teller - offsetof(struct uart_rig, teller));

	rig->told++;
	snprintf(rig->last_told, sizeof rig->last_told, "%s", text);
}

static void call(struct beken_uart_teller *teller, const char *text)
{
	struct uart_rig *rig =
		(struct uart_rig *)((char *)teller - offsetof(struct uart_rig, teller));

	rig->calls += text != NULL;
	rig->calling = text != NULL;
}

static void fill_noise(uint8_t *bytes, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)chance_next(&seed);
}

static void fill_flash(struct uart_rig *rig)
{
	const uint32_t size = rig->setup.size;
	AUTO(auto_free) uint8_t *content = malloc(size);

	if (!content)
		abort();
	memset(content, 0xff, size);
	if (rig->setup.full)
		fill_noise(content, size, rig->setup.seed + 4);
	fill_noise(content, 0x10000, rig->setup.seed + 1);
	if (!rig->setup.blank_app)
		fill_noise(content + 0x11000, size / 4, rig->setup.seed + 2);
	fill_noise(content + size - 0x9000, 0x3000, rig->setup.seed + 3);
	if (rig->setup.halves)
		memcpy(content + size / 2 + 0x11000, content + 0x11000, size / 2 - 0x11000);
	chip_poke(&rig->chip, 0, content, size);
}

static void make_chip(struct uart_rig *rig)
{
	const struct chip_part part = {
		.jedec_id = rig->setup.jedec_id,
		.size = rig->setup.size,
		.page = 256,
		.address_bytes = 3,
		.erase = { { 0x20, 0x1000 }, { 0xd8, 0x10000 } },
		.timing = { .program = 400 * US, .erase_4k = 45 * MS, .erase_64k = 150 * MS },
	};

	rig->cells = calloc(1, part.size);
	if (!rig->cells)
		abort();
	chip_init(&rig->chip, &part, rig->cells, rig->setup.seed);
}

struct uart_rig *uart_rig_init(struct uart_rig *rig, const struct uart_rig_setup *setup)
{
	struct err e;

	*rig = (struct uart_rig){ .setup = *setup, .cen.ops = &cen_ops, .teller = { tell, call } };
	rig->setup.size = setup->size ? setup->size : 0x200000;
	rig->setup.jedec_id = setup->jedec_id ? setup->jedec_id : 0x1c7015;
	clock_virtual_init(&rig->clock);
	make_chip(rig);
	fill_flash(rig);

	const struct sim_uart_config config = {
		.loader = uart_loader_defaults(setup->family),
		.clock = setup->clock ? setup->clock : &rig->clock.base,
		.paced = !setup->unpaced,
		.seed = setup->seed,
		.narrator = setup->narrator,
	};

	rig->sim = sim_uart_new(&config, &rig->chip, &e);
	if (!rig->sim)
		abort();
	rig->loader = sim_uart_loader(rig->sim);
	rig->board = (struct board){ .clock = config.clock,
				     .cen = setup->without_cen ? NULL : &rig->cen,
				     .uart = sim_uart_port(rig->sim) };
	rig->u = beken_uart_new(
		&(struct beken_uart_setup){ .board = &rig->board,
					    .baud = setup->baud,
					    .link_timeout_ms = setup->link_timeout_ms,
					    .teller = &rig->teller },
		&e);
	if (!rig->u)
		abort();
	sim_uart_power(rig->sim, true);
	return rig;
}

void uart_rig_done(struct uart_rig *rig)
{
	beken_uart_free(rig->u);
	sim_uart_free(rig->sim);
	free(rig->cells);
}

int uart_rig_start(struct uart_rig *rig, struct err *e)
{
	return beken_uart_link(rig->u, NULL, e) < 0 ? -1 : beken_uart_identify(rig->u, e);
}

int uart_rig_read(struct uart_rig *rig, uint32_t addr, uint32_t len, struct err *e)
{
	AUTO(auto_free) uint8_t *have = malloc(len);
	AUTO(auto_free) uint8_t *want = malloc(len);
	const struct nor_range range = { .addr = addr, .buf = have, .len = len };

	if (!have || !want)
		abort();
	if (board_flash_read(&rig->u->base, &range, NULL, e) < 0)
		return -1;
	chip_peek(&rig->chip, addr, want, len);
	if (!memcmp(have, want, len))
		return 0;
	err_set(e, ERR_INTERNAL, "it read something else");
	return 1;
}

static int remember(struct nor_source *source, uint32_t addr, uint8_t *buf, size_t len,
		    struct err *e)
{
	const struct uart_rig *rig =
		(struct uart_rig *)((char *)source - offsetof(struct uart_rig, memory));

	(void)e;
	memcpy(buf, rig->remembered + addr, len);
	return 0;
}

static int write_with(struct uart_rig *rig, uint32_t addr, uint32_t len, uint64_t seed,
		      struct nor_source *seen, struct err *e)
{
	AUTO(auto_free) uint8_t *bytes = malloc(len);
	struct nor_written written;
	const struct nor_write_options options = { .unprotect = true,
						   .written = &written,
						   .seen = seen };
	struct nor_memory memory;

	if (!bytes)
		abort();
	fill_noise(bytes, len, seed);
	memory = nor_memory(bytes, addr);
	return board_flash_write(
		&rig->u->base,
		&(struct nor_image){ .source = &memory.base, .addr = addr, .len = len }, &options,
		e);
}

int uart_rig_write(struct uart_rig *rig, uint32_t addr, uint32_t len, uint64_t seed, struct err *e)
{
	return write_with(rig, addr, len, seed, NULL, e);
}

int uart_rig_write_seen(struct uart_rig *rig, uint32_t addr, uint32_t len, uint64_t seed,
			struct err *e)
{
	const uint32_t size = rig->setup.size;
	AUTO(auto_free) uint8_t *seen = malloc(size);

	if (!seen)
		abort();
	chip_peek(&rig->chip, 0, seen, size);
	if (rig->lies) {
		memset(seen + 0x180000, 0xff, 0x30000);
		fill_noise(seen + 0x180000, 0x20000, 3);
	}
	rig->memory.read = remember;
	rig->remembered = seen;
	return write_with(rig, addr, len, seed, &rig->memory, e);
}

bool uart_rig_holds(struct uart_rig *rig, uint32_t addr, uint32_t len, uint64_t seed)
{
	const uint32_t size = rig->setup.size;
	AUTO(auto_free) uint8_t *now = malloc(size);
	AUTO(auto_free) uint8_t *want = malloc(size);

	if (!now || !want)
		abort();
	chip_peek(&rig->chip, 0, now, size);
	fill_flash(rig);
	chip_peek(&rig->chip, 0, want, size);
	chip_poke(&rig->chip, 0, now, size);
	fill_noise(want + addr, len, seed);
	return !memcmp(now, want, size);
}

int uart_rig_around(struct uart_rig *rig, uint32_t addr, uint32_t len, struct err *e)
{
	const uint32_t size = rig->setup.size, end = addr + len;
	AUTO(auto_free) uint8_t *now = malloc(size);
	AUTO(auto_free) uint8_t *was = malloc(size);
	struct nor_memory memory = nor_memory(was, 0);
	struct nor_difference low, high;

	if (!now || !was)
		abort();
	chip_peek(&rig->chip, 0, now, size);
	fill_flash(rig);
	chip_peek(&rig->chip, 0, was, size);
	chip_poke(&rig->chip, 0, now, size);
	if (board_flash_compare(
		    &rig->u->base,
		    &(struct nor_image){ .source = &memory.base, .addr = 0, .len = addr }, NULL,
		    &low, e) < 0 ||
	    board_flash_compare(
		    &rig->u->base,
		    &(struct nor_image){ .source = &memory.base, .addr = end, .len = size - end },
		    NULL, &high, e) < 0)
		return -1;
	return low.sectors + high.sectors > 0;
}

uint64_t uart_rig_ms(const struct uart_rig *rig)
{
	return rig->clock.now_ns / MS;
}
