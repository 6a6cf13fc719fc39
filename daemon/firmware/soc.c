#include "soc.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auto.h"

/* The longer of two names that begin alike stands first. */
static const struct {
	uint32_t soc;
	const char *title, *target;
} socs[] = {
	{ SOC_BK7231T, "BK7231T", "bk7231t" }, { SOC_BK7231U, "BK7231U", "bk7231u" },
	{ SOC_BK7231N, "BK7231N", "bk7231n" }, { SOC_BK7231M, "BK7231M", "bk7231m" },
	{ SOC_BK7238, "BK7238", "bk7238" },    { SOC_BK7252U, "BK7252U", "bk7252u" },
	{ SOC_BK7252N, "BK7252N", "bk7252n" }, { SOC_BK7252, "BK7252", "bk7252" },
	{ SOC_BK7231Q, "BK7231Q", "bk7231q" },
};

uint32_t soc_of_target(const char *target)
{
	for (size_t i = 0; i < ARRAY_LEN(socs); i++)
		if (!strcmp(socs[i].target, target))
			return socs[i].soc;
	return 0;
}

uint32_t soc_of_text(const char *text)
{
	/* Tuya's name for it. */
	if (!strncasecmp(text, "BK7231S", 7))
		return SOC_BK7231T;
	for (size_t i = 0; i < ARRAY_LEN(socs); i++)
		if (!strncasecmp(text, socs[i].target, strlen(socs[i].target)))
			return socs[i].soc;
	return 0;
}

void soc_text(uint32_t mask, char text[SOC_TEXT])
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(socs) && at < SOC_TEXT; i++)
		if (mask & socs[i].soc)
			at += (size_t)snprintf(text + at, SOC_TEXT - at, "%s%s", at ? " or " : "",
					       socs[i].title);
}

const char *soc_target(uint32_t mask)
{
	for (size_t i = 0; i < ARRAY_LEN(socs); i++)
		if (mask == socs[i].soc)
			return socs[i].target;
	return "";
}
