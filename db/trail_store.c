#include "trail_store.h"

#include "auto.h"

int trail_add(struct tx *tx, const struct trail *trail, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO trail (at_ms, refused, who, address, method,"
				     " path, status, what) VALUES (?, ?,"
				     " coalesce((SELECT name FROM token WHERE id = ?), ?),"
				     " ?, ?, ?, ?, ?)");

	stmt_int(&s, trail->at_ms);
	stmt_int(&s, trail->refused);
	stmt_int(&s, trail->token);
	stmt_text(&s, trail->who);
	stmt_text(&s, trail->address);
	stmt_text(&s, trail->method);
	stmt_text(&s, trail->path);
	stmt_int(&s, trail->status);
	stmt_text(&s, trail->what);
	return stmt_end(&s, e);
}

static void read_trail(struct stmt *s, struct trail *trail)
{
	*trail = (struct trail){ .id = stmt_col_int(s, "id"),
				 .at_ms = stmt_col_int(s, "at_ms"),
				 .refused = stmt_col_int(s, "refused") != 0,
				 .status = (int)stmt_col_int(s, "status") };
	stmt_copy_text(s, "who", trail->who, sizeof trail->who);
	stmt_copy_text(s, "address", trail->address, sizeof trail->address);
	stmt_copy_text(s, "method", trail->method, sizeof trail->method);
	stmt_copy_text(s, "path", trail->path, sizeof trail->path);
	stmt_copy_text(s, "what", trail->what, sizeof trail->what);
}

int trail_list(struct tx *tx, int64_t before, struct trail *trails, struct page *page,
	       struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT * FROM trail WHERE id < ? ORDER BY id DESC LIMIT ?");

	page_bind_before(&s, before);
	page_bind_limit(page, &s);
	while (page_row(page, &s))
		read_trail(&s, &trails[page->n - 1]);
	return stmt_end(&s, e);
}

static int trim(struct tx *tx, bool refused, int64_t keep, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "DELETE FROM trail WHERE refused = ? AND id <= (SELECT id"
				     " FROM trail WHERE refused = ? ORDER BY id DESC"
				     " LIMIT 1 OFFSET ?)");

	stmt_int(&s, refused);
	stmt_int(&s, refused);
	stmt_int(&s, keep);
	return stmt_end(&s, e);
}

int trail_trim(struct tx *tx, int64_t deeds, int64_t refused, struct err *e)
{
	return trim(tx, false, deeds, e) < 0 ? -1 : trim(tx, true, refused, e);
}
