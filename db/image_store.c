#include "image_store.h"

#include "auto.h"
#include "in_use.h"

int image_add(struct tx *tx, struct image *image, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO image (name, kind, content, created_ms)"
				     " VALUES (?, ?, ?, ?)");

	stmt_text(&s, image->name);
	stmt_text(&s, image->kind);
	stmt_int(&s, image->content.id);
	stmt_int(&s, image->created_ms);
	if (stmt_end(&s, e) < 0)
		return -1;
	image->id = tx_last_id(tx);
	return 0;
}

static int not_found(int64_t id, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no image %lld", (long long)id);
}

static int read_image(struct tx *tx, struct stmt *s, struct image *image, struct err *e)
{
	*image = (struct image){ .id = stmt_col_int(s, "id"),
				 .created_ms = stmt_col_int(s, "created_ms") };
	stmt_copy_text(s, "name", image->name, sizeof image->name);
	stmt_copy_text(s, "kind", image->kind, sizeof image->kind);
	return content_get(tx, stmt_col_int(s, "content"), &image->content, e);
}

int image_get(struct tx *tx, int64_t id, struct image *image, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT * FROM image WHERE id = ?");
	struct image found;

	stmt_int(&s, id);
	if (!stmt_row(&s))
		return stmt_end(&s, e) < 0 ? -1 : not_found(id, e);
	if (read_image(tx, &s, &found, e) < 0)
		return -1;
	*image = found;
	return 0;
}

int image_list(struct tx *tx, int64_t before, struct image *images, struct page *page,
	       struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT * FROM image WHERE id < ? ORDER BY id DESC LIMIT ?");

	page_bind_before(&s, before);
	page_bind_limit(page, &s);
	while (page_row(page, &s))
		if (read_image(tx, &s, &images[page->n - 1], e) < 0)
			return -1;
	return stmt_end(&s, e);
}

int image_update(struct tx *tx, const struct image *image, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "UPDATE image SET name = ? WHERE id = ?");

	stmt_text(&s, image->name);
	stmt_int(&s, image->id);
	if (stmt_end(&s, e) < 0)
		return -1;
	return sqlite3_changes(tx->conn->raw) ? 0 : not_found(image->id, e);
}

static int delete_row(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM image WHERE id = ?");

	stmt_int(&s, id);
	return stmt_end(&s, e);
}

int image_remove(struct tx *tx, int64_t id, struct err *e)
{
	struct image image = { 0 };

	if (image_get(tx, id, &image, e) < 0 || in_use_image(tx, id, e) < 0 ||
	    delete_row(tx, id, e) < 0)
		return -1;
	return content_release(tx, image.content.id, e);
}
