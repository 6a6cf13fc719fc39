#include "scribe.h"

#include <stdio.h>
#include <stdlib.h>

#include "auto.h"
#include "check.h"

static struct err e;

#define GOT 400

/* An archive and a scribe that writes into it. */
struct desk {
	char dir[32];
	struct db db;
	struct scribe scribe;
	struct trail *got; /* GOT of them */
	size_t n;
};

static int desk_open(struct desk *d)
{
	char path[64];

	*d = (struct desk){ .dir = "/tmp/scribe_test.XXXXXX", .got = calloc(GOT, sizeof *d->got) };
	if (!d->got || !mkdtemp(d->dir))
		return err_set(&e, ERR_IO, "no place for a test");
	snprintf(path, sizeof path, "%s/archive.db", d->dir);
	return db_open(&d->db, path, &e) < 0 ? -1 : scribe_open(&d->scribe, &d->db, &e);
}

static void desk_close(struct desk *d)
{
	char command[64];

	scribe_close(&d->scribe);
	db_close(&d->db);
	free(d->got);
	snprintf(command, sizeof command, "rm -r %s", d->dir);
	(void)!system(command);
}

static int look(struct desk *d)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&d->db);
	struct page page = { .max = GOT };

	if (trail_list(&tx, -1, d->got, &page, &e) < 0)
		return -1;
	d->n = page.n;
	return 0;
}

static void note(struct desk *d, int status, bool refused, const char *address)
{
	struct trail trail = { .status = status, .refused = refused };

	snprintf(trail.address, sizeof trail.address, "%s", address);
	scribe_note(&d->scribe, &trail);
}

static void what_is_flushed_can_be_read(void)
{
	AUTO(desk_close) struct desk d;

	CHECK_OK(desk_open(&d), e);
	for (int i = 0; i < 100; i++)
		note(&d, 200 + i, false, "192.0.2.7");
	scribe_flush(&d.scribe);
	CHECK_OK(look(&d), e);
	CHECK(d.n == 100 && d.got[0].status == 299 && d.got[99].status == 200);
	CHECK(d.got[0].at_ms > 1700000000000);
}

static void closing_stores_what_is_left(void)
{
	AUTO(desk_close) struct desk d;

	CHECK_OK(desk_open(&d), e);
	for (int i = 0; i < 200; i++)
		note(&d, 200, false, "192.0.2.7");
	scribe_close(&d.scribe);
	CHECK_OK(look(&d), e);
	CHECK(d.n == 200);
}

static void notes_do_not_wait_for_a_writer(void)
{
	AUTO(desk_close) struct desk d;

	CHECK_OK(desk_open(&d), e);
	{
		AUTO(tx_end) struct tx tx = tx_begin(&d.db);

		(void)tx; /* holds the writer */
		for (int i = 0; i < SCRIBE_RING + 44; i++)
			note(&d, 200, false, "192.0.2.7");
	}
	scribe_flush(&d.scribe);
	CHECK_OK(look(&d), e);
	CHECK(d.n == SCRIBE_RING + 1);
	for (size_t i = 0, missing = 0; i < d.n; i++) {
		missing += strstr(d.got[i].what, "44 entries were lost") != NULL;
		CHECK(i + 1 < d.n || missing == 1);
	}
}

static void same_refusal_is_kept_ten_times_a_minute(void)
{
	AUTO(desk_close) struct desk d;

	CHECK_OK(desk_open(&d), e);
	for (int i = 0; i < 50; i++) {
		note(&d, 401, true, "192.0.2.7");
		note(&d, 401, true, "192.0.2.8");
	}
	note(&d, 403, true, "192.0.2.7");
	note(&d, 200, false, "192.0.2.7");
	scribe_flush(&d.scribe);
	CHECK_OK(look(&d), e);
	CHECK(d.n == 2 * SCRIBE_REPEAT + 2);
}

static void many_refused_addresses_need_no_more_memory(void)
{
	AUTO(desk_close) struct desk d;
	char address[TRAIL_ADDRESS];

	CHECK_OK(desk_open(&d), e);
	for (int i = 0; i < 300; i++) {
		snprintf(address, sizeof address, "2001:db8:%x::", i);
		note(&d, 401, true, address);
		if (i % 100 == 99)
			scribe_flush(&d.scribe);
	}
	CHECK_OK(look(&d), e);
	CHECK(d.n == 300);
}

static const struct check all[] = {
	{ "what is flushed can be read", what_is_flushed_can_be_read },
	{ "closing stores what is left", closing_stores_what_is_left },
	{ "notes do not wait for a writer", notes_do_not_wait_for_a_writer },
	{ "the same refusal is kept ten times a minute", same_refusal_is_kept_ten_times_a_minute },
	{ "many refused addresses need no more memory",
	  many_refused_addresses_need_no_more_memory },
};
CHECK_MAIN(all)
