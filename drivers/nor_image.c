#include "nor_image.h"

#include <string.h>

int nor_image_read(const struct nor_image *image, uint32_t addr, uint8_t *buf, size_t len,
		   struct err *e)
{
	if (image->source)
		return image->source->read(image->source, addr, buf, len, e);
	memset(buf, 0xff, len);
	return 0;
}

static int memory_read(struct nor_source *source, uint32_t addr, uint8_t *buf, size_t len,
		       struct err *e)
{
	const struct nor_memory *memory = (const struct nor_memory *)source;

	(void)e;
	memcpy(buf, memory->bytes + (addr - memory->addr), len);
	return 0;
}

struct nor_memory nor_memory(const uint8_t *bytes, uint32_t addr)
{
	return (struct nor_memory){ .base.read = memory_read, .bytes = bytes, .addr = addr };
}
