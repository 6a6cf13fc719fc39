/*
 * All that the model needs from outside: integers, bool, size_t, memset and memcpy. The one place
 * that knows whether it is built into a program or into a kernel module.
 */
#pragma once

#ifdef __KERNEL__
#include <linux/string.h> // IWYU pragma: export
#include <linux/types.h>  // IWYU pragma: export
#else
#include <stdbool.h> // IWYU pragma: export
#include <stddef.h>  // IWYU pragma: export
#include <stdint.h>  // IWYU pragma: export
#include <string.h>  // IWYU pragma: export
#endif
