/* Configuration from all stores that a flash may have. */
#include "analysis_impl.h"

#include "auto.h"
#include "easyflash.h"
#include "fast_connect.h"
#include "openbeken.h"
#include "tuya_settings.h"

static int read_vault(struct work *w, struct err *e)
{
	const struct survey_finds *finds = &w->survey.kv;

	/* Protected sectors begin alike; their sums tell them apart. */
	for (size_t i = 0; i < finds->n && !w->vault.has_key; i++)
		if (tuya_vault_read(w->flash, finds->at[i], &w->vault, e) < 0)
			return -1;
	return w->vault.has_key ? tuya_settings(w->flash, &w->vault, &w->a->settings, e) : 0;
}

static int read_openbeken(struct work *w, uint32_t at, struct err *e)
{
	if (flash_read(w->flash, at, w->piece, FLASH_SECTOR, e) < 0)
		return -1;
	if (openbeken_is(w->piece))
		openbeken_settings(w->piece, at, &w->a->settings);
	return 0;
}

static int read_easyflash(struct work *w, uint32_t at, struct err *e)
{
	if (flash_read(w->flash, at, w->piece, FLASH_SECTOR, e) < 0)
		return -1;
	(void)easyflash_settings(w->piece, at, &w->a->settings);
	return 0;
}

/* Where the kits put it: the record has no mark of its own, so it is not searched for elsewhere. */
static int read_fast_connect(struct work *w, struct err *e)
{
	static const uint32_t places[] = { 0x1e2000, 0x1d1000 };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (!flash_has(w->flash, places[i], FLASH_SECTOR))
			continue;
		if (flash_read(w->flash, places[i], w->piece, FLASH_SECTOR, e) < 0)
			return -1;
		if (!bytes_erased(w->piece, FLASH_SECTOR) &&
		    fast_connect_settings(w->piece, places[i], &w->a->settings))
			return 0;
	}
	return 0;
}

static int read_each(struct work *w, const struct survey_finds *finds,
		     int (*read)(struct work *w, uint32_t at, struct err *e), struct err *e)
{
	for (size_t i = 0; i < finds->n; i++)
		if (read(w, finds->at[i], e) < 0)
			return -1;
	return 0;
}

int stores_read(struct work *w, struct err *e)
{
	if (read_vault(w, e) < 0 || read_each(w, &w->survey.openbeken, read_openbeken, e) < 0 ||
	    read_each(w, &w->survey.easyflash, read_easyflash, e) < 0)
		return -1;
	return read_fast_connect(w, e);
}
