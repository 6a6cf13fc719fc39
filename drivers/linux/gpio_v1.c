#include "gpio.h"

#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>

#include "auto.h"

struct gpio {
	struct gpiod_chip *chip;
	struct gpiod_line *line; /* of the chip; NULL before it is requested */
	bool driven;
};

static void auto_chip_close(struct gpiod_chip **chip)
{
	if (*chip)
		gpiod_chip_close(*chip);
}

static void auto_gpio_free(struct gpio **gpio)
{
	gpio_free(*gpio);
}

int gpio_find(const char *chip, const char *name, unsigned *offset)
{
	AUTO(auto_chip_close) struct gpiod_chip *c = gpiod_chip_open(chip);
	struct gpiod_line *line;

	if (!c)
		return -errno;
	line = gpiod_chip_find_line(c, name);
	if (!line)
		return -ENOENT;
	*offset = gpiod_line_offset(line);
	return 0;
}

int gpio_consumer(const char *chip, unsigned offset, char consumer[GPIO_NAME])
{
	AUTO(auto_chip_close) struct gpiod_chip *c = gpiod_chip_open(chip);
	struct gpiod_line *line = c ? gpiod_chip_get_line(c, offset) : NULL;
	const char *who;

	if (!line)
		return -errno;
	who = gpiod_line_consumer(line);
	snprintf(consumer, GPIO_NAME, "%s", !gpiod_line_is_used(line) ? "" : who ? who : "?");
	return 0;
}

int gpio_request(const struct gpio_want *want, struct gpio **gpio)
{
	const struct gpiod_line_request_config config = {
		.consumer = want->consumer,
		.request_type = GPIOD_LINE_REQUEST_DIRECTION_INPUT,
		.flags = want->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
	};
	AUTO(auto_gpio_free) struct gpio *g = calloc(1, sizeof *g);
	struct gpiod_line *line;

	if (!g)
		return -ENOMEM;
	g->chip = gpiod_chip_open(want->chip);
	line = g->chip ? gpiod_chip_get_line(g->chip, want->offset) : NULL;
	if (!line || gpiod_line_request(line, &config, 0) < 0)
		return -errno;
	g->line = line;
	*gpio = TAKE(g);
	return 0;
}

int gpio_drive(struct gpio *gpio, bool high)
{
	const int result = gpio->driven ? gpiod_line_set_value(gpio->line, high)
					: gpiod_line_set_direction_output(gpio->line, high);

	if (result < 0)
		return -errno;
	gpio->driven = true;
	return 0;
}

int gpio_let_go(struct gpio *gpio)
{
	if (gpiod_line_set_direction_input(gpio->line) < 0)
		return -errno;
	gpio->driven = false;
	return 0;
}

int gpio_read(struct gpio *gpio)
{
	const int level = gpiod_line_get_value(gpio->line);

	return level < 0 ? -errno : level;
}

void gpio_free(struct gpio *gpio)
{
	if (!gpio)
		return;
	if (gpio->line)
		gpiod_line_release(gpio->line);
	if (gpio->chip)
		gpiod_chip_close(gpio->chip);
	free(gpio);
}

const char *gpio_library(void)
{
	return gpiod_version_string();
}
