/*
 * One GPIO line through libgpiod, as little of it as gpio_line.c needs. gpio_v1.c speaks to
 * libgpiod 1.6, gpio_v2.c to 2.x; CMake builds the one that fits what is installed. Functions that
 * return int give 0 or an errno, negative.
 */
#pragma once

#include <stdbool.h>

#define GPIO_NAME 64 /* a line's or consumer's name and its NUL; the kernel's are up to 31 */

struct gpio;

struct gpio_want {
	const char *chip; /* /dev/gpiochip0 */
	unsigned offset;
	bool active_low;
	const char
		*consumer; /* what others see as the line's user; the kernel keeps 31 characters */
};

/* The offset of the line of that name; -ENOENT when the chip has none. */
int gpio_find(const char *chip, const char *name, unsigned *offset);

/* Requests the line as input, so that nobody drives it. */
int gpio_request(const struct gpio_want *want, struct gpio **gpio);

/* Who has the line: "" when nobody, "?" when the kernel does not tell. */
int gpio_consumer(const char *chip, unsigned offset, char consumer[GPIO_NAME]);

/* Drives the logical level; lets go. Each takes effect before it returns. */
int gpio_drive(struct gpio *gpio, bool high);
int gpio_let_go(struct gpio *gpio);

/* The logical level at the wire: 0, 1. */
int gpio_read(struct gpio *gpio);

/* Gives the line back to the kernel. Accepts NULL. */
void gpio_free(struct gpio *gpio);

/* "1.6.3" */
const char *gpio_library(void);
