#include "boot_log_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"

int boot_log_put(struct tx *tx, int64_t job, const char *text, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT OR REPLACE INTO boot_log (job, text) VALUES (?, ?)");

	stmt_int(&s, job);
	stmt_text(&s, text);
	return stmt_end(&s, e);
}

int boot_log_get(struct tx *tx, int64_t job, char **text, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT text FROM boot_log WHERE job = ?");
	AUTO(auto_free) char *found = NULL;

	stmt_int(&s, job);
	if (stmt_row(&s))
		found = strdup(stmt_col_text(&s, "text"));
	if (stmt_end(&s, e) < 0)
		return -1;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "job %" PRId64 " has recorded no boot log", job);
	*text = TAKE(found);
	return 0;
}
