#include "gpio.h"

#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>

#include "auto.h"

struct gpio {
	struct gpiod_line_request *request;
	struct gpiod_line_settings *settings;
	struct gpiod_line_config *config;
	unsigned offset;
	bool driven;
};

static void auto_chip_close(struct gpiod_chip **chip)
{
	if (*chip)
		gpiod_chip_close(*chip);
}

static void auto_info_free(struct gpiod_line_info **info)
{
	if (*info)
		gpiod_line_info_free(*info);
}

static void auto_request_config_free(struct gpiod_request_config **config)
{
	if (*config)
		gpiod_request_config_free(*config);
}

static void auto_gpio_free(struct gpio **gpio)
{
	gpio_free(*gpio);
}

int gpio_find(const char *chip, const char *name, unsigned *offset)
{
	AUTO(auto_chip_close) struct gpiod_chip *c = gpiod_chip_open(chip);
	int at;

	if (!c)
		return -errno;
	at = gpiod_chip_get_line_offset_from_name(c, name);
	if (at < 0)
		return -errno;
	*offset = (unsigned)at;
	return 0;
}

int gpio_consumer(const char *chip, unsigned offset, char consumer[GPIO_NAME])
{
	AUTO(auto_chip_close) struct gpiod_chip *c = gpiod_chip_open(chip);
	AUTO(auto_info_free)
	struct gpiod_line_info *info = c ? gpiod_chip_get_line_info(c, offset) : NULL;
	const char *who;

	if (!info)
		return -errno;
	who = gpiod_line_info_get_consumer(info);
	snprintf(consumer, GPIO_NAME, "%s", !gpiod_line_info_is_used(info) ? "" : who ? who : "?");
	return 0;
}

static struct gpio *gpio_new(const struct gpio_want *want)
{
	AUTO(auto_gpio_free) struct gpio *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->offset = want->offset;
	g->settings = gpiod_line_settings_new();
	g->config = gpiod_line_config_new();
	if (!g->settings || !g->config)
		return NULL;
	gpiod_line_settings_set_active_low(g->settings, want->active_low);
	return TAKE(g);
}

/* Puts the settings into the config, as input or as output of that level. */
static int configure(struct gpio *g, bool output, bool high)
{
	const enum gpiod_line_direction direction =
		output ? GPIOD_LINE_DIRECTION_OUTPUT : GPIOD_LINE_DIRECTION_INPUT;
	const enum gpiod_line_value value =
		high ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;

	gpiod_line_config_reset(g->config);
	if (gpiod_line_settings_set_direction(g->settings, direction) < 0 ||
	    gpiod_line_settings_set_output_value(g->settings, value) < 0 ||
	    gpiod_line_config_add_line_settings(g->config, &g->offset, 1, g->settings) < 0)
		return -errno;
	return 0;
}

int gpio_request(const struct gpio_want *want, struct gpio **gpio)
{
	AUTO(auto_chip_close) struct gpiod_chip *chip = gpiod_chip_open(want->chip);
	AUTO(auto_request_config_free) struct gpiod_request_config *who = NULL;
	AUTO(auto_gpio_free) struct gpio *g = NULL;

	if (!chip)
		return -errno;
	who = gpiod_request_config_new();
	g = gpio_new(want);
	if (!who || !g)
		return -ENOMEM;
	gpiod_request_config_set_consumer(who, want->consumer);
	if (configure(g, false, false) < 0)
		return -errno;
	g->request = gpiod_chip_request_lines(chip, who, g->config);
	if (!g->request)
		return -errno;
	*gpio = TAKE(g);
	return 0;
}

static int reconfigure(struct gpio *gpio, bool output, bool high)
{
	if (configure(gpio, output, high) < 0 ||
	    gpiod_line_request_reconfigure_lines(gpio->request, gpio->config) < 0)
		return -errno;
	gpio->driven = output;
	return 0;
}

int gpio_drive(struct gpio *gpio, bool high)
{
	const enum gpiod_line_value value =
		high ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;

	if (!gpio->driven)
		return reconfigure(gpio, true, high);
	return gpiod_line_request_set_value(gpio->request, gpio->offset, value) < 0 ? -errno : 0;
}

int gpio_let_go(struct gpio *gpio)
{
	return reconfigure(gpio, false, false);
}

int gpio_read(struct gpio *gpio)
{
	const enum gpiod_line_value value =
		gpiod_line_request_get_value(gpio->request, gpio->offset);

	if (value == GPIOD_LINE_VALUE_ERROR)
		return -errno;
	return value == GPIOD_LINE_VALUE_ACTIVE;
}

void gpio_free(struct gpio *gpio)
{
	if (!gpio)
		return;
	if (gpio->request)
		gpiod_line_request_release(gpio->request);
	if (gpio->config)
		gpiod_line_config_free(gpio->config);
	if (gpio->settings)
		gpiod_line_settings_free(gpio->settings);
	free(gpio);
}

const char *gpio_library(void)
{
	return gpiod_api_version();
}
