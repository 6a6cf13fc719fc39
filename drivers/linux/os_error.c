#include "os_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int why;
	enum err_code code;
} codes[] = {
	{ ENODEV, ERR_OFFLINE },    { ENXIO, ERR_OFFLINE }, { ESHUTDOWN, ERR_OFFLINE },
	{ ETIMEDOUT, ERR_TIMEOUT }, { ENOMEM, ERR_MEMORY },
};

static enum err_code code_of(int why)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].why == why)
			return codes[i].code;
	return ERR_IO;
}

bool os_is_gone(int why)
{
	return code_of(why) == ERR_OFFLINE;
}

int os_fail(struct err *e, int why, const char *fmt, ...)
{
	const char *reason = strerrordesc_np(why);
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return err_set(e, code_of(why), "%s: %s", what, reason ? reason : "unknown error");
}

int os_fail_open(struct err *e, int why, const char *path, const char *missing)
{
	os_fail(e, why, "%s", path);
	e->code = ERR_OFFLINE;
	if (why == EACCES || why == EPERM)
		err_hint(e, "The user of flashrigd needs the right to it: groups spi, gpio and "
			    "dialout (see ls -l), and the unit's DeviceAllow.");
	if (why == ENOENT || why == ENXIO || why == ENODEV)
		err_hint(e, "%s", missing);
	return -1;
}
