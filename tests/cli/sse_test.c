#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "sse.h"

struct heard {
	struct sse sse; /* first member */
	size_t n;
	char last[400];
};

static int hear(struct sse *sse, const char *type, const char *data, struct err *e)
{
	struct heard *h = (struct heard *)sse;

	(void)e;
	h->n++;
	snprintf(h->last, sizeof h->last, "%s|%s", type, data);
	return strcmp(data, "stop") == 0 ? err_set(e, ERR_CANCELLED, "enough") : 0;
}

static int feed(struct heard *h, const char *text, size_t step)
{
	const size_t len = strlen(text);
	struct err e;

	for (size_t at = 0; at < len; at += step)
		if (h->sse.sink.write(&h->sse.sink, text + at, len - at < step ? len - at : step,
				      &e) < 0)
			return -1;
	return 0;
}

static const char stream[] = ": heartbeat\n\nid: 7\nevent: job\ndata: {\"a\":1}\n\nevent: "
			     "slot\r\ndata: x\r\ndata: y\r\n\r\n";

static void pieces_do_not_matter(void)
{
	for (size_t step = 1; step < sizeof stream; step++) {
		struct heard h = { .n = 0 };

		sse_init(&h.sse, hear);
		if (feed(&h, stream, step) < 0 || h.n != 2 || strcmp(h.last, "slot|x\ny") != 0 ||
		    strcmp(h.sse.id, "7") != 0)
			check_failed = true;
		sse_done(&h.sse);
	}
}

static void half_an_event_is_forgotten_after_a_break(void)
{
	struct heard h = { .n = 0 };

	sse_init(&h.sse, hear);
	CHECK(feed(&h, "event: job\ndata: old", 100) == 0);
	sse_restart(&h.sse);
	CHECK(feed(&h, "data: new\n\n", 100) == 0);
	CHECK(h.n == 1 && !strcmp(h.last, "message|new"));
	sse_done(&h.sse);
}

static void endless_line_is_an_error(void)
{
	struct heard h = { .n = 0 };
	AUTO(auto_free) char *line = malloc(SSE_LINE + 2);

	CHECK(line);
	memset(line, 'x', SSE_LINE + 1);
	line[SSE_LINE + 1] = '\0';
	sse_init(&h.sse, hear);
	CHECK(feed(&h, line, 4096) < 0);
	sse_done(&h.sse);
}

static void id_that_is_no_number_is_not_kept(void)
{
	struct heard h = { .n = 0 };

	sse_init(&h.sse, hear);
	CHECK(feed(&h, "id: 5\ndata: a\n\nid: x\r\nX-Evil: 1\ndata: b\n\n", 3) == 0);
	CHECK(!strcmp(h.sse.id, "5"));
	sse_done(&h.sse);
}

static void listener_can_end_it(void)
{
	struct heard h = { .n = 0 };

	sse_init(&h.sse, hear);
	CHECK(feed(&h, "data: stop\n\ndata: more\n\n", 100) < 0 && h.n == 1);
	sse_done(&h.sse);
}

static const struct check checks[] = {
	{ "pieces do not matter", pieces_do_not_matter },
	{ "half an event is forgotten after a break", half_an_event_is_forgotten_after_a_break },
	{ "endless line is an error", endless_line_is_an_error },
	{ "id that is no number is not kept", id_that_is_no_number_is_not_kept },
	{ "listener can end it", listener_can_end_it },
};

CHECK_MAIN(checks)
