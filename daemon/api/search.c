#include "search.h"

#include <string.h>

#include "auto.h"
#include "hash.h"

void search_init(struct search *search)
{
	*search = (struct search){ .kept = { NULL } };
	pthread_mutex_init(&search->lock, NULL);
}

void search_done(struct search *search)
{
	for (size_t i = 0; i < SEARCH_KEPT; i++)
		finder_close(search->kept[i]);
	pthread_mutex_destroy(&search->lock);
}

static struct finder *take_kept(struct search *search, const struct needle *needle)
{
	LOCK(&search->lock);

	for (size_t i = 0; i < SEARCH_KEPT; i++) {
		struct finder *f = search->kept[i];

		if (!f || !finder_is_for(f, needle))
			continue;
		for (; i + 1 < SEARCH_KEPT; i++)
			search->kept[i] = search->kept[i + 1];
		search->kept[SEARCH_KEPT - 1] = NULL;
		return f;
	}
	return NULL;
}

struct finder *search_take(struct search *search, struct db *db, const struct needle *needle,
			   struct err *e)
{
	struct finder *f = take_kept(search, needle);

	return f ? f : finder_open(db_path(db), needle, e);
}

static struct finder *put_first(struct search *search, struct finder *finder)
{
	LOCK(&search->lock);
	struct finder *oldest = search->kept[SEARCH_KEPT - 1];

	for (size_t i = SEARCH_KEPT - 1; i > 0; i--)
		search->kept[i] = search->kept[i - 1];
	search->kept[0] = finder;
	return oldest;
}

void search_give(struct search *search, struct finder *finder)
{
	finder_close(put_first(search, finder));
}

static int wrong(struct err *e)
{
	err_set(e, ERR_BAD_INPUT,
		"contains: text of %d to %d bytes is wanted, or as many bytes as "
		"0x0A0B...",
		FIND_LEAST, FIND_MOST);
	return err_hint(e, "Two hex digits are a byte.");
}

int search_read(const struct request *req, struct needle *needle, bool *given, struct err *e)
{
	const char *text = request_query(req, "contains");
	const bool hex = text && !strncmp(text, "0x", 2);
	size_t len;

	*given = text != NULL;
	if (!text)
		return 0;
	text += hex ? 2 : 0;
	len = strlen(text);
	if (hex && len % 2 != 0)
		return wrong(e);
	needle->len = hex ? len / 2 : len;
	if (needle->len < FIND_LEAST || needle->len > FIND_MOST)
		return wrong(e);
	if (!hex)
		memcpy(needle->bytes, text, len);
	else if (hash_unhex(text, needle->bytes, needle->len) < 0)
		return wrong(e);
	return 0;
}
