#include "target.h"

#include <string.h>

/*
 * The loader in flash: BK7231T, BK7231U and BK7252 start from flash and lose UART recovery with
 * its first 0x11000 bytes; N, M, 7238 and 7252N have it in mask ROM.
 */
static const struct target table[] = {
	{ "bk7231t", "BK7231T", .enters_spi_mode = true, .loader_in_flash = true },
	{ "bk7231u", "BK7231U", .enters_spi_mode = true, .loader_in_flash = true },
	{ "bk7231n", "BK7231N", .enters_spi_mode = true },
	{ "bk7231m", "BK7231M", .enters_spi_mode = true },
	{ "bk7238", "BK7238", .enters_spi_mode = true },
	{ "bk7252", "BK7252", .enters_spi_mode = true, .loader_in_flash = true },
	{ "bk7252u", "BK7252U", .enters_spi_mode = true, .loader_in_flash = true },
	{ "bk7252n", "BK7252N", .enters_spi_mode = true },
	{ "nor", "SPI NOR", .enters_spi_mode = false },
};

const struct target *targets(size_t *n)
{
	*n = sizeof table / sizeof *table;
	return table;
}

const struct target *target_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}
