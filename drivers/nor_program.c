#include "nor_program.h"

#define PAGE_MAX 512u /* no part of the table has more */

uint32_t nor_program_page(const struct nor *nor)
{
	const size_t room = nor->spi->max_len - NOR_CHANGE_REST;
	uint32_t page = PAGE_MAX;

	while (page > 1 && (page > nor->page || page > room || nor->page % page != 0))
		page /= 2;
	return page;
}

static uint8_t program_op(const struct nor *nor)
{
	return nor->address_bytes == 4 && nor->program_4b ? NOR_OP_PROGRAM_4B : NOR_OP_PROGRAM;
}

static int program_page(struct nor *nor, const struct nor_piece *piece, struct nor_meter *meter,
			bool *taken, struct err *e)
{
	const struct nor_change change = {
		.command = nor_addressed(nor, program_op(nor), piece->addr),
		.data = piece->bytes,
		.len = piece->len,
		.enable = NOR_OP_ENABLE,
		.pace = &nor->program_pace,
	};

	return nor_change(nor, &change, meter, taken, e);
}

static int program_bytes(struct nor *nor, const struct nor_piece *piece, struct nor_meter *meter,
			 bool *taken, struct err *e)
{
	bool all = true;

	for (size_t i = 0; i < piece->len; i++) {
		const struct nor_piece byte = { piece->addr + (uint32_t)i, piece->bytes + i, 1 };

		if (*byte.bytes == 0xff)
			continue;
		if (program_page(nor, &byte, meter, taken, e) < 0)
			return -1;
		all = all && *taken;
	}
	*taken = all;
	return 0;
}

/* A word of the piece; bytes before and behind it are FF. at is even. */
static void word_at(const struct nor_piece *piece, uint32_t at, uint8_t word[2])
{
	for (uint32_t i = 0; i < 2; i++) {
		const uint32_t addr = at + i;
		const bool within = addr >= piece->addr && addr - piece->addr < piece->len;

		word[i] = within ? piece->bytes[addr - piece->addr] : 0xff;
	}
}

/* The first word tells the address; the others follow it by themselves, without WREN. */
static int program_words(struct nor *nor, const struct nor_piece *piece, struct nor_meter *meter,
			 bool *taken, struct err *e)
{
	const uint32_t start = piece->addr & ~1u, end = piece->addr + (uint32_t)piece->len;
	uint8_t word[2];
	struct nor_change change = { .command = nor_addressed(nor, NOR_OP_AAI, start),
				     .data = word,
				     .len = sizeof word,
				     .enable = NOR_OP_ENABLE,
				     .pace = &nor->program_pace };

	for (uint32_t at = start; at < end; at += 2) {
		word_at(piece, at, word);
		if (nor_change(nor, &change, meter, taken, e) < 0)
			return -1;
		change.command.len = 1;
		change.enable = 0;
	}
	nor_disable(nor);
	return 0;
}

int nor_program(struct nor *nor, const struct nor_piece *piece, struct nor_meter *meter,
		bool *taken, struct err *e)
{
	static int (*const ways[])(struct nor *, const struct nor_piece *, struct nor_meter *,
				   bool *, struct err *) = {
		[NOR_PROGRAM_PAGE] = program_page,
		[NOR_PROGRAM_BYTE] = program_bytes,
		[NOR_PROGRAM_AAI] = program_words,
	};

	*taken = true;
	return ways[nor->program](nor, piece, meter, taken, e);
}
