/* Which chip code is for. Sets of them are masks: what is known often narrows it down to a few. */
#pragma once

#include <stdint.h>

#define SOC_BK7231T 0x001u
#define SOC_BK7231U 0x002u
#define SOC_BK7231N 0x004u
#define SOC_BK7231M 0x008u
#define SOC_BK7238  0x010u
#define SOC_BK7252  0x020u
#define SOC_BK7252U 0x040u
#define SOC_BK7252N 0x080u
#define SOC_BK7231Q 0x100u
#define SOC_ALL     0x1ffu

/* The chip of a target of the configuration ("bk7231n"); 0 for any other. */
uint32_t soc_of_target(const char *target);

/* The chips that a token at the start of text names, as firmware writes it: "BK7231N_1.0.1", "bk7231n", "BK7231S_2M" (which is T); 0 for none. */
uint32_t soc_of_text(const char *text);

/* "BK7231N", or "BK7231U or BK7252"; "" for none. */
#define SOC_TEXT 96
void soc_text(uint32_t socs, char text[SOC_TEXT]);

/* "bk7231n" for a set of one, else "". */
const char *soc_target(uint32_t socs);
