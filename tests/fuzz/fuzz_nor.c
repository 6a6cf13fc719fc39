/*
 * The whole NOR driver on a bus that answers as the input says, chip select by chip select:
 * honestly, or with noise, a level, a flipped bit, half an answer, an error. No crash, no hang,
 * and success only when what was read last is what should be there.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nor_compare.h"
#include "nor_protect.h"
#include "nor_write.h"
#include "sim_board.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MEM   0x20000u /* no part below is larger */
#define LEN   0x2800u
#define HOURS (3600ull * CLOCK_S)

enum answer { HONEST, NOISE, HIGH, LOW, FLIPPED, CUT, BROKEN, ANSWERS };

struct liar {
	struct spi base;
	struct spi *inner;
	const uint8_t *data;
	size_t size, at;
	uint64_t noise;
	bool lied;
	uint8_t seen[MEM]; /* what the last read of each byte gave */
};

static uint8_t take(struct liar *l, uint8_t otherwise)
{
	return l->at < l->size ? l->data[l->at++] : otherwise;
}

static uint8_t noise(struct liar *l)
{
	l->noise = l->noise * 6364136223846793005u + 1442695040888963407u;
	return (uint8_t)(l->noise >> 56);
}

static void spoil(struct liar *l, const struct spi_seg *seg, enum answer answer, uint8_t how)
{
	const size_t cut = how * seg->len / 256;

	for (size_t i = 0; i < seg->len; i++) {
		if (answer == NOISE)
			seg->rx[i] = noise(l);
		if (answer == HIGH || (answer == CUT && i >= cut))
			seg->rx[i] = 0xff;
		if (answer == LOW)
			seg->rx[i] = 0;
		if (answer == FLIPPED && i == cut)
			seg->rx[i] ^= (uint8_t)(1 << how % 8);
	}
}

/* Pieces [first, end) are a chip select; a read is opcode and address, then its answer. */
static void remember(struct liar *l, const struct spi_seg *seg, size_t first, size_t end)
{
	const struct spi_seg *head = &seg[first], *body = &seg[end - 1];
	uint32_t addr;

	if (end - first != 2 || head->len != 4 || head->tx[0] != 0x03)
		return;
	addr = (uint32_t)head->tx[1] << 16 | (uint32_t)head->tx[2] << 8 | head->tx[3];
	for (size_t i = 0; i < body->len && addr + i < MEM; i++)
		l->seen[addr + i] = body->rx[i];
}

/* Most commands are answered honestly, or nothing would be reached. */
static int answer_select(struct liar *l, const struct spi_seg *seg, size_t first, size_t end,
			 struct err *e)
{
	const uint8_t control = take(l, 0);
	const enum answer answer = control < 0xc0 ? HONEST : (enum answer)(control % ANSWERS);
	const uint8_t how = answer == HONEST ? 0 : take(l, 0x80);

	l->lied = l->lied || answer != HONEST;
	if (answer == BROKEN)
		return err_set(e, ERR_IO, "the cable fell out");
	for (size_t i = first; i < end; i++)
		if (seg[i].rx)
			spoil(l, &seg[i], answer, how);
	remember(l, seg, first, end);
	return 0;
}

static int liar_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	struct liar *l = (struct liar *)spi;
	size_t first = 0;

	if (spi_xfer(l->inner, seg, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!seg[i].cs_up && i + 1 < n)
			continue;
		if (answer_select(l, seg, first, i + 1, e) < 0)
			return -1;
		first = i + 1;
	}
	return 0;
}

static int liar_setup(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
		      struct err *e)
{
	*real = *want;
	return spi_setup(((struct liar *)spi)->inner, want, e);
}

static const struct spi_ops liar_ops = { .name = "liar", .setup = liar_setup, .xfer = liar_xfer };

static void check_told(const struct err *e)
{
	assert(e->code != ERR_NONE && e->code != ERR_INTERNAL && e->text[0]);
}

static void check_written(struct liar *l, struct board *board, uint32_t addr, const uint8_t *image)
{
	static uint8_t held[LEN];

	assert(!memcmp(l->seen + addr, image, LEN));
	sim_board_peek(board, addr, held, LEN);
	assert(l->lied || !memcmp(held, image, LEN));
}

static void write_somewhere(struct liar *l, struct board *board, struct nor *nor)
{
	static uint8_t image[LEN];
	const uint32_t addr = take(l, 0x12) * 0x55u;
	struct nor_memory memory = nor_memory(image, addr);
	const struct nor_image what = { .source = &memory.base, .addr = addr, .len = LEN };
	const struct nor_write_options options = { .unprotect = take(l, 1) & 1 };
	struct nor_difference difference;
	struct err e = { .code = ERR_NONE };

	for (size_t i = 0; i < LEN; i++)
		image[i] = i % 512 < 300 ? (uint8_t)(i * 7) : 0xff;
	if (nor_write(nor, &what, &options, &e) == 0)
		check_written(l, board, addr, image);
	else
		check_told(&e);
	if (nor_compare(nor, &what, NULL, &difference, &e) < 0)
		check_told(&e);
}

static void protect_and_unprotect(struct nor *nor)
{
	struct nor_protection before;
	struct err e = { .code = ERR_NONE };

	if (nor_unprotect(nor, &before, &e) < 0 || nor_protection_restore(nor, &before, &e) < 0)
		check_told(&e);
}

static void use(struct liar *l, struct board *board)
{
	struct nor nor;
	struct err e = { .code = ERR_NONE };

	if (nor_probe(&l->base, board->clock, &nor, &e) < 0) {
		check_told(&e);
		return;
	}
	if (nor.size >= MEM)
		write_somewhere(l, board, &nor);
	protect_and_unprotect(&nor);
	assert(clock_now_ns(board->clock) < 4 * HOURS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const parts[] = { "GD25Q10", "W25X10" };
	static struct liar liar;
	struct sim_board_config config = { .bare = true };
	struct board *board;
	struct err e;

	liar = (struct liar){ .data = data, .size = size, .noise = size };
	config.part = nor_part_by_name(parts[take(&liar, 0) & 1], &e);
	config.protect = take(&liar, 0);
	config.max_len = 64u << take(&liar, 0) % 10;
	config.faults.seed = 1;
	board = sim_board_open(&config, &e);
	if (!board)
		return 0;
	liar.inner = board->spi;
	liar.base = *board->spi;
	liar.base.ops = &liar_ops;
	use(&liar, board);
	board_close(board);
	return 0;
}
