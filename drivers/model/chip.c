#include "chip.h"

#include "chance.h"
#include "chip_cells.h"
#include "chip_command.h"
#include "chip_sfdp.h"
#include "chip_write.h"

/* The answer's first byte belongs to the opcode and means nothing: all of these were seen. */
static const uint8_t noises[] = { 0xff, 0xff, 0x00, 0xd2 };

void chip_init(struct chip *chip, const struct chip_part *part, uint8_t *cells, uint64_t seed)
{
	memset(chip, 0, sizeof *chip);
	chip->part = *part;
	chip->cells = cells;
	chip->chance = seed;
	chip_sfdp_build(part, chip->sfdp);
}

void chip_set_status(struct chip *chip, uint8_t sr1, uint8_t sr2)
{
	chip->sr[0] = chip->saved[0] = sr1 & (uint8_t) ~(CHIP_WIP | CHIP_WEL);
	chip->sr[1] = chip->saved[1] = sr2;
}

void chip_select(struct chip *chip, uint64_t now_ns)
{
	chip_settle(chip, now_ns);
	chip->frame = (struct chip_frame){
		.armed = chip->armed,
		.head_need = 1,
		.noise = noises[chance_below(&chip->chance, sizeof noises)],
	};
	chip->selected = true;
}

/* How many bytes come before the data. */
static uint32_t head_need(const struct chip *chip, const struct chip_command *command)
{
	const uint32_t mode = chip->four_byte ? 4 : 3;
	const uint32_t address[] = { [CHIP_ADDRESS_NONE] = 0,
				     [CHIP_ADDRESS_3] = 3,
				     [CHIP_ADDRESS_4] = 4,
				     [CHIP_ADDRESS_MODE] = mode };

	return 1 + address[command->address] + command->dummies;
}

static void take_opcode(struct chip *chip, uint64_t now_ns)
{
	chip_settle(chip, now_ns);
	chip->frame.command = chip_command_find(chip, chip->frame.head[0]);
	chip->frame.head_need = head_need(chip, chip->frame.command);
}

/* The address stands between opcode and dummies. */
static void take_address(struct chip *chip)
{
	struct chip_frame *frame = &chip->frame;
	uint32_t addr = 0;

	for (uint32_t i = 1; i + frame->command->dummies < frame->head_need; i++)
		addr = addr << 8 | frame->head[i];
	frame->addr = addr & (chip->part.size - 1);
}

/* Opcode, address and dummies go in, byte by byte; returns how many bytes of the piece they took. */
static size_t head_in(struct chip *chip, const struct chip_piece *piece)
{
	struct chip_frame *frame = &chip->frame;
	size_t i = 0;

	for (; i < piece->len && frame->head_len < frame->head_need; i++) {
		frame->head[frame->head_len++] = piece->tx ? piece->tx[i] : 0;
		if (piece->rx)
			piece->rx[i] = frame->head_len == 1 ? frame->noise : 0xff;
		if (frame->head_len == 1)
			take_opcode(chip, piece->start_ns);
		if (frame->head_len == frame->head_need)
			take_address(chip);
	}
	return i;
}

static void miso_floats(const struct chip_piece *piece)
{
	if (piece->rx)
		memset(piece->rx, 0xff, piece->len);
}

static void data_by(struct chip *chip, const struct chip_piece *piece)
{
	struct chip_frame *frame = &chip->frame;

	if (frame->command->data)
		frame->command->data(chip, piece);
	else
		miso_floats(piece);
	frame->data += piece->len;
}

/* What is left of the piece after its first skip bytes. */
static struct chip_piece rest_of(const struct chip_piece *piece, size_t skip)
{
	return (struct chip_piece){
		.tx = piece->tx ? piece->tx + skip : NULL,
		.rx = piece->rx ? piece->rx + skip : NULL,
		.len = piece->len - skip,
		.start_ns = piece->start_ns + skip * chip_byte_ns(piece->hz),
		.hz = piece->hz,
		.mode = piece->mode,
	};
}

void chip_xfer(struct chip *chip, const struct chip_piece *piece)
{
	struct chip_piece data;

	if (!chip->selected) {
		miso_floats(piece);
		return;
	}
	data = rest_of(piece, head_in(chip, piece));
	if (data.len > 0)
		data_by(chip, &data);
}

/* True when the command in the frame is whole, and something happens with it. */
static bool frame_complete(const struct chip_frame *frame)
{
	const struct chip_command *command = frame->command;

	return command && command->take && frame->head_len == frame->head_need &&
	       frame->data >= command->min_data && frame->data <= command->max_data;
}

void chip_deselect(struct chip *chip, uint64_t now_ns)
{
	if (!chip->selected)
		return;
	chip->selected = false;
	if (chip->frame.command)
		chip->armed = CHIP_ARMED_NONE;
	if (frame_complete(&chip->frame))
		chip->frame.command->take(chip, now_ns);
}

void chip_abandon(struct chip *chip)
{
	chip->selected = false;
}

void chip_power_up(struct chip *chip)
{
	chip_abandon(chip);
	chip->saved[1] &= (uint8_t)~CHIP_SRL;
	chip->asleep = false;
	chip->armed = CHIP_ARMED_NONE;
	chip_restart(chip);
	chip->busy = false;
}

void chip_peek(const struct chip *chip, uint32_t addr, uint8_t *buf, size_t len)
{
	cells_read(chip->cells + addr, buf, len);
}

void chip_poke(struct chip *chip, uint32_t addr, const uint8_t *buf, size_t len)
{
	cells_write(chip->cells + addr, buf, len);
}

void chip_blank(struct chip *chip)
{
	cells_erase(chip->cells, chip->part.size);
}
