#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"

/* Written once by log_setup(), before any thread; only read afterwards. */
static enum log_level threshold = LOG_INFO;
static bool to_journal;

static const struct {
	const char *name;
	const char *priority; /* sd-daemon(3) */
} levels[] = {
	[LOG_ERROR] = { "error", "<3>" },
	[LOG_WARNING] = { "warning", "<4>" },
	[LOG_INFO] = { "info", "<6>" },
	[LOG_DEBUG] = { "debug", "<7>" },
};

/* True when standard error is what the variable names: it is inherited where that is redirected. */
static bool is_journal(const char *stream)
{
	char mine[48];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(mine, sizeof mine, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return !strcmp(stream, mine);
}

void log_setup(enum log_level level)
{
	threshold = level;
	to_journal = is_journal(getenv("JOURNAL_STREAM")); /* NOLINT(concurrency-mt-unsafe) */
}

int log_level_parse(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (!strcmp(levels[i].name, name)) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -1;
}

/* What a client sent may be in it: nothing that begins a line of its own or moves a cursor. */
static void defuse(char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			*line = '?';
}

/* One write for the whole line, so that lines of several threads do not mix. */
static void emit(enum log_level level, const char *fmt, va_list ap)
{
	char line[640];

	if (level > threshold)
		return;
	vsnprintf(line, sizeof line, fmt, ap);
	defuse(line);
	if (to_journal)
		fprintf(stderr, "%s%s\n", levels[level].priority, line);
	else
		fprintf(stderr, "%s: %s\n", levels[level].name, line);
}

#define LOG_BODY(level) \
	va_list ap; \
	va_start(ap, fmt); \
	emit(level, fmt, ap); \
	va_end(ap)

void log_error(const char *fmt, ...)
{
	LOG_BODY(LOG_ERROR);
}
void log_warning(const char *fmt, ...)
{
	LOG_BODY(LOG_WARNING);
}
void log_info(const char *fmt, ...)
{
	LOG_BODY(LOG_INFO);
}
void log_debug(const char *fmt, ...)
{
	LOG_BODY(LOG_DEBUG);
}
