#include "demo_content.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"
#include "demo_image.h"

static int failed(const char *path, struct err *e)
{
	return err_set(e, ERR_IO, "%s: %s", path, strerrordesc_np(errno));
}

static int write_content(FILE *f, const struct config_slot *slot)
{
	struct demo_image image;
	uint8_t piece[4096];

	demo_image_init(&image, slot->target->name, slot->chip->size, slot->faults.seed);
	for (uint32_t at = 0; at < image.size; at += sizeof piece) {
		demo_image_read(&image, at, piece, sizeof piece);
		if (fwrite(piece, sizeof piece, 1, f) != 1)
			return -1;
	}
	return fflush(f);
}

/* Under another name first, so that a half file is never taken for content. */
static int make(const char *path, const struct config_slot *slot, struct err *e)
{
	AUTO(auto_fclose) FILE *f = NULL;
	char half[1100];

	snprintf(half, sizeof half, "%s.new", path);
	f = fopen(half, "wb");
	if (!f || write_content(f, slot) != 0)
		return failed(half, e);
	if (rename(half, path) != 0)
		return failed(path, e);
	return 0;
}

int demo_content_make(const char *data, const struct config_slot *slot, char *path, size_t size,
		      struct err *e)
{
	char folder[1000];

	snprintf(folder, sizeof folder, "%s/demo", data);
	if (mkdir(folder, 0750) != 0 && errno != EEXIST)
		return failed(folder, e);
	if ((size_t)snprintf(path, size, "%s/%s.bin", folder, slot->name) >= size)
		return err_set(e, ERR_IO, "%s: the path is too long", data);
	return access(path, F_OK) == 0 ? 0 : make(path, slot, e);
}
