#include "chip_command.h"

#include "chip_cells.h"
#include "chip_write.h"

#define WAKE     0xab   /* all that a sleeping chip hears */
#define RESET_NS 30000u /* tRST, W25Q32JV data sheet */
#define AAI      0xad

/* ---- answers */

/* The bytes again and again, from the one that skip points to. */
static void answer(const struct chip *chip, const struct chip_piece *piece, const uint8_t *bytes,
		   uint32_t n, uint32_t skip)
{
	uint32_t at = ((uint32_t)chip->frame.data + skip) % n;

	for (size_t i = 0; piece->rx && i < piece->len; i++) {
		piece->rx[i] = bytes[at];
		at = at + 1 == n ? 0 : at + 1;
	}
}

/* Parts answer AB and 90 with their capacity code less one: 16h becomes 15h. */
static uint8_t device_id(const struct chip *chip)
{
	return (uint8_t)(chip->part.jedec_id - 1);
}

static void data_jedec_id(struct chip *chip, const struct chip_piece *piece)
{
	const uint32_t id = chip->part.jedec_id;
	const uint8_t bytes[] = { (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id };

	answer(chip, piece, bytes, sizeof bytes, 0);
}

static void data_manufacturer(struct chip *chip, const struct chip_piece *piece)
{
	const uint8_t bytes[] = { (uint8_t)(chip->part.jedec_id >> 16), device_id(chip) };

	answer(chip, piece, bytes, sizeof bytes, chip->frame.addr & 1);
}

/* Three bytes that mean nothing, then the device ID for as long as it is clocked. */
static void data_wake(struct chip *chip, const struct chip_piece *piece)
{
	for (size_t i = 0; piece->rx && i < piece->len; i++)
		piece->rx[i] = chip->frame.data + i < 3 ? 0xff : device_id(chip);
}

static void data_unique_id(struct chip *chip, const struct chip_piece *piece)
{
	if (chip->part.has_unique_id)
		answer(chip, piece, chip->part.unique_id, CHIP_UNIQUE_ID, 0);
	else if (piece->rx)
		memset(piece->rx, 0xff, piece->len);
}

static void data_sfdp(struct chip *chip, const struct chip_piece *piece)
{
	answer(chip, piece, chip->sfdp, CHIP_SFDP, chip->frame.addr);
}

static void data_read(struct chip *chip, const struct chip_piece *piece)
{
	struct chip_frame *frame = &chip->frame;
	const uint32_t size = chip->part.size;

	for (size_t done = 0, run; done < piece->len; done += run) {
		run = size - frame->addr;
		if (run > piece->len - done)
			run = piece->len - done;
		if (piece->rx)
			cells_read(chip->cells + frame->addr, piece->rx + done, run);
		frame->addr = (frame->addr + (uint32_t)run) & (size - 1);
	}
}

/* ---- what a command switches */

static void take_wel_on(struct chip *chip, uint64_t now_ns)
{
	(void)now_ns;
	chip->wel = true;
}

static void take_wel_off(struct chip *chip, uint64_t now_ns)
{
	(void)now_ns;
	chip->wel = false;
	chip->aai = false;
}

static void take_volatile(struct chip *chip, uint64_t now_ns)
{
	(void)now_ns;
	chip->armed = CHIP_ARMED_VOLATILE;
}

static void take_reset_enable(struct chip *chip, uint64_t now_ns)
{
	(void)now_ns;
	chip->armed = CHIP_ARMED_RESET;
}

static void take_reset(struct chip *chip, uint64_t now_ns)
{
	if (chip->frame.armed != CHIP_ARMED_RESET)
		return;
	chip_restart(chip);
	chip->busy = true;
	chip->busy_until_ns = now_ns + RESET_NS;
}

static void take_sleep(struct chip *chip, uint64_t now_ns)
{
	(void)now_ns;
	chip->asleep = true;
}

static void take_wake(struct chip *chip, uint64_t now_ns)
{
	(void)now_ns;
	chip->asleep = false;
}

static void take_four_byte(struct chip *chip, uint64_t now_ns)
{
	(void)now_ns;
	chip->four_byte = true;
}

static void take_three_byte(struct chip *chip, uint64_t now_ns)
{
	(void)now_ns;
	chip->four_byte = false;
}

/* ---- the table */

#define ANY  CHIP_ANY_DATA
#define NONE CHIP_ADDRESS_NONE
#define A3   CHIP_ADDRESS_3
#define A4   CHIP_ADDRESS_4
#define MODE CHIP_ADDRESS_MODE
#define BIG  CHIP_BIG
#define BUSY CHIP_WHILE_BUSY
#define SR2  CHIP_SR2
#define SR3  CHIP_SR3

static const struct chip_command commands[] = {
	/* opcode, dummies, flags, address, data from, to, data goes by, taken */
	{ 0x01, 0, 0, NONE, 1, 2, chip_data_status_in, chip_take_status },
	{ 0x02, 0, 0, MODE, 1, ANY, chip_data_program, chip_take_program },
	{ 0x03, 0, 0, MODE, 0, ANY, data_read, NULL },
	{ 0x04, 0, CHIP_WHILE_AAI, NONE, 0, 0, NULL, take_wel_off },
	{ 0x05, 0, BUSY | CHIP_WHILE_AAI, NONE, 0, ANY, chip_data_status, NULL },
	{ 0x06, 0, 0, NONE, 0, 0, NULL, take_wel_on },
	{ 0x0b, 1, 0, MODE, 0, ANY, data_read, NULL },
	{ 0x0c, 1, BIG, A4, 0, ANY, data_read, NULL },
	{ 0x11, 0, SR3, NONE, 1, 1, chip_data_status_in, chip_take_status },
	{ 0x12, 0, BIG, A4, 1, ANY, chip_data_program, chip_take_program },
	{ 0x13, 0, BIG, A4, 0, ANY, data_read, NULL },
	{ 0x15, 0, BUSY | SR3, NONE, 0, ANY, chip_data_status, NULL },
	{ 0x31, 0, SR2, NONE, 1, 1, chip_data_status_in, chip_take_status },
	{ 0x35, 0, BUSY | SR2, NONE, 0, ANY, chip_data_status, NULL },
	{ 0x4b, 4, 0, NONE, 0, ANY, data_unique_id, NULL },
	{ 0x50, 0, 0, NONE, 0, 0, NULL, take_volatile },
	{ 0x5a, 1, 0, A3, 0, ANY, data_sfdp, NULL },
	{ 0x60, 0, 0, NONE, 0, 0, NULL, chip_take_chip_erase },
	{ 0x66, 0, 0, NONE, 0, 0, NULL, take_reset_enable },
	{ 0x90, 0, 0, A3, 0, ANY, data_manufacturer, NULL },
	{ 0x99, 0, 0, NONE, 0, 0, NULL, take_reset },
	{ 0x9f, 0, 0, NONE, 0, ANY, data_jedec_id, NULL },
	{ WAKE, 0, 0, NONE, 0, ANY, data_wake, take_wake },
	{ 0xb7, 0, BIG, NONE, 0, 0, NULL, take_four_byte },
	{ 0xb9, 0, 0, NONE, 0, 0, NULL, take_sleep },
	{ 0xc7, 0, 0, NONE, 0, 0, NULL, chip_take_chip_erase },
	{ 0xe9, 0, BIG, NONE, 0, 0, NULL, take_three_byte },
};

static const struct chip_command erase = { .address = MODE, .take = chip_take_erase };
static const struct chip_command erase_4 = { .address = A4, .take = chip_take_erase };
static const struct chip_command ignored = { .address = NONE, .max_data = ANY };

/* What parts that know no pages put in the place of 02, and AAI parts beside it. */
static const struct chip_command program_byte = { .address = MODE,
						  .min_data = 1,
						  .max_data = 1,
						  .data = chip_data_program,
						  .take = chip_take_program };
static const struct chip_command aai_first = {
	.address = A3, .min_data = 2, .max_data = 2, .data = chip_data_word, .take = chip_take_aai
};
static const struct chip_command aai_next = {
	.address = NONE, .min_data = 2, .max_data = 2, .data = chip_data_word, .take = chip_take_aai
};

/* The erases that take four bytes of address whatever the mode; the twins of 20, 52 and D8. */
static bool is_erase_4(uint8_t opcode)
{
	return opcode == 0x21 || opcode == 0x53 || opcode == 0x5c || opcode == 0xdc;
}

/* An erase of the part's list; it goes before the table: old parts use opcodes of their own. */
static const struct chip_command *find_erase(struct chip *chip, uint8_t opcode)
{
	const struct chip_erase *list = chip->part.erase;

	for (size_t i = 0; i < CHIP_ERASES && list[i].opcode; i++) {
		if (list[i].opcode != opcode)
			continue;
		chip->frame.block = list[i].size;
		return is_erase_4(opcode) ? &erase_4 : &erase;
	}
	return NULL;
}

static const struct chip_command *find_odd(const struct chip *chip, uint8_t opcode)
{
	if (opcode == 0x02 && chip->part.program != CHIP_PROGRAM_PAGE)
		return &program_byte;
	if (opcode == AAI && chip->part.program == CHIP_PROGRAM_AAI)
		return chip->aai ? &aai_next : &aai_first;
	return NULL;
}

static const struct chip_command *find_known(struct chip *chip, uint8_t opcode)
{
	const struct chip_command *known = find_erase(chip, opcode);

	if (!known)
		known = find_odd(chip, opcode);
	for (size_t i = 0; !known && i < sizeof commands / sizeof *commands; i++)
		if (commands[i].opcode == opcode)
			known = &commands[i];
	return known ? known : &ignored;
}

const struct chip_command *chip_command_find(struct chip *chip, uint8_t opcode)
{
	const struct chip_command *command = find_known(chip, opcode);
	const bool busy = chip->busy && !(command->flags & CHIP_WHILE_BUSY);
	const bool too_big = (command->flags & CHIP_BIG) && chip->part.address_bytes != 4;
	const bool in_aai = chip->aai && !(command->flags & CHIP_WHILE_AAI);

	if (busy || too_big || (chip->asleep && opcode != WAKE))
		return &ignored;
	if (in_aai && command != &aai_next)
		return &ignored;
	return command;
}
