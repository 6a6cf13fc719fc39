#include "metrics_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "auto.h"
#include "clock.h"
#include "handlers.h"
#include "process.h"

#define ASK_NS (5 * (uint64_t)CLOCK_S) /* how old a number of the archive may be */

const unsigned metrics_bucket_us[METRICS_BUCKETS] = {
	1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000,
};

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP flashrig_%s %s\n# TYPE flashrig_%s %s\n", name, help, name, type);
}

static void counter(FILE *out, const char *name, uint64_t value, const char *help)
{
	head(out, name, "counter", help);
	fprintf(out, "flashrig_%s %" PRIu64 "\n", name, value);
}

static void gauge(FILE *out, const char *name, double value, const char *help)
{
	head(out, name, "gauge", help);
	fprintf(out, "flashrig_%s %.15g\n", name, value);
}

/* Seconds with all their nanoseconds. */
static void seconds(FILE *out, uint64_t ns)
{
	fprintf(out, " %" PRIu64 ".%09" PRIu64 "\n", ns / CLOCK_S, ns % CLOCK_S);
}

/* Between the quotes of a label. Slot names need none of it; who knows what comes. */
static void label(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '\\': fputs("\\\\", out); break;
		case '"': fputs("\\\"", out); break;
		case '\n': fputs("\\n", out); break;
		default: fputc(*text, out);
		}
}

/* ---- jobs */

static void write_jobs(const struct metrics *m, FILE *out)
{
	head(out, "jobs_total", "counter",
	     "Jobs that have ended, by type and result. Goes on from the archive.");
	for (size_t t = 0; t < job_type_count(); t++)
		for (size_t s = JOB_DONE; s < METRICS_STATES; s++)
			fprintf(out, "flashrig_jobs_total{type=\"%s\",result=\"%s\"} %llu\n",
				job_type_name((enum job_type)t), job_state_name((enum job_state)s),
				atomic_load(&m->jobs[t][s]));
	counter(out, "entry_attempts_total", atomic_load(&m->entry_attempts),
		"Attempts to bring a chip into SPI mode. Goes on from the archive.");
	counter(out, "wire_bytes_total", atomic_load(&m->wire_bytes),
		"Bytes clocked to and from flash chips. Goes on from the archive.");
	counter(out, "erased_bytes_total", atomic_load(&m->erased),
		"Bytes of flash that were erased. Goes on from the archive.");
	counter(out, "programmed_bytes_total", atomic_load(&m->programmed),
		"Bytes of flash that were programmed. Goes on from the archive.");
}

static void write_steps(const struct rig_counts *c, FILE *out)
{
	head(out, "phase_seconds_total", "counter",
	     "Time spent in the phases of jobs, all slots together, since the start.");
	for (size_t i = 0; i < c->steps; i++) {
		fprintf(out, "flashrig_phase_seconds_total{phase=\"%s\"}", c->step[i].name);
		seconds(out, c->step[i].ns);
	}
	head(out, "phases_total", "counter", "Phases that have ended, since the start.");
	for (size_t i = 0; i < c->steps; i++)
		fprintf(out,
			"flashrig_phases_total{phase=\"%s\",result=\"done\"} %" PRIu64 "\n"
			"flashrig_phases_total{phase=\"%s\",result=\"failed\"} %" PRIu64 "\n",
			c->step[i].name, c->step[i].runs - c->step[i].failed, c->step[i].name,
			c->step[i].failed);
}

static void write_rig(const struct rig *rig, FILE *out)
{
	struct rig_counts counts;

	rig_counts(rig, &counts);
	write_steps(&counts, out);
	counter(out, "read_mismatches_total", counts.mismatched_sectors,
		"Sectors that a second read saw differently, since the start.");
	counter(out, "read_retries_total", counts.rereads,
		"Reads of a whole range beyond the second, since the start.");
	counter(out, "read_slowdowns_total", counts.slowed,
		"Times that a clock was halved to get a stable read, since the start.");
}

/* ---- slots */

static void write_slot_states(struct rig *rig, FILE *out)
{
	static const enum slot_state states[] = { SLOT_IDLE, SLOT_BUSY, SLOT_OFFLINE };

	for (size_t i = 0; i < rig_slot_count(rig); i++) {
		struct slot_info info;

		rig_slot_at(rig, i, &info);
		for (size_t s = 0; s < ARRAY_LEN(states); s++) {
			fputs("flashrig_slot_state{slot=\"", out);
			label(out, info.name);
			fprintf(out, "\",state=\"%s\"} %d\n", slot_state_name(states[s]),
				info.state == states[s]);
		}
	}
}

static void write_queues(struct rig *rig, FILE *out)
{
	for (size_t i = 0; i < rig_slot_count(rig); i++) {
		struct slot_info info;

		rig_slot_at(rig, i, &info);
		fputs("flashrig_queued_jobs{slot=\"", out);
		label(out, info.name);
		fprintf(out, "\"} %zu\n", info.queued);
	}
}

static void write_slots(struct rig *rig, FILE *out)
{
	head(out, "slot_state", "gauge", "1 for the state that a slot is in.");
	write_slot_states(rig, out);
	head(out, "queued_jobs", "gauge", "Jobs that wait for a slot.");
	write_queues(rig, out);
}

/* ---- the archive */

static int ask(struct db *db, struct metrics *m, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return archive_totals_get(&tx, &m->totals, e) < 0 ? -1 : audit_last(&tx, &m->last, e);
}

/* False when the archive does not answer. */
static bool look_at_archive(struct api *api, struct archive_totals *totals, struct audit_last *last)
{
	struct metrics *m = &api->metrics;
	LOCK(&m->lock);
	const uint64_t now = clock_now_ns(clock_real());
	struct err e;

	if (m->asked_ns == 0 || now - m->asked_ns > ASK_NS) {
		if (ask(api->db, m, &e) < 0)
			return false;
		m->asked_ns = now;
	}
	*totals = m->totals;
	*last = m->last;
	return true;
}

static void write_check(const struct audit_last *last, FILE *out)
{
	if (last->ended_ms < 0)
		return;
	gauge(out, "archive_check_timestamp_seconds", (double)last->ended_ms / 1000,
	      "When everything was last read again and compared.");
	gauge(out, "archive_check_damaged_ranges", (double)last->damages,
	      "Damaged ranges that the last check has found.");
}

static void write_archive(struct api *api, FILE *out)
{
	struct archive_totals t;
	struct audit_last last;
	struct statvfs fs;
	const bool known = look_at_archive(api, &t, &last);

	gauge(out, "archive_up", known, "1 when the archive can be read.");
	if (statvfs(db_path(api->db), &fs) == 0)
		gauge(out, "archive_free_bytes", (double)fs.f_bavail * (double)fs.f_frsize,
		      "Room on the disk of the archive.");
	if (!known)
		return;
	gauge(out, "archive_dumps", (double)t.dumps, "Dumps in the archive.");
	gauge(out, "archive_devices", (double)t.devices, "Devices in the archive.");
	gauge(out, "archive_stored_bytes", (double)t.bytes_stored,
	      "What the archive takes on the disk.");
	gauge(out, "archive_logical_bytes", (double)t.bytes_logical,
	      "What all dumps have together, uncompressed.");
	write_check(&last, out);
}

/* ---- requests */

static void write_statuses(const struct metrics *m, enum http_method method, FILE *out)
{
	const char *name = method == HTTP_OTHER ? "other" : http_method_name(method);

	for (unsigned status = 0; status < METRICS_STATUSES; status++) {
		const unsigned long long n = atomic_load(&m->requests[method][status]);

		if (n > 0)
			fprintf(out,
				"flashrig_http_requests_total{method=\"%s\",code=\"%u\"} %llu\n",
				name, status, n);
	}
}

static void write_times(const struct metrics *m, FILE *out)
{
	unsigned long long n = 0;

	head(out, "http_request_duration_seconds", "histogram",
	     "From the head of a request to its reply, since the start.");
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		n += atomic_load(&m->took[i]);
		fprintf(out, "flashrig_http_request_duration_seconds_bucket{le=\"%g\"} %llu\n",
			metrics_bucket_us[i] / 1e6, n);
	}
	n += atomic_load(&m->took[METRICS_BUCKETS]);
	fprintf(out, "flashrig_http_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n", n);
	fputs("flashrig_http_request_duration_seconds_sum", out);
	seconds(out, atomic_load(&m->took_ns));
	fprintf(out, "flashrig_http_request_duration_seconds_count %llu\n", n);
}

static void write_requests(struct api *api, FILE *out)
{
	head(out, "http_requests_total", "counter",
	     "Requests by method and status, since the start.");
	for (int method = 0; method <= HTTP_OTHER; method++)
		write_statuses(&api->metrics, (enum http_method)method, out);
	write_times(&api->metrics, out);
	gauge(out, "event_followers", (double)hub_followers(api->hub),
	      "Clients that follow the events.");
}

void metrics_write(struct api *api, FILE *out)
{
	head(out, "build_info", "gauge", "1, with the version of the program.");
	fputs("flashrig_build_info{version=\"", out);
	label(out, api->info.version);
	fputs("\"} 1\n", out);
	write_jobs(&api->metrics, out);
	write_rig(api->rig, out);
	write_slots(api->rig, out);
	write_archive(api, out);
	write_requests(api, out);
	process_write(api->metrics.started_ms, out);
}

int metrics_get(struct request *req, struct reply *reply, struct err *e)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return err_set(e, ERR_MEMORY, "out of memory for the metrics");
	metrics_write(api_of(req), out);
	if (fclose(out) != 0) {
		free(text);
		return err_set(e, ERR_MEMORY, "out of memory for the metrics");
	}
	return reply_text(reply, HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", text, e);
}
