#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"

static const char *const names[] = {
	[ERR_NONE] = "none",
	[ERR_BAD_INPUT] = "bad-request",
	[ERR_UNAUTHORIZED] = "unauthorized",
	[ERR_FORBIDDEN] = "forbidden",
	[ERR_NOT_FOUND] = "not-found",
	[ERR_METHOD_NOT_ALLOWED] = "method-not-allowed",
	[ERR_CONFLICT] = "conflict",
	[ERR_TOO_LARGE] = "too-large",
	[ERR_MEDIA_TYPE] = "unsupported-media-type",
	[ERR_BAD_RANGE] = "bad-range",
	[ERR_WRONG_HOST] = "wrong-host",
	[ERR_UNPROCESSABLE] = "unprocessable",
	[ERR_TOO_MANY] = "too-many",
	[ERR_UNAVAILABLE] = "unavailable",
	[ERR_NO_CHIP] = "no-chip",
	[ERR_WIRING] = "wiring",
	[ERR_UNSTABLE_READ] = "unstable-read",
	[ERR_UNKNOWN_CHIP] = "unknown-chip",
	[ERR_CHIP_MISMATCH] = "chip-mismatch",
	[ERR_PROTECTED] = "protected",
	[ERR_VERIFY_FAILED] = "verify-failed",
	[ERR_NOT_BLANK] = "not-blank",
	[ERR_TIMEOUT] = "timeout",
	[ERR_CANCELLED] = "cancelled",
	[ERR_INTERRUPTED] = "interrupted",
	[ERR_OFFLINE] = "offline",
	[ERR_ARCHIVE_FULL] = "archive-full",
	[ERR_ARCHIVE_DAMAGED] = "archive-damaged",
	[ERR_IO] = "io",
	[ERR_MEMORY] = "memory",
	[ERR_INTERNAL] = "internal",
};

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	*e = (struct err){ .code = code,
			   .offset = ERR_NO_OFFSET,
			   .differing_sectors = ERR_NO_OFFSET };
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return -1;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char old[sizeof e->text];
	va_list ap;
	int n;

	memcpy(old, e->text, sizeof old);
	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof e->text)
		snprintf(e->text + n, sizeof e->text - (size_t)n, "%s", old);
	return -1;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof e->hint, fmt, ap);
	va_end(ap);
	return -1;
}

int err_at(struct err *e, int64_t offset, int64_t differing_sectors)
{
	e->offset = offset;
	e->differing_sectors = differing_sectors;
	return -1;
}

const char *err_name(enum err_code code)
{
	return (size_t)code < ARRAY_LEN(names) ? names[code] : "internal";
}

enum err_code err_from_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], name))
			return (enum err_code)i;
	return ERR_NONE;
}
