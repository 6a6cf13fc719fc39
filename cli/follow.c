#include "follow.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auto.h"
#include "clock.h"
#include "plain.h"
#include "table.h"

#define POLL_MS     200
#define PATIENCE_MS 60000 /* for a daemon that restarts */
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

struct watch {
	const struct cli *cli;
	bool terminal, drawn;
	char phase[40];
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
	note_phase(w, *phase ? phase : state, done);
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

/* ---- waiting */

static int look(struct watch *w, struct client *client, long long id, cJSON **job, struct err *e)
{
	char path[64];
	const uint64_t now_ns = clock_now_ns(clock_real());

	snprintf(path, sizeof path, "/jobs/%lld", id);
	if (client_ask(client, "GET", path, NULL, job, e) == 0) {
		w->lost_ns = 0;
		return 0;
	}
	if (follow_stopped())
		return 0; /* the question was cut off by Ctrl-C */
	if (e->code != ERR_OFFLINE)
		return -1;
	if (!w->lost_ns) {
		clear_line(w);
		fprintf(stderr, "the daemon does not answer; waiting for it\n");
		w->lost_ns = now_ns;
	}
	return now_ns - w->lost_ns < PATIENCE_MS * (uint64_t)CLOCK_MS ? 0 : -1;
}

static bool has_ended(const cJSON *job)
{
	char state[16];

	plain_field(job, "state", state, sizeof state);
	return *state && strcmp(state, "queued") != 0 && strcmp(state, "running") != 0;
}

static int say_goodbye(long long id, struct err *e)
{
	err_set(e, ERR_INTERRUPTED, "job %lld goes on", id);
	return err_hint(e, "flashrig wait %lld follows it again, flashrig cancel %lld stops it.",
			id, id);
}

static int wait_for(struct watch *w, struct client *client, long long id, cJSON **job,
		    struct err *e)
{
	for (;;) {
		AUTO(auto_cjson) cJSON *now = NULL;

		if (look(w, client, id, &now, e) < 0)
			return -1;
		if (now && has_ended(now)) {
			*job = TAKE(now);
			return 0;
		}
		if (now && !w->cli->quiet && !w->cli->json)
			draw(w, now);
		if (follow_stopped())
			return say_goodbye(id, e);
		follow_pause_ms(POLL_MS);
	}
}

int follow_job(struct cli *cli, long long id, cJSON **job, struct err *e)
{
	struct watch w = { .cli = cli, .terminal = isatty(STDERR_FILENO) };
	int result;

	result = wait_for(&w, cli->client, id, job, e);
	clear_line(&w);
	return result;
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
