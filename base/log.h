/* One line a matter, on standard error; under systemd with the priority that journald reads. */
#pragma once

#include "err.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Once, before the first thread. The default is LOG_INFO. */
void log_setup(enum log_level level);

/* "error", "warning", "info", "debug" -> *level; -1 for anything else. */
int log_level_parse(const char *name, enum log_level *level);

void log_error(const char *fmt, ...) PRINTF(1, 2);
void log_warning(const char *fmt, ...) PRINTF(1, 2);
void log_info(const char *fmt, ...) PRINTF(1, 2);
void log_debug(const char *fmt, ...) PRINTF(1, 2);
