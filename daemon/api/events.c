#include "events.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "batch_json.h"
#include "clock.h"
#include "handlers.h"
#include "job_json.h"
#include "json.h"
#include "log.h"
#include "rig_batch.h"
#include "slots.h"
#include "tell.h"

int events_get(struct request *req, struct reply *reply, struct err *e)
{
	(void)req, (void)e;
	reply_stream(reply);
	return 0;
}

/* ---- how things are */

static cJSON *wire_running(struct db *db, const struct job *jobs, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, job_json(db, &jobs[i])))
			return NULL;
	return TAKE(array);
}

/* At most one runs in each slot, and one in the archive. */
static int running_jobs(struct api *api, cJSON **array, struct err *e)
{
	const struct job_filter filter = {
		.batch = JOB_NONE, .has_state = true, .state = JOB_RUNNING, .before = JOB_NONE
	};
	const size_t max = rig_slot_count(api->rig) + 1;
	AUTO(auto_free) struct job *jobs = calloc(max, sizeof *jobs);
	struct page page = { .max = max };

	if (!jobs)
		return err_set(e, ERR_MEMORY, "out of memory for the running jobs");
	if (rig_job_list(api->rig, &filter, jobs, &page, e) < 0)
		return -1;
	*array = wire_running(api->db, jobs, page.n);
	return 0;
}

int events_snapshot(struct http_app *app, char **text, struct err *e)
{
	struct api *api = (struct api *)app;
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	cJSON *jobs = NULL;
	AUTO(auto_json) cJSON *batches = NULL;

	if (batch_json_open(api->db, &batches, e) < 0 || running_jobs(api, &jobs, e) < 0)
		return -1;
	*text = NULL;
	if (json_child(o, "jobs", jobs) && json_child(o, "slots", slots_all(api->rig)) &&
	    json_child(o, "batches", TAKE(batches)))
		*text = json_print(TAKE(o));
	return *text ? 0 : err_set(e, ERR_MEMORY, "out of memory for a snapshot");
}

/* ---- what changes */

/* Takes json. Without memory the followers miss an event, and the log says so. */
static void publish(struct api *api, const char *type, cJSON *json)
{
	AUTO(auto_free) char *text = json_print(json);

	if (text)
		hub_publish(api->hub, type, text);
	else
		log_error("event %s: out of memory", type);
}

static struct api *api_behind(struct rig_observer *observer)
{
	return (struct api *)(void *)((char *)observer - offsetof(struct api, observer));
}

static void on_job(struct rig_observer *observer, const struct job *job)
{
	struct api *api = api_behind(observer);

	metrics_job(&api->metrics, job);
	publish(api, "job", job_json(api->db, job));
}

static void on_slot(struct rig_observer *observer, const char *name)
{
	tell_slot(api_behind(observer), name);
}

static void on_dump(struct rig_observer *observer, int64_t id)
{
	tell_dump(api_behind(observer), id);
}

static void on_batch(struct rig_observer *observer, int64_t id)
{
	tell_batch(api_behind(observer), id);
}

static cJSON *wire_log(int64_t at_ms, const char *text)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	char when[CLOCK_TEXT];

	clock_wall_text(at_ms, when);
	return o && json_text(o, "at", when) && json_text(o, "text", text) ? TAKE(o) : NULL;
}

/* The hub keeps types by their address: one for each slot. */
static const char *topic_of(struct api *api, const char *name)
{
	for (size_t i = 0; i < api->n_topics; i++)
		if (!strcmp(api->topic[i] + strlen(SLOT_TOPIC), name))
			return api->topic[i];
	return NULL;
}

static void on_log(struct rig_observer *observer, const char *name, int64_t at_ms, const char *text)
{
	struct api *api = api_behind(observer);
	const char *topic = topic_of(api, name);

	if (topic)
		publish(api, topic, wire_log(at_ms, text));
}

int events_recent(struct http_app *app, const char *topic, char **text, struct err *e)
{
	AUTO(auto_free) char *log = NULL;
	int64_t at_ms;

	if (rig_slot_log(((struct api *)app)->rig, topic + strlen(SLOT_TOPIC), &at_ms, &log, e) < 0)
		return -1;
	*text = json_print(wire_log(at_ms, log));
	return *text ? 0 : err_set(e, ERR_MEMORY, "out of memory for a log");
}

int events_topics(struct api *api, struct err *e)
{
	const size_t n = rig_slot_count(api->rig);
	struct slot_info info;

	api->topic = calloc(n ? n : 1, sizeof *api->topic);
	if (!api->topic)
		return err_set(e, ERR_MEMORY, "out of memory for the slots' logs");
	for (api->n_topics = 0; api->n_topics < n; api->n_topics++) {
		rig_slot_at(api->rig, api->n_topics, &info);
		snprintf(api->topic[api->n_topics], sizeof *api->topic, SLOT_TOPIC "%s", info.name);
	}
	return 0;
}

void events_init(struct api *api)
{
	api->observer = (struct rig_observer){
		.job = on_job, .slot = on_slot, .dump = on_dump, .batch = on_batch, .log = on_log
	};
}
