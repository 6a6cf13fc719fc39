#include "chip_write.h"

#include "chance.h"
#include "chip_cells.h"
#include "chip_command.h"
#include "chip_protect.h"

#define REGISTERS 3u
#define WORD      2u    /* bytes of AAI */
#define ADS       0x01u /* SR3: 4-byte addresses now */
#define ADP       0x02u /* SR3: 4-byte addresses after a reset */

void chip_restart(struct chip *chip)
{
	memcpy(chip->sr, chip->saved, sizeof chip->sr);
	chip->wel = false;
	chip->aai = false;
	chip->four_byte = chip->saved[2] & ADP;
}

/* ---- time */

void chip_settle(struct chip *chip, uint64_t now_ns)
{
	if (!chip->busy || now_ns < chip->busy_until_ns)
		return;
	chip->busy = false;
	chip->wel = chip->aai;
}

/* An operation starts; returns for how long the chip will be busy. */
static uint64_t begin(struct chip *chip, uint64_t now_ns, uint64_t typical_ns)
{
	const uint32_t jitter = chip->part.timing.jitter;
	const uint32_t scale =
		CHIP_JITTER_UNIT - jitter + chance_below(&chip->chance, 2 * jitter + 1);
	const uint64_t ns = typical_ns * scale / CHIP_JITTER_UNIT;

	chip->busy = true;
	chip->busy_until_ns = now_ns + ns;
	return ns;
}

static void refuse(struct chip *chip)
{
	chip->wel = false;
	chip->aai = false;
}

/* ---- status registers */

static uint8_t register_of(const struct chip_command *command)
{
	return command->flags & CHIP_SR3 ? 2 : command->flags & CHIP_SR2 ? 1 : 0;
}

static uint8_t status_now(struct chip *chip, uint8_t which, uint64_t now_ns)
{
	uint8_t value = chip->sr[which];

	chip_settle(chip, now_ns);
	if (which == 0 && chip->busy)
		value |= CHIP_WIP;
	if (which == 0 && chip->wel)
		value |= CHIP_WEL;
	if (which == 0 && chip->aai)
		value |= CHIP_AAI;
	if (which == 2 && chip->four_byte)
		value |= ADS;
	return value;
}

/* A status read goes on as long as it is clocked, and each byte tells how things are by then. */
void chip_data_status(struct chip *chip, const struct chip_piece *piece)
{
	const uint8_t which = register_of(chip->frame.command);
	const uint32_t byte_ns = chip_byte_ns(piece->hz);

	if (which == 0 && chip->frame.data == 0)
		chip->counters.polls++;
	for (size_t i = 0; piece->rx && i < piece->len; i++)
		piece->rx[i] = status_now(chip, which, piece->start_ns + i * byte_ns);
}

void chip_data_status_in(struct chip *chip, const struct chip_piece *piece)
{
	struct chip_frame *frame = &chip->frame;

	for (size_t i = 0; i < piece->len && frame->data + i < sizeof frame->in; i++)
		frame->in[frame->data + i] = piece->tx ? piece->tx[i] : 0;
	if (piece->rx)
		memset(piece->rx, 0xff, piece->len);
}

static void set_status(struct chip *chip, uint8_t which, uint8_t value, bool is_volatile)
{
	static const uint8_t writable[] = { 0xfc, 0x7b, 0x62 };

	value &= writable[which];
	if (which == 0 && chip->part.program == CHIP_PROGRAM_AAI)
		value &= (uint8_t)~CHIP_AAI;
	if (which == 1)
		value |= chip->sr[1] & CHIP_LB;
	chip->sr[which] = value;
	if (!is_volatile)
		chip->saved[which] = value;
}

void chip_take_status(struct chip *chip, uint64_t now_ns)
{
	const struct chip_frame *frame = &chip->frame;
	const uint8_t first = register_of(frame->command);
	const bool armed = frame->armed == CHIP_ARMED_VOLATILE;
	const bool is_volatile = armed && !chip->part.needs_ewsr;

	if (!armed && (!chip->wel || chip->part.needs_ewsr))
		return;
	if (chip_status_locked(chip)) {
		refuse(chip);
		return;
	}
	for (uint8_t i = 0; i < frame->data && first + i < REGISTERS; i++)
		set_status(chip, (uint8_t)(first + i), frame->in[i], is_volatile);
	if (!is_volatile)
		begin(chip, now_ns, chip->part.timing.status);
}

/* ---- program and erase */

void chip_data_program(struct chip *chip, const struct chip_piece *piece)
{
	const struct chip_frame *frame = &chip->frame;
	const uint32_t mask = chip->part.page - 1;
	const uint32_t start = frame->addr + (uint32_t)frame->data;

	if (frame->data == 0)
		memset(chip->charge, 0, sizeof chip->charge);
	for (size_t i = 0; i < piece->len; i++)
		chip->charge[(start + (uint32_t)i) & mask] =
			(uint8_t) ~(piece->tx ? piece->tx[i] : 0);
	if (piece->rx)
		memset(piece->rx, 0xff, piece->len);
}

static uint64_t program_ns(const struct chip_part *part)
{
	return part->program == CHIP_PROGRAM_PAGE ? part->timing.program : part->timing.word;
}

void chip_take_program(struct chip *chip, uint64_t now_ns)
{
	const uint32_t page = chip->part.page;
	const uint32_t base = chip->frame.addr & ~(page - 1);

	if (!chip->wel)
		return;
	if (chip_is_protected(chip, base, page)) {
		refuse(chip);
		return;
	}
	cells_charge(chip->cells + base, chip->charge, page);
	chip->changes++;
	chip->counters.programs++;
	chip->counters.busy_ns += begin(chip, now_ns, program_ns(&chip->part));
}

void chip_data_word(struct chip *chip, const struct chip_piece *piece)
{
	const struct chip_frame *frame = &chip->frame;

	for (size_t i = 0; i < piece->len && frame->data + i < WORD; i++)
		chip->charge[frame->data + i] = (uint8_t) ~(piece->tx ? piece->tx[i] : 0);
	if (piece->rx)
		memset(piece->rx, 0xff, piece->len);
}

/* The lowest bit of the address is not looked at: a word is even. */
void chip_take_aai(struct chip *chip, uint64_t now_ns)
{
	const uint32_t addr = (chip->aai ? chip->aai_addr : chip->frame.addr) & ~(WORD - 1);

	if (!chip->wel)
		return;
	if (chip_is_protected(chip, addr, WORD)) {
		refuse(chip);
		return;
	}
	cells_charge(chip->cells + addr, chip->charge, WORD);
	chip->changes++;
	chip->counters.programs++;
	chip->counters.busy_ns += begin(chip, now_ns, chip->part.timing.word);
	chip->aai_addr = addr + WORD;
	chip->aai = chip->aai_addr < chip->part.size;
}

uint64_t chip_erase_ns(const struct chip_timing *timing, uint32_t size)
{
	if (size <= 0x1000)
		return timing->erase_4k;
	if (size <= 0x8000)
		return timing->erase_32k;
	return timing->erase_64k * (size / 0x10000u);
}

static void erase(struct chip *chip, uint64_t now_ns, uint32_t len, uint64_t ns)
{
	const uint32_t base = chip->frame.addr & ~(len - 1);

	if (!chip->wel)
		return;
	if (chip_is_protected(chip, base, len)) {
		refuse(chip);
		return;
	}
	cells_erase(chip->cells + base, len);
	chip->changes++;
	chip->counters.erases++;
	chip->counters.busy_ns += begin(chip, now_ns, ns);
}

void chip_take_erase(struct chip *chip, uint64_t now_ns)
{
	erase(chip, now_ns, chip->frame.block,
	      chip_erase_ns(&chip->part.timing, chip->frame.block));
}

void chip_take_chip_erase(struct chip *chip, uint64_t now_ns)
{
	erase(chip, now_ns, chip->part.size, chip->part.timing.erase_chip);
}
