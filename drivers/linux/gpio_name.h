/* How the configuration names a GPIO line: "GPIO22", "gpiochip0:22", "!GPIO5". */
#pragma once

#include "err.h"
#include "gpio.h"

#define GPIO_LIST_HINT "The chips that are there: ls /dev/gpiochip*; gpioinfo lists their lines."

struct gpio_name {
	bool active_low;      /* "!" in front */
	char chip[GPIO_NAME]; /* "/dev/gpiochip0"; "": by name, on whatever chip has it */
	unsigned offset;      /* with a chip */
	char line[GPIO_NAME]; /* without */
};

/*
 * GPIOCHIP:OFFSET with a chip of /dev, with or without that folder, is an offset; anything else is
 * a name, which may have colons too. ERR_BAD_INPUT (empty, too long).
 */
int gpio_name_parse(const char *text, struct gpio_name *name, struct err *e) MUST_CHECK;

/*
 * Looks for the line: *chip is the device that has it, *offset where. All chips of /dev are
 * searched for a name. Errors: ERR_OFFLINE (no chip has it, or none can be opened: the hint says
 * what to look at), ERR_BAD_INPUT (several chips have a line of that name).
 */
int gpio_name_find(const struct gpio_name *name, char chip[GPIO_NAME], unsigned *offset,
		   struct err *e) MUST_CHECK;
