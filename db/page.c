#include <assert.h>

#include "db.h"

void page_bind_before(struct stmt *s, int64_t before)
{
	stmt_int(s, before >= 0 ? before : INT64_MAX);
}

/* One row more than fits is asked for: it tells whether there are more. */
void page_bind_limit(struct page *page, struct stmt *s)
{
	assert(page->max > 0);
	stmt_int(s, (int64_t)page->max + 1);
	page->n = 0;
	page->next = -1;
}

bool page_row(struct page *page, struct stmt *s)
{
	if (!stmt_row(s)) {
		page->next = -1;
		return false;
	}
	if (page->n == page->max)
		return false;
	page->n++;
	page->next = stmt_col_int(s, "id");
	return true;
}
