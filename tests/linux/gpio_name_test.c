#include "gpio_name.h"

#include <string.h>

#include "check.h"

#define PARSED(n, text) \
	struct gpio_name n; \
	struct err e_; \
	CHECK_OK(gpio_name_parse(text, &(n), &e_), e_)

static void name_is_searched_on_all_chips(void)
{
	PARSED(n, "GPIO22");
	CHECK(!strcmp(n.line, "GPIO22") && n.chip[0] == '\0' && !n.active_low);
}

static void exclamation_mark_means_active_low(void)
{
	PARSED(n, "!GPIO5");
	CHECK(!strcmp(n.line, "GPIO5") && n.active_low);
}

static void chip_and_offset_need_no_folder(void)
{
	PARSED(n, "gpiochip0:22");
	CHECK(!strcmp(n.chip, "/dev/gpiochip0") && n.offset == 22);
}

static void chip_and_offset_may_have_a_folder(void)
{
	PARSED(n, "!/dev/gpiochip11:0");
	CHECK(!strcmp(n.chip, "/dev/gpiochip11") && n.offset == 0 && n.active_low);
}

static void name_with_a_colon_is_a_name(void)
{
	PARSED(n, "spi:cs1");
	CHECK(!strcmp(n.line, "spi:cs1") && n.chip[0] == '\0');
}

static void chip_without_a_number_is_a_name(void)
{
	PARSED(n, "gpiochip0:CEN");
	CHECK(!strcmp(n.line, "gpiochip0:CEN") && n.chip[0] == '\0');
}

static void empty_name_is_refused(void)
{
	static const char *const texts[] = { "", "!" };
	struct gpio_name n;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct err e = { .code = ERR_NONE };

		CHECK(gpio_name_parse(texts[i], &n, &e) == -1 && e.code == ERR_BAD_INPUT);
	}
}

static void name_that_is_too_long_is_refused(void)
{
	char text[200];
	struct gpio_name n;
	struct err e = { .code = ERR_NONE };

	memset(text, 'G', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	CHECK(gpio_name_parse(text, &n, &e) == -1 && e.code == ERR_BAD_INPUT);
}

static void longest_name_that_is_taken_is_whole(void)
{
	char text[GPIO_NAME - 5];
	struct gpio_name n;
	struct err e;

	memset(text, 'G', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	CHECK_OK(gpio_name_parse(text, &n, &e), e);
	CHECK(!strcmp(n.line, text));
}

static void name_that_nobody_has_is_offline_and_says_what_to_do(void)
{
	const struct gpio_name name = { .line = "no such line anywhere" };
	char chip[GPIO_NAME];
	unsigned offset;
	struct err e = { .code = ERR_NONE };

	CHECK(gpio_name_find(&name, chip, &offset, &e) == -1);
	CHECK(e.code == ERR_OFFLINE && e.hint[0]);
}

static const struct check checks[] = {
	{ "name is searched on all chips", name_is_searched_on_all_chips },
	{ "exclamation mark means active low", exclamation_mark_means_active_low },
	{ "chip and offset need no folder", chip_and_offset_need_no_folder },
	{ "chip and offset may have a folder", chip_and_offset_may_have_a_folder },
	{ "name with a colon is a name", name_with_a_colon_is_a_name },
	{ "chip without a number is a name", chip_without_a_number_is_a_name },
	{ "empty name is refused", empty_name_is_refused },
	{ "name that is too long is refused", name_that_is_too_long_is_refused },
	{ "longest name that is taken is whole", longest_name_that_is_taken_is_whole },
	{ "name that nobody has is offline and says what to do",
	  name_that_nobody_has_is_offline_and_says_what_to_do },
};

CHECK_MAIN(checks)
