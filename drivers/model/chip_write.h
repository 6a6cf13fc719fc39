/* Everything that changes a chip: status registers, programming, erasing, and the time it takes. */
#pragma once

#include "chip.h"

/* Registers and modes as after power-up or a reset. */
void chip_restart(struct chip *chip);

/* Ends the operation whose time has come. */
void chip_settle(struct chip *chip, uint64_t now_ns);

/* What erasing a block of size bytes typically takes. */
uint64_t chip_erase_ns(const struct chip_timing *timing, uint32_t size);

/* Members of struct chip_command. */
void chip_data_status(struct chip *chip, const struct chip_piece *piece);
void chip_data_status_in(struct chip *chip, const struct chip_piece *piece);
void chip_data_program(struct chip *chip, const struct chip_piece *piece);
void chip_data_word(struct chip *chip, const struct chip_piece *piece);
void chip_take_status(struct chip *chip, uint64_t now_ns);
void chip_take_program(struct chip *chip, uint64_t now_ns);
void chip_take_aai(struct chip *chip, uint64_t now_ns);
void chip_take_erase(struct chip *chip, uint64_t now_ns); /* of frame.block bytes */
void chip_take_chip_erase(struct chip *chip, uint64_t now_ns);
