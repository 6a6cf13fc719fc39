#include "gpio_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "auto.h"
#include "os_error.h"
#include "parse.h"

#define DEV        "/dev/"
#define CHIP       "gpiochip"
#define OFFSET_MAX 65535u

/* ---- parsing */

static bool begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* True when text is CHIP:OFFSET, and name then says so. */
static bool parse_offset(const char *text, struct gpio_name *name)
{
	const char *bare = begins_with(text, DEV) ? text + strlen(DEV) : text;
	const char *colon = strrchr(bare, ':');
	uint64_t offset;

	if (!begins_with(bare, CHIP) || !colon || parse_u64(colon + 1, OFFSET_MAX, &offset) < 0)
		return false;
	snprintf(name->chip, sizeof name->chip, DEV "%.*s", (int)(colon - bare), bare);
	name->offset = (unsigned)offset;
	return true;
}

int gpio_name_parse(const char *text, struct gpio_name *name, struct err *e)
{
	struct gpio_name n = { .active_low = text[0] == '!' };
	const char *rest = text + n.active_low;

	if (rest[0] == '\0')
		return err_set(e, ERR_BAD_INPUT, "a GPIO line without a name");
	if (strlen(rest) + strlen(DEV) >= GPIO_NAME)
		return err_set(e, ERR_BAD_INPUT, "GPIO line %.40s...: the name is too long", rest);
	if (!parse_offset(rest, &n))
		snprintf(n.line, sizeof n.line, "%s", rest);
	*name = n;
	return 0;
}

/* ---- searching */

struct search {
	const char *name;
	char chip[GPIO_NAME]; /* that has it */
	unsigned offset;
	size_t hits, chips;
	int why; /* errno of a chip that could not be opened */
};

static void auto_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void look_at(struct search *search, const char *chip)
{
	unsigned offset;
	const int result = gpio_find(chip, search->name, &offset);

	search->chips++;
	if (result < 0 && result != -ENOENT)
		search->why = -result;
	if (result < 0 || search->hits++ > 0)
		return;
	snprintf(search->chip, sizeof search->chip, "%.*s", GPIO_NAME - 1, chip);
	search->offset = offset;
}

/* Links are left out: a Raspberry Pi 5 has /dev/gpiochip4 as a second name of gpiochip0. */
static bool is_device(DIR *dir, const char *name)
{
	struct stat st;

	return fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode);
}

static void look_at_all(struct search *search)
{
	AUTO(auto_closedir) DIR *dir = opendir(DEV);
	char chip[sizeof DEV + NAME_MAX];
	struct dirent *entry;

	while (dir &&
	       (entry = readdir(dir))) { /* NOLINT(concurrency-mt-unsafe): a DIR of our own */
		if (!begins_with(entry->d_name, CHIP) || !is_device(dir, entry->d_name))
			continue;
		snprintf(chip, sizeof chip, DEV "%s", entry->d_name);
		look_at(search, chip);
	}
}

static int fail_not_found(const struct search *search, struct err *e)
{
	if (search->why)
		return os_fail_open(e, search->why, DEV CHIP "*", GPIO_LIST_HINT);
	if (search->chips == 0) {
		err_set(e, ERR_OFFLINE, "GPIO line %s: this machine has no GPIO chip",
			search->name);
		return err_hint(e, GPIO_LIST_HINT);
	}
	err_set(e, ERR_OFFLINE, "GPIO line %s: no GPIO chip has a line of that name", search->name);
	return err_hint(e, "gpioinfo lists chips and lines; gpiochip0:22 names one by its offset.");
}

int gpio_name_find(const struct gpio_name *name, char chip[GPIO_NAME], unsigned *offset,
		   struct err *e)
{
	struct search search = { .name = name->line, .offset = name->offset };

	snprintf(search.chip, sizeof search.chip, "%s", name->chip);
	if (!name->chip[0])
		look_at_all(&search);
	if (!name->chip[0] && search.hits == 0)
		return fail_not_found(&search, e);
	if (search.hits > 1) {
		err_set(e, ERR_BAD_INPUT, "GPIO line %s: %zu lines have that name", name->line,
			search.hits);
		return err_hint(e,
				"Name it by chip and offset: gpiochip0:22 (gpioinfo lists them).");
	}
	memcpy(chip, search.chip, sizeof search.chip);
	*offset = search.offset;
	return 0;
}
