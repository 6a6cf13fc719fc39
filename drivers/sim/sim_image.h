/* The content of a simulated chip as a file. */
#pragma once

#include "chip.h"
#include "err.h"

/*
 * Puts the file's bytes at the chip's start, the rest stays. ERR_BAD_INPUT when the file is larger
 * than the chip or no regular file, ERR_IO when it cannot be read.
 */
int sim_image_load(struct chip *chip, const char *path, struct err *e) MUST_CHECK;

/*
 * Replaces the file by the whole content of the chip: all of it is there, or the old file still
 * is. Blocks on the disk. ERR_IO.
 */
int sim_image_save(const struct chip *chip, const char *path, struct err *e) MUST_CHECK;
