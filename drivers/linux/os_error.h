/* What the kernel's errno means to a slot, in the words and codes of struct err. */
#pragma once

#include <stdbool.h>

#include "err.h"

/* True when the device behind a descriptor is not there any more: unplugged, unbound, hung up. */
bool os_is_gone(int why);

/*
 * "WHAT: No such device", with the code that why stands for: ERR_OFFLINE for a device that is
 * gone, ERR_TIMEOUT, ERR_MEMORY, ERR_IO for all others. why is an errno. Returns -1.
 */
int os_fail(struct err *e, int why, const char *fmt, ...) PRINTF(3, 4);

/*
 * The same for a device that cannot be opened: the code is ERR_OFFLINE whatever the reason
 * (missing, forbidden, taken), because it may come right without a change of the configuration.
 * The hint is about missing rights, or, where the device is not there, `missing`. Returns -1.
 */
int os_fail_open(struct err *e, int why, const char *path, const char *missing);
