#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "dump_row.h"
#include "words.h"

/* ---- conditions */

#define VALUES 48

/* What narrows a list: SQL, and the values for its question marks in their order. */
struct where {
	char sql[5000];
	size_t len, n;
	struct value {
		const char *text; /* borrowed; NULL: a number, or a blob */
		const uint8_t *hash;
		int64_t number;
	} value[VALUES];
};

static void add_sql(struct where *w, const char *sql)
{
	w->len += (size_t)snprintf(w->sql + w->len, sizeof w->sql - w->len, "%s", sql);
	assert(w->len < sizeof w->sql);
}

static void add_value(struct where *w, struct value value)
{
	assert(w->n < VALUES);
	w->value[w->n++] = value;
}

static void where_number(struct where *w, const char *sql, int64_t number)
{
	add_sql(w, sql);
	add_value(w, (struct value){ .number = number });
}

static void where_text(struct where *w, const char *sql, const char *text)
{
	if (!text)
		return;
	add_sql(w, sql);
	add_value(w, (struct value){ .text = text });
}

static void bind(struct stmt *s, const struct where *w)
{
	for (const struct value *v = w->value; v < w->value + w->n; v++) {
		if (v->text)
			stmt_text(s, v->text);
		else if (v->hash)
			stmt_blob(s, v->hash, HASH_SHA256_LEN);
		else
			stmt_int(s, v->number);
	}
}

/* ---- beginnings of sums */

/* All hashes that begin with these digits lie between the two, ends included. */
struct prefix {
	uint8_t low[HASH_SHA256_LEN], high[HASH_SHA256_LEN];
};

static int pad(const char *digits, char with, uint8_t *sha256)
{
	char text[HASH_SHA256_TEXT];
	const int len = (int)strlen(digits);

	memset(text, with, sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memcpy(text, digits, (size_t)len);
	return hash_unhex(text, sha256, HASH_SHA256_LEN);
}

static int where_sha256(struct where *w, const char *digits, struct prefix *prefix, struct err *e)
{
	if (!digits)
		return 0;
	if (strlen(digits) >= HASH_SHA256_TEXT || pad(digits, '0', prefix->low) < 0 ||
	    pad(digits, 'f', prefix->high) < 0)
		return err_set(e, ERR_BAD_INPUT, "sha256: up to 64 hexadecimal digits are needed");
	add_sql(w, " AND sha256 BETWEEN ? AND ?");
	add_value(w, (struct value){ .hash = prefix->low });
	add_value(w, (struct value){ .hash = prefix->high });
	return 0;
}

/* Eight digits at most, the missing ones by `with`. */
static int crc_parse(const char *digits, char with, int64_t *crc32)
{
	char text[9];
	uint8_t bytes[4];

	memset(text, with, sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memcpy(text, digits, strnlen(digits, sizeof text - 1));
	if (strlen(digits) >= sizeof text || hash_unhex(text, bytes, sizeof bytes) < 0)
		return -1;
	*crc32 = (int64_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
	return 0;
}

static int where_crc32(struct where *w, const char *digits, struct err *e)
{
	int64_t low, high;

	if (!digits)
		return 0;
	if (crc_parse(digits, '0', &low) < 0 || crc_parse(digits, 'f', &high) < 0)
		return err_set(e, ERR_BAD_INPUT, "crc32: up to 8 hexadecimal digits are needed");
	where_number(w, " AND crc32 BETWEEN ?", low);
	where_number(w, " AND ?", high);
	return 0;
}

/* What the values of a struct where borrow. */
struct lent {
	struct prefix prefix;
	struct words words;
	char term[WORDS_MAX][12]; /* shorter than three letters */
};

static void lent_done(struct lent *lent)
{
	words_done(&lent->words);
}

/* ---- words */

/* lower() on both sides, and no wildcards. */
#define WITHIN(text) " AND instr(lower(" text "), lower(?)) > 0"

/* What is too short for the index of words is looked for where they come from. */
static void where_short(struct where *w, const char *term)
{
	where_text(w,
		   WITHIN("label || char(10) || notes || char(10) || chip || char(10) || slot"
			  " || char(10) || coalesce((SELECT group_concat(tag, char(10))"
			  " FROM dump_tag WHERE dump_tag.dump = dump.id), '')"),
		   term);
}

static void where_words(struct where *w, struct lent *lent)
{
	const struct words *words = &lent->words;

	if (*words->match)
		where_text(w, " AND dump_words MATCH ?", words->match);
	for (size_t i = 0; i < words->shorts; i++) {
		snprintf(lent->term[i], sizeof lent->term[i], "%.*s", (int)words->shorter[i].len,
			 words->shorter[i].text);
		where_short(w, lent->term[i]);
	}
}

/* ---- the list */

static void where_ranges(struct where *w, const struct dump_filter *f)
{
	if (f->min_size)
		where_number(w, " AND content.size >= ?", (int64_t)f->min_size);
	if (f->max_size)
		where_number(w, " AND content.size <= ?", (int64_t)f->max_size);
	if (f->since_ms)
		where_number(w, " AND created_ms >= ?", f->since_ms);
	if (f->until_ms)
		where_number(w, " AND created_ms < ?", f->until_ms);
}

static int make_where(struct where *w, const struct dump_filter *f, struct lent *lent,
		      struct err *e)
{
	add_sql(w, *lent->words.match ? DUMP_SELECT_WORDS " WHERE dump_words.rowid < ?"
				      : DUMP_SELECT " WHERE dump.id < ?");
	add_value(w, (struct value){ .number = f->before >= 0 ? f->before : INT64_MAX });
	if (f->device >= 0)
		where_number(w, " AND device = ?", f->device);
	if (f->verified)
		where_number(w, " AND verified = ?", f->verified == DUMP_ONLY_VERIFIED);
	where_text(w, " AND jedec_id = ?", f->jedec_id);
	where_text(w, " AND slot = ?", f->slot);
	where_text(w,
		   " AND EXISTS (SELECT 1 FROM dump_tag WHERE dump_tag.dump = dump.id"
		   " AND tag = ?)",
		   f->tag);
	where_ranges(w, f);
	where_text(w, WITHIN("label"), f->label);
	where_text(w, WITHIN("chip"), f->chip);
	where_words(w, lent);
	return where_sha256(w, f->sha256, &lent->prefix, e) < 0 ? -1 : where_crc32(w, f->crc32, e);
}

static const char *order(const struct dump_filter *filter, const struct words *words)
{
	if (!*words->match)
		return " ORDER BY dump.id DESC LIMIT ?";
	return filter->best_first ? " ORDER BY " WORDS_RANK ", dump_words.rowid DESC LIMIT ?"
				  : " ORDER BY dump_words.rowid DESC LIMIT ?";
}

/* One row more than max is asked for: it tells whether there are more. */
int dump_list(struct tx *tx, const struct dump_filter *filter, struct dump *dumps,
	      struct page *page, struct err *e)
{
	const size_t max = page->max;
	struct where where = { .n = 0 };
	AUTO(lent_done) struct lent lent = { 0 };
	size_t found = 0;

	assert(max > 0);
	if (words_parse(filter->q ? filter->q : "", &lent.words, e) < 0 ||
	    make_where(&where, filter, &lent, e) < 0)
		return -1;
	where_number(&where, order(filter, &lent.words), (int64_t)max + 1);

	AUTO(stmt_free) struct stmt s = stmt_new(tx, where.sql);

	bind(&s, &where);
	for (; stmt_row(&s); found++)
		if (found < max && dump_read(tx, &s, &dumps[found], e) < 0)
			return -1;
	if (stmt_end(&s, e) < 0)
		return -1;
	page->n = found < max ? found : max;
	page->next = found > max && !filter->best_first ? dumps[max - 1].id : -1;
	return 0;
}
