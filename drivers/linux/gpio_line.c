#include "gpio_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "gpio_name.h"
#include "log.h"
#include "os_error.h"

#define CONSUMER 32 /* the kernel's GPIO_MAX_NAME_SIZE */

struct gpio_line {
	struct line base;
	struct gpio_name name;
	char text[GPIO_NAME]; /* as configured, for people */
	char consumer[CONSUMER];
	bool rest_high, keep_driven;
	struct gpio *gpio; /* NULL: not held, or gone */
	bool driven;       /* since the last rest */
};

static struct gpio_line *from_line(struct line *line)
{
	return (struct gpio_line *)line;
}

static int hint_gone(struct err *e)
{
	return err_hint(
		e, "Its gpiochip was there and is not any more (gpiodetect lists those that are). "
		   "The slot comes back by itself when it does.");
}

/* result is an errno, negative; a line that is gone is given back. */
static int fail(struct gpio_line *l, int result, struct err *e)
{
	os_fail(e, -result, "GPIO line %s", l->text);
	if (!os_is_gone(-result))
		return -1;
	gpio_free(TAKE(l->gpio));
	return hint_gone(e);
}

static int drive(struct gpio_line *l, bool high, struct err *e)
{
	int result;

	if (!l->gpio) {
		err_set(e, ERR_OFFLINE, "GPIO line %s is gone", l->text);
		return hint_gone(e);
	}
	result = gpio_drive(l->gpio, high);
	l->driven = true;
	return result < 0 ? fail(l, result, e) : 0;
}

static int gpio_line_set(struct line *line, bool high, struct err *e)
{
	return drive(from_line(line), high, e);
}

static int gpio_line_rest(struct line *line, struct err *e)
{
	struct gpio_line *l = from_line(line);
	int result;

	if (drive(l, l->rest_high, e) < 0)
		return -1;
	if (l->keep_driven)
		return 0;
	result = gpio_let_go(l->gpio);
	l->driven = result < 0;
	return result < 0 ? fail(l, result, e) : 0;
}

static void gpio_line_close(struct line *line)
{
	struct gpio_line *l = from_line(line);
	struct err e;

	/* A line that nobody moved is not touched: the self-test pulses nothing. */
	if (l->gpio && l->driven && gpio_line_rest(line, &e) < 0)
		log_error("%s: %s", l->consumer, e.text);
	gpio_free(l->gpio);
	free(l);
}

static const struct line_ops gpio_line_ops = {
	.name = "gpio", .set = gpio_line_set, .rest = gpio_line_rest, .close = gpio_line_close
};

/* ---- requesting */

static int fail_busy(const struct gpio_line *l, const char *chip, unsigned offset, struct err *e)
{
	char who[GPIO_NAME] = "?";

	(void)gpio_consumer(chip, offset, who);
	err_set(e, ERR_OFFLINE, "GPIO line %s (%s, offset %u) is in use by \"%s\"", l->text, chip,
		offset, who);
	if (strncmp(who, "spi", 3) == 0)
		return err_hint(e, "The kernel uses it as a chip select; on a Raspberry Pi "
				   "dtoverlay=spi0-0cs (or spi0-1cs) frees it.");
	return err_hint(e, "Stop what holds it (gpioinfo lists all), or use another line.");
}

static int fail_request(const struct gpio_line *l, int why, const struct gpio_want *want,
			struct err *e)
{
	if (why == EBUSY)
		return fail_busy(l, want->chip, want->offset, e);
	if (why != EINVAL)
		return os_fail_open(e, why, want->chip, GPIO_LIST_HINT);
	err_set(e, ERR_BAD_INPUT, "GPIO line %s: %s has no offset %u", l->text, want->chip,
		want->offset);
	return err_hint(e, GPIO_LIST_HINT);
}

static int request(struct gpio_line *l, struct err *e)
{
	char chip[GPIO_NAME];
	struct gpio_want want = { .chip = chip,
				  .active_low = l->name.active_low,
				  .consumer = l->consumer };
	int result;

	if (gpio_name_find(&l->name, chip, &want.offset, e) < 0)
		return -1;
	result = gpio_request(&want, &l->gpio);
	return result < 0 ? fail_request(l, -result, &want, e) : 0;
}

int gpio_line_wake(struct line *line, struct err *e)
{
	struct gpio_line *l = from_line(line);

	if (l->gpio && gpio_read(l->gpio) >= 0)
		return 0;
	gpio_free(TAKE(l->gpio));
	l->driven = false;
	if (request(l, e) < 0)
		return -1;
	return l->keep_driven ? drive(l, l->rest_high, e) : 0;
}

struct line *gpio_line_new(const struct gpio_line_config *config, struct err *e)
{
	AUTO(auto_free) struct gpio_line *l = calloc(1, sizeof *l);

	if (!l) {
		err_set(e, ERR_MEMORY, "no memory for a GPIO line");
		return NULL;
	}
	if (gpio_name_parse(config->text, &l->name, e) < 0)
		return NULL;
	l->base.ops = &gpio_line_ops;
	l->rest_high = config->rest_high;
	l->keep_driven = config->keep_driven;
	snprintf(l->text, sizeof l->text, "%s", config->text);
	snprintf(l->consumer, sizeof l->consumer, "flashrig:%s", config->slot);
	return &TAKE(l)->base;
}
