#include "bench.h"

#include <linux/err.h>
#include <linux/gpio/driver.h>
#include <linux/platform_device.h>
#include <linux/version.h>

#define NAME "flashrig-bench-gpio"

const char *const bench_line_names[BENCH_LINES] = {
	[LINE_CEN0] = "CEN0",   [LINE_CEN1] = "CEN1",   [LINE_POWER1] = "POWER1",
	[LINE_CS3] = "CS3",     [LINE_SPARE] = "SPARE", [LINE_TWIN_A] = "TWIN",
	[LINE_TWIN_B] = "TWIN",
};

static struct platform_device *device;
static struct gpio_chip chip;

/* What the boards' own pulls make of a line that nobody drives: all but the power switch are up. */
bool bench_level(enum bench_line line)
{
	const struct bench_gpio_line *l = &bench.line[line];

	return l->output ? l->value : line != LINE_POWER1;
}

static void move(unsigned int offset, bool output, bool value)
{
	mutex_lock(&bench.lock);
	bench.line[offset] = (struct bench_gpio_line){ output, value };
	bench_line_moved(offset);
	mutex_unlock(&bench.lock);
}

static int bench_direction_input(struct gpio_chip *gc, unsigned int offset)
{
	move(offset, false, false);
	return 0;
}

static int bench_direction_output(struct gpio_chip *gc, unsigned int offset, int value)
{
	move(offset, true, value);
	return 0;
}

static int bench_get_direction(struct gpio_chip *gc, unsigned int offset)
{
	return bench.line[offset].output ? GPIO_LINE_DIRECTION_OUT : GPIO_LINE_DIRECTION_IN;
}

static int bench_get(struct gpio_chip *gc, unsigned int offset)
{
	return bench_level(offset);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
static int bench_set(struct gpio_chip *gc, unsigned int offset, int value)
{
	move(offset, bench.line[offset].output, value);
	return 0;
}
#else
static void bench_set(struct gpio_chip *gc, unsigned int offset, int value)
{
	move(offset, bench.line[offset].output, value);
}
#endif

/* What pinctrl-bcm2835 does when the last user lets a line go, mainline's or Raspberry Pi OS's. */
static void bench_free(struct gpio_chip *gc, unsigned int offset)
{
	if (!bench_persist)
		move(offset, false, false);
}

static int bench_gpio_probe(struct platform_device *pdev)
{
	chip = (struct gpio_chip){
		.label = "flashrig-bench",
		.parent = &pdev->dev,
		.owner = THIS_MODULE,
		.base = -1,
		.ngpio = BENCH_LINES,
		.names = bench_line_names,
		.can_sleep = true,
		.direction_input = bench_direction_input,
		.direction_output = bench_direction_output,
		.get_direction = bench_get_direction,
		.get = bench_get,
		.set = bench_set,
		.free = bench_free,
	};
	return devm_gpiochip_add_data(&pdev->dev, &chip, NULL);
}

static struct platform_driver driver = { .driver.name = NAME, .probe = bench_gpio_probe };

int bench_gpio_add(void)
{
	int result = platform_driver_register(&driver);

	if (result < 0)
		return result;
	device = platform_device_register_simple(NAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (!IS_ERR(device))
		return 0;
	platform_driver_unregister(&driver);
	return PTR_ERR(device);
}

void bench_gpio_remove(void)
{
	platform_device_unregister(device);
	platform_driver_unregister(&driver);
}
