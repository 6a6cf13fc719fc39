#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"

/* ---- keeping it */

static int run(struct tx *tx, const char *sql, int64_t id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	stmt_int(&s, id);
	return stmt_end(&s, e);
}

int words_note(struct tx *tx, int64_t dump, struct err *e)
{
	return run(tx, "INSERT OR IGNORE INTO dump_unread (dump) VALUES (?)", dump, e);
}

int words_note_device(struct tx *tx, int64_t device, struct err *e)
{
	return run(tx,
		   "INSERT OR IGNORE INTO dump_unread (dump) SELECT id FROM dump WHERE device = ?",
		   device, e);
}

static int say_all(struct db *db, const char *const *sql, size_t n, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	for (size_t i = 0; i < n; i++) {
		AUTO(stmt_free) struct stmt s = stmt_new(&tx, sql[i]);

		if (stmt_end(&s, e) < 0)
			return -1;
	}
	return tx_commit(&tx, e);
}

int words_rebuild(struct db *db, struct err *e)
{
	static const char *const steps[] = { "DROP TABLE dump_words", WORDS_CREATE, WORDS_FILL,
					     "DELETE FROM dump_unread" };

	return say_all(db, steps, ARRAY_LEN(steps), e);
}

static int read_new(struct db *db, struct err *e)
{
	static const char *const steps[] = {
		"DELETE FROM dump_words WHERE rowid IN (SELECT dump FROM dump_unread)",
		WORDS_FILL " WHERE id IN (SELECT dump FROM dump_unread)",
		"DELETE FROM dump_unread",
	};

	return say_all(db, steps, ARRAY_LEN(steps), e);
}

static int any_new(struct db *db, bool *any, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	AUTO(stmt_free) struct stmt s = stmt_new(&tx, "SELECT 1 FROM dump_unread LIMIT 1");

	*any = stmt_row(&s);
	return stmt_end(&s, e);
}

/* What FTS5 says about its damage may be anything ("constraint failed"). */
int words_catch_up(struct db *db, struct err *e)
{
	bool any;

	if (any_new(db, &any, e) < 0)
		return -1;
	if (!any || read_new(db, e) == 0)
		return 0;
	return e->code == ERR_ARCHIVE_FULL || e->code == ERR_MEMORY ? -1 : words_rebuild(db, e);
}

static int compare(struct db *db, struct err *e)
{
	static const char *const step[] = {
		"INSERT INTO dump_words (dump_words) VALUES ('integrity-check')"
	};

	return say_all(db, step, ARRAY_LEN(step), e);
}

int words_check(struct db *db, bool *anew, struct err *e)
{
	*anew = false;
	if (compare(db, e) == 0)
		return 0;
	if (e->code != ERR_ARCHIVE_DAMAGED || words_rebuild(db, e) < 0)
		return -1;
	*anew = true;
	return 0;
}

/* ---- asking it */

#define GAPS " \t\r\n"

/* The next term of *q, and moves on; false at the end. */
static bool next_term(const char **q, const char **term, size_t *len)
{
	const char *at = *q + strspn(*q, GAPS);

	if (*at == '"') {
		*term = at + 1;
		*len = strcspn(*term, "\"");
		*q = *term + *len + ((*term)[*len] != '\0');
	} else {
		*term = at;
		*len = strcspn(at, GAPS);
		*q = at + *len;
	}
	return *at != '\0';
}

static size_t letters(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* Within quotation marks nothing means anything, but the mark itself, which is doubled. */
static char *add_quoted(char *out, const char *term, size_t len)
{
	*out++ = '"';
	for (size_t i = 0; i < len; i++) {
		if (term[i] == '"')
			*out++ = '"';
		*out++ = term[i];
	}
	*out++ = '"';
	*out++ = ' ';
	return out;
}

int words_parse(const char *q, struct words *words, struct err *e)
{
	/* A mark doubled, and for each term two marks and a gap. */
	char *out = malloc(2 * strlen(q) + 3 * (size_t)WORDS_MAX + 1);
	const char *term;
	size_t len;

	*words = (struct words){ .match = out };
	if (!out)
		return err_set(e, ERR_MEMORY, "out of memory for a question");
	for (int n = 0; next_term(&q, &term, &len);) {
		if (len == 0)
			continue;
		if (n++ == WORDS_MAX) {
			words_done(words);
			return err_set(e, ERR_BAD_INPUT, "q: at most %d words", WORDS_MAX);
		}
		if (letters(term, len) < 3) {
			words->shorter[words->shorts].text = term;
			words->shorter[words->shorts++].len = len;
		} else {
			out = add_quoted(out, term, len);
		}
	}
	*out = '\0';
	return 0;
}

void words_done(struct words *words)
{
	free(words->match);
	words->match = NULL;
}
