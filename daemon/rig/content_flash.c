#include "content_flash.h"

#include <stdlib.h>

#include "auto.h"

static int read_content(struct flash *flash, uint64_t offset, uint8_t *buf, size_t len,
			struct err *e)
{
	const struct content_flash *f = (const struct content_flash *)flash;
	AUTO(tx_end) struct tx tx = tx_begin_read(f->db);

	return content_read(&tx, f->content, offset, buf, len, e);
}

int content_flash_init(struct content_flash *flash, struct db *db, const struct content *content,
		       struct err *e)
{
	if (content->size > FLASH_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "content above %u MiB is not analysed",
			       FLASH_MAX >> 20);
	*flash = (struct content_flash){ .base = { .read = read_content,
						   .size = (uint32_t)content->size },
					 .db = db,
					 .content = content->id };
	return 0;
}

struct analysis_hint content_hint(const struct dump *dump)
{
	if (!dump || dump->offset > UINT32_MAX - FLASH_MAX)
		return (struct analysis_hint){ .has_start = false };
	return (struct analysis_hint){ .has_start = dump->source != DUMP_IMPORT || dump->offset > 0,
				       .start = (uint32_t)dump->offset };
}

struct analysis *content_analyse(struct db *db, const struct content *content,
				 const struct dump *dump, char **look, struct err *e)
{
	AUTO(auto_free) struct analysis *a = calloc(1, sizeof *a);
	const struct analysis_hint hint = content_hint(dump);
	struct content_flash flash;

	if (!a) {
		err_set(e, ERR_MEMORY, "out of memory for an analysis");
		return NULL;
	}
	if (content_flash_init(&flash, db, content, e) < 0 ||
	    analysis_run(&flash.base, &hint, a, look, e) < 0)
		return NULL;
	return TAKE(a);
}
