#include "follow.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "auto.h"
#include "clock.h"
#include "plain.h"
#include "sse.h"
#include "table.h"

#define POLL_MS     200
#define ASK_MS      400  /* where there is no stream */
#define ASK_LIVE_MS 5000 /* beside one */
#define PATIENCE_S  60   /* for a daemon that restarts */
#define BAR         24

static volatile sig_atomic_t stopped;

static void on_interrupt(int signal)
{
	(void)signal;
	stopped = 1;
}

void follow_catch(void)
{
	const struct sigaction action = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
}

bool follow_stopped(void)
{
	return stopped;
}

void follow_pause_ms(unsigned ms)
{
	const struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&pause, NULL); /* a signal ends it early */
}

/* ---- progress */

struct watch;

struct kind {
	const char *name, *all;  /* "job", "jobs": in events, snapshots and paths */
	const char *verb, *tail; /* "batch 3 wait" follows it again */
	bool (*has_ended)(const cJSON *o);
	void (*draw)(struct watch *w, const cJSON *o);
};

struct watch {
	struct sse sse; /* first member */
	struct cli *cli;
	const struct kind *kind;
	long long id;
	struct client *stream;
	cJSON *last; /* owned */
	bool done, failed, cancelled;
	bool live;  /* the stream gives events */
	bool alone; /* there is none to be had */
	struct err err;
	uint64_t asked_ns, patience_s;

	bool terminal, drawn;
	char phase[80];
	char asks[160];     /* what a person was told to do */
	int64_t phase_from; /* what was done when the phase was first seen */
	uint64_t phase_ns;
	uint64_t lost_ns; /* since when no daemon answers; 0: it does */
};

static void clear_line(struct watch *w)
{
	if (w->drawn)
		fprintf(stderr, "\r\033[K");
	w->drawn = false;
}

static void note_phase(struct watch *w, const char *phase, int64_t done)
{
	if (!strcmp(w->phase, phase))
		return;
	snprintf(w->phase, sizeof w->phase, "%s", phase);
	w->phase_from = done;
	w->phase_ns = clock_now_ns(clock_real());
	if (!w->terminal && *phase)
		fprintf(stderr, "%s\n", phase);
}

/* What a person should do is a line of its own, on a terminal or not. */
static void note_asks(struct watch *w, const cJSON *job)
{
	char asks[sizeof w->asks];

	plain_field(job, "asks", asks, sizeof asks);
	if (!strcmp(asks, w->asks))
		return;
	memcpy(w->asks, asks, sizeof asks);
	clear_line(w);
	if (*asks)
		fprintf(stderr, "%s\n", asks);
}

static void draw_bytes(const struct watch *w, int64_t done, int64_t total)
{
	const double seconds = (double)(clock_now_ns(clock_real()) - w->phase_ns) / CLOCK_S;
	const double rate = seconds > 0.3 ? (double)(done - w->phase_from) / seconds : 0;
	const int filled = total > 0 ? (int)(BAR * done / total) : 0;
	char have[32], all[32], speed[32], left[32] = "";

	plain_bytes(done, have, sizeof have);
	plain_bytes(total, all, sizeof all);
	plain_bytes((int64_t)rate, speed, sizeof speed);
	if (rate > 0)
		plain_seconds((int64_t)((double)(total - done) / rate) + 1, left, sizeof left);
	fprintf(stderr, "\r\033[K%-8s [%.*s%.*s] %s of %s%s%s/s, %s left", w->phase, filled,
		"########################", BAR - filled, "........................", have, all,
		", ", rate > 0 ? speed : "0 B", *left ? left : "?");
}

static void draw(struct watch *w, const cJSON *job)
{
	const int64_t done = plain_int(job, "progress.done", 0);
	const int64_t total = plain_int(job, "progress.total", -1);
	char state[16], unit[16], phase[40];

	plain_field(job, "state", state, sizeof state);
	plain_field(job, "phase", phase, sizeof phase);
	plain_field(job, "progress.unit", unit, sizeof unit);
	if (!*phase && !strcmp(state, "running"))
		return; /* between two steps */
	note_phase(w, *phase ? phase : state, done);
	note_asks(w, job);
	if (!w->terminal)
		return;
	w->drawn = true;
	if (!strcmp(unit, "bytes") && total > 0)
		draw_bytes(w, done > total ? total : done, total);
	else if (!strcmp(unit, "attempts"))
		fprintf(stderr, "\r\033[K%-8s attempt %" PRId64, w->phase, done);
	else
		fprintf(stderr, "\r\033[K%s", w->phase);
}

/* ---- what is known */

static bool job_has_ended(const cJSON *job)
{
	char state[16];

	plain_field(job, "state", state, sizeof state);
	return *state && strcmp(state, "queued") != 0 && strcmp(state, "running") != 0;
}

static bool batch_has_ended(const cJSON *batch)
{
	char state[16];

	plain_field(batch, "state", state, sizeof state);
	return !strcmp(state, "done");
}

static void draw_batch(struct watch *w, const cJSON *batch)
{
	char line[sizeof w->phase];

	snprintf(line, sizeof line,
		 "%" PRId64 " of %" PRId64 " done, %" PRId64 " failed, %" PRId64 " running",
		 plain_int(batch, "done", 0), plain_int(batch, "total", 0),
		 plain_int(batch, "failed", 0), plain_int(batch, "running", 0));
	note_phase(w, line, 0);
	if (w->terminal)
		fprintf(stderr, "\r\033[K%s", line);
	w->drawn = w->terminal;
}

static const struct kind kinds[] = {
	[FOLLOW_JOB] = { "job", "jobs", "wait", "", job_has_ended, draw },
	[FOLLOW_BATCH] = { "batch", "batches", "batch", " wait", batch_has_ended, draw_batch },
};

/* Nothing that comes later undoes an end; o stays the caller's. */
static void take(struct watch *w, const cJSON *o)
{
	cJSON *copy;

	if (plain_int(o, "id", -1) != w->id || w->done)
		return;
	copy = cJSON_Duplicate(o, true);
	if (!copy)
		return;
	cJSON_Delete(w->last);
	w->last = copy;
	w->done = w->kind->has_ended(copy);
	if (!w->done && !w->cli->quiet && !w->cli->json)
		w->kind->draw(w, copy);
}

/* ---- asking: at the start, when the stream begins, and where it is silent or not there */

static int is_lost(struct watch *w, const struct err *why)
{
	const uint64_t now_ns = clock_now_ns(clock_real());

	if (!w->lost_ns) {
		clear_line(w);
		fprintf(stderr, "the daemon does not answer; waiting for it\n");
		w->lost_ns = now_ns;
	}
	if (now_ns - w->lost_ns < w->patience_s * CLOCK_S)
		return 0;
	w->err = *why;
	return err_hint(&w->err, "The %s may go on: flashrig %s %lld%s follows it again.",
			w->kind->name, w->kind->verb, w->id, w->kind->tail);
}

static int ask(struct watch *w)
{
	AUTO(auto_cjson) cJSON *now = NULL;
	struct err e;
	char path[64];

	w->asked_ns = clock_now_ns(clock_real());
	snprintf(path, sizeof path, "/%s/%lld", w->kind->all, w->id);
	if (client_ask(w->cli->client, "GET", path, NULL, &now, &e) == 0) {
		w->lost_ns = 0;
		/* of what goes on the stream knows more, and in its order */
		if (!w->live || !w->last || w->kind->has_ended(now))
			take(w, now);
		return 0;
	}
	if (stopped ||
	    (!client_was_refused(w->cli->client) && (e.code == ERR_OFFLINE || e.code == ERR_IO)))
		return stopped ? 0 : is_lost(w, &e);
	w->err = e;
	return -1;
}

static bool is_due(const struct watch *w)
{
	const uint64_t pause = w->live ? ASK_LIVE_MS : ASK_MS;

	return clock_now_ns(clock_real()) - w->asked_ns >= pause * CLOCK_MS;
}

/* Called by the stream, also when nothing comes: at least once a second. */
static bool tick(void *ctx)
{
	struct watch *w = ctx;

	if (!w->done && !w->failed && !stopped && is_due(w))
		w->failed = ask(w) < 0;
	return w->done || w->failed || stopped;
}

/* ---- the stream */

static int on_event(struct sse *sse, const char *type, const char *data, struct err *e)
{
	struct watch *w = (struct watch *)sse;
	AUTO(auto_cjson) cJSON *o = cJSON_Parse(data);
	const cJSON *each;

	if (!w->live) { /* what ended before it began is in no event */
		w->live = true;
		w->failed = ask(w) < 0;
	}
	if (!strcmp(type, w->kind->name))
		take(w, o);
	if (!strcmp(type, "snapshot"))
		cJSON_ArrayForEach(each, cJSON_GetObjectItemCaseSensitive(o, w->kind->all))
			take(w, each);
	return w->done || w->failed ? err_set(e, ERR_CANCELLED, "it is over") : 0;
}

/* Until the end, Ctrl-C, or the stream breaks. -1: it is refused, w->err says why. */
static int listen_once(struct watch *w)
{
	struct err e;
	int result;

	sse_restart(&w->sse);
	w->live = false;
	result = client_follow(w->stream, "/events", w->sse.id, &w->sse.sink, &e);
	w->live = false;
	if (result == 0 || !client_was_refused(w->stream))
		return 0;
	if (e.code == ERR_TOO_MANY || e.code == ERR_UNAVAILABLE) {
		w->alone = true; /* no room for one more: asking must do */
		return 0;
	}
	w->err = e;
	return -1;
}

/* ---- waiting */

static int cancel(struct watch *w)
{
	struct err e;
	char path[64];

	w->cancelled = true;
	stopped = 0;
	clear_line(w);
	fprintf(stderr, "cancelling %s %lld\n", w->kind->name, w->id);
	snprintf(path, sizeof path, "/%s/%lld/cancel", w->kind->all, w->id);
	if (client_ask(w->cli->client, "POST", path, NULL, NULL, &e) == 0 || e.code == ERR_CONFLICT)
		return 0;
	w->err = e;
	return -1;
}

static int interrupted(struct watch *w)
{
	if (args_has(&w->cli->args, "cancel-on-interrupt") && !w->cancelled)
		return cancel(w);
	err_set(&w->err, ERR_INTERRUPTED, "%s %lld goes on", w->kind->name, w->id);
	return err_hint(&w->err, "flashrig %s %lld%s follows it again, flashrig %s%lld%s stops it.",
			w->kind->verb, w->id, w->kind->tail,
			w->kind == &kinds[FOLLOW_JOB] ? "cancel " : "batch ", w->id,
			w->kind == &kinds[FOLLOW_JOB] ? "" : " cancel");
}

static int wait_for(struct watch *w)
{
	while (!w->done) {
		if (stopped && interrupted(w) < 0)
			return -1;
		if (is_due(w) && ask(w) < 0)
			return -1;
		if (w->done || stopped)
			continue;
		if (!w->alone && !w->lost_ns && listen_once(w) < 0)
			return -1;
		if (w->failed)
			return -1;
		if (!w->done)
			follow_pause_ms(POLL_MS);
	}
	return 0;
}

int follow(struct cli *cli, enum follow_kind kind, long long id, cJSON **last, struct err *e)
{
	AUTO(auto_client_free) struct client *stream = client_twin(cli->client, e);
	struct watch w = { .cli = cli,
			   .kind = &kinds[kind],
			   .id = id,
			   .terminal = isatty(STDERR_FILENO),
			   .stream = stream,
			   .patience_s = PATIENCE_S };
	int result;

	if (!stream || ask_seconds(&cli->args, "patience", &w.patience_s, e) < 0)
		return -1;
	client_set_stop(stream, tick, &w);
	sse_init(&w.sse, on_event);
	result = wait_for(&w);
	sse_done(&w.sse);
	clear_line(&w);
	if (result == 0)
		*last = TAKE(w.last);
	else
		*e = w.err;
	cJSON_Delete(w.last);
	return result;
}

int follow_job(struct cli *cli, long long id, cJSON **job, struct err *e)
{
	return follow(cli, FOLLOW_JOB, id, job, e);
}

/* ---- the end */

static const struct column columns[] = {
	{ "job", "id", COLUMN_TEXT },
	{ "slot", "slot", COLUMN_TEXT },
	{ "state", "state", COLUMN_TEXT },
	{ "chip", "result.chip", COLUMN_TEXT },
	{ "JEDEC ID", "result.jedec_id", COLUMN_TEXT },
	{ "unique ID", "result.unique_id", COLUMN_TEXT },
	{ "size", "result.size", COLUMN_BYTES },
	{ "CRC-32", "result.crc32", COLUMN_TEXT },
	{ "Beken CRC", "result.beken_crc32", COLUMN_TEXT },
	{ "SHA-256", "result.sha256", COLUMN_TEXT },
	{ "verified", "result.verified", COLUMN_TEXT },
	{ "erased", "result.erased", COLUMN_BYTES },
	{ "programmed", "result.programmed", COLUMN_BYTES },
	{ "skipped", "result.skipped", COLUMN_BYTES },
	{ "attempts", "result.entry.attempts", COLUMN_TEXT },
	{ "device", "result.device", COLUMN_TEXT },
	{ "dump", "result.dump", COLUMN_TEXT },
	{ "backup", "result.backup", COLUMN_TEXT },
	{ "note", "result.note", COLUMN_TEXT },
	{ "code", "error.code", COLUMN_TEXT },
	{ "reason", "error.message", COLUMN_TEXT },
	{ "what to do", "error.hint", COLUMN_TEXT },
};

void follow_show(const struct cli *cli, const cJSON *job, FILE *to)
{
	if (cli->json)
		table_json(job, stdout);
	else
		table_object(job, columns, ARRAY_LEN(columns), to);
}

int follow_report(const struct cli *cli, const cJSON *job)
{
	char state[16];
	bool done;

	plain_field(job, "state", state, sizeof state);
	done = !strcmp(state, "done");
	if (cli->json || !cli->quiet || !done)
		follow_show(cli, job, done ? stdout : stderr);
	return done ? CLI_DONE : CLI_FAILED;
}
