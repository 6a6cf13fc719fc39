#include "layout.h"

#include <string.h>

#include "auto.h"
#include "soc.h"

#define CODE     PARTITION_CODE
#define DOWNLOAD PARTITION_DOWNLOAD
#define RF       PARTITION_RF
#define CONFIG   PARTITION_CONFIG
#define FILES    PARTITION_FILES
#define DATA     PARTITION_DATA

/* As they were measured on devices, or stand in the kits' own tables. */
static const struct layout layouts[] = {
	{ "tuya-bk7231n",
	  "Tuya BK7231N",
	  SOC_BK7231N | SOC_BK7231M,
	  true,
	  0x12a000,
	  0,
	  { { "bootloader", CODE, 0, 0x11000 },
	    { "app", CODE, 0x11000, 0x118f70 },
	    { "download", DOWNLOAD, 0x12a000, 0xa6000 },
	    { "rf", RF, 0x1d0000, 0x1000 },
	    { "net", CONFIG, 0x1d1000, 0x1000 },
	    { "uf", FILES, 0x1d2000, 0x18000 },
	    { "kv-protected", CONFIG, 0x1ed000, 0x1000 },
	    { "kv-key", CONFIG, 0x1ee000, 0x1000 },
	    { "kv-data", CONFIG, 0x1ef000, 0xe000 },
	    { "kv-swap", CONFIG, 0x1fd000, 0x3000 } } },
	{ "tuya-bk7231t",
	  "Tuya BK7231T",
	  SOC_BK7231T | SOC_BK7231U,
	  true,
	  0x132000,
	  0,
	  { { "bootloader", CODE, 0, 0x11000 },
	    { "app", CODE, 0x11000, 0x118f70 },
	    { "uf3", FILES, 0x12a000, 0x8000 },
	    { "download", DOWNLOAD, 0x132000, 0xa6000 },
	    { "uf2", FILES, 0x1d8000, 0x8000 },
	    { "rf", RF, 0x1e0000, 0x1000 },
	    { "net", CONFIG, 0x1e1000, 0x1000 },
	    { "fast-connect", CONFIG, 0x1e2000, 0x1000 },
	    { "uf1", FILES, 0x1e3000, 0xb000 },
	    { "kv-key", CONFIG, 0x1ee000, 0x1000 },
	    { "kv-data", CONFIG, 0x1ef000, 0xe000 },
	    { "kv-swap", CONFIG, 0x1fd000, 0x3000 } } },
	{ "tuya-bk7252",
	  "Tuya BK7252, two applications in turn",
	  SOC_BK7252 | SOC_BK7252U,
	  false,
	  0,
	  0x1ba000,
	  { { "bootloader", CODE, 0, 0x11000 },
	    { "app", CODE, 0x11000, 0x1a9000 },
	    { "app2", CODE, 0x1ba000, 0x1a9000 },
	    { "kv-key", CONFIG, 0x397000, 0x1000 } } },
	{ "tuya-t1",
	  "Tuya T1 (BK7238)",
	  SOC_BK7238,
	  false,
	  0,
	  0,
	  { { "bootloader", CODE, 0, 0x11000 },
	    { "app", CODE, 0x11000, 0x11b000 },
	    { "download", DOWNLOAD, 0x12c000, 0xb5000 },
	    { "diff2ya", DATA, 0x1e1000, 0x2000 },
	    { "rf", RF, 0x1e3000, 0x1000 },
	    { "kvs", CONFIG, 0x1e4000, 0x8000 },
	    { "kv-key", CONFIG, 0x1f5000, 0x1000 },
	    { "kv-data", CONFIG, 0x1f6000, 0xa000 } } },
	{ "sdk-2m",
	  "Beken SDK, 2 MiB",
	  SOC_ALL & ~(SOC_BK7231T),
	  false,
	  0x132000,
	  0,
	  { { "bootloader", CODE, 0, 0x11000 },
	    { "app", CODE, 0x11000, 0x121000 },
	    { "download", DOWNLOAD, 0x132000, 0xae000 },
	    { "rf", RF, 0x1e0000, 0x1000 },
	    { "net", CONFIG, 0x1e1000, 0x1000 } } },
	{ "vesync-bk7231n",
	  "VeSync BK7231N",
	  SOC_BK7231N,
	  false,
	  0x125000,
	  0,
	  { { "bootloader", CODE, 0, 0x11000 },
	    { "app", CODE, 0x11000, 0x114000 },
	    { "download", DOWNLOAD, 0x125000, 0xb0000 },
	    { "rf", RF, 0x1d9000, 0x1000 } } },
	{ "sdk-bk7252-4m",
	  "Beken SDK BK7252, 4 MiB",
	  SOC_BK7252 | SOC_BK7252U,
	  false,
	  0x286000,
	  0,
	  { { "bootloader", CODE, 0, 0x11000 },
	    { "app", CODE, 0x11000, 0x275000 },
	    { "download", DOWNLOAD, 0x286000, 0x15a000 },
	    { "rf", RF, 0x3e0000, 0x1000 },
	    { "net", CONFIG, 0x3e1000, 0x1000 } } },
	{ "generic-bk7252-4m",
	  "BK7252 with the 0.1.3 bootloader, 4 MiB",
	  SOC_BK7252,
	  false,
	  0x2ec000,
	  0,
	  { { "bootloader", CODE, 0, 0x11000 },
	    { "app", CODE, 0x11000, 0x1ba000 },
	    { "userdata", DATA, 0x1cb000, 0x119000 },
	    { "kvs", CONFIG, 0x2e4000, 0x8000 },
	    { "download", DOWNLOAD, 0x2ec000, 0x112000 },
	    { "rf", RF, 0x3fe000, 0x1000 } } },
};

static const struct {
	const char *name;
	enum partition_kind kind;
} kinds[] = {
	{ "bootloader", CODE },   { "app", CODE },      { "app1", CODE },  { "app2", CODE },
	{ "download", DOWNLOAD }, { "ota", DOWNLOAD },  { "rf", RF },      { "calibration", RF },
	{ "net", CONFIG },        { "config", CONFIG }, { "kvs", CONFIG }, { "littlefs", FILES },
	{ "easyflash", CONFIG },  { "uf", FILES },
};

const char *partition_kind_name(enum partition_kind kind)
{
	switch (kind) {
	case PARTITION_GAP: return "gap";
	case PARTITION_CODE: return "code";
	case PARTITION_DOWNLOAD: return "download";
	case PARTITION_RF: return "rf";
	case PARTITION_CONFIG: return "config";
	case PARTITION_FILES: return "files";
	case PARTITION_DATA: return "data";
	}
	return "";
}

enum partition_kind partition_kind_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return kinds[i].kind;
	return PARTITION_DATA;
}

static bool fits(const struct layout *layout, const struct layout_clue *clue)
{
	if (clue->headless && layout->measured)
		return (clue->socs & layout->socs) != 0;
	if (layout->download != clue->download)
		return false;
	if (layout->sign && !clue->begins(clue, layout->sign))
		return false;
	if (clue->socs)
		return (clue->socs & layout->socs) != 0;
	/* Without a chip there must be something else that tells. */
	return layout->download || layout->sign;
}

const struct layout *layout_find(const struct layout_clue *clue)
{
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
		if (fits(&layouts[i], clue))
			return &layouts[i];
	return NULL;
}
