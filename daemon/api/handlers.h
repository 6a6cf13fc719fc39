/*
 * The handlers of the route table (routes.c), a file for each resource. A handler reads the
 * request, calls one function of the rig or the archive, and writes the reply.
 */
#pragma once

#include "reply.h"
#include "request.h"

/* info.c */
int info_get(struct request *req, struct reply *reply, struct err *e);
int health_get(struct request *req, struct reply *reply, struct err *e);

/* metrics_text.c */
int metrics_get(struct request *req, struct reply *reply, struct err *e);

/* archive.c */
int archive_get(struct request *req, struct reply *reply, struct err *e);
int archive_check(struct request *req, struct reply *reply, struct err *e);

/* export.c */
int archive_export(struct request *req, struct reply *reply, struct err *e);
int dump_sidecar_get(struct request *req, struct reply *reply, struct err *e);

/* import.c: opens a sink */
int archive_import(struct request *req, struct reply *reply, struct err *e);

/* session.c */
int session_post(struct request *req, struct reply *reply, struct err *e);
int session_delete(struct request *req, struct reply *reply, struct err *e);

/* tokens.c */
int tokens_list(struct request *req, struct reply *reply, struct err *e);
int tokens_post(struct request *req, struct reply *reply, struct err *e);
int tokens_delete(struct request *req, struct reply *reply, struct err *e);

/* trail.c */
int trail_get(struct request *req, struct reply *reply, struct err *e);

/* settings.c */
int config_get(struct request *req, struct reply *reply, struct err *e);

/* slots.c */
int slots_list(struct request *req, struct reply *reply, struct err *e);
int slots_get(struct request *req, struct reply *reply, struct err *e);
int slots_reset(struct request *req, struct reply *reply, struct err *e);
int slots_log(struct request *req, struct reply *reply, struct err *e);

/* slot_sim.c */
int slots_sim(struct request *req, struct reply *reply, struct err *e);

/* jobs.c */
int jobs_post(struct request *req, struct reply *reply, struct err *e);
int jobs_list(struct request *req, struct reply *reply, struct err *e);
int jobs_get(struct request *req, struct reply *reply, struct err *e);
int jobs_cancel(struct request *req, struct reply *reply, struct err *e);
int jobs_resume(struct request *req, struct reply *reply, struct err *e);
int jobs_log(struct request *req, struct reply *reply, struct err *e);
int jobs_bootlog(struct request *req, struct reply *reply, struct err *e);

/* batches.c */
int batches_post(struct request *req, struct reply *reply, struct err *e);
int batches_list(struct request *req, struct reply *reply, struct err *e);
int batches_get(struct request *req, struct reply *reply, struct err *e);
int batches_cancel(struct request *req, struct reply *reply, struct err *e);
int batches_finish(struct request *req, struct reply *reply, struct err *e);
int batches_run(struct request *req, struct reply *reply, struct err *e);
int batches_report(struct request *req, struct reply *reply, struct err *e);

/* dumps.c */
int dumps_list(struct request *req, struct reply *reply, struct err *e);
int dumps_get(struct request *req, struct reply *reply, struct err *e);
int dumps_patch(struct request *req, struct reply *reply, struct err *e);
int dumps_delete(struct request *req, struct reply *reply, struct err *e);
int dump_removal_get(struct request *req, struct reply *reply, struct err *e);

/* dump_import.c: opens a sink */
int dumps_post(struct request *req, struct reply *reply, struct err *e);

/* dump_content.c */
int dump_content_get(struct request *req, struct reply *reply, struct err *e);

/* analyses.c */
int dump_analysis_get(struct request *req, struct reply *reply, struct err *e);
int dump_map_get(struct request *req, struct reply *reply, struct err *e);
int image_analysis_get(struct request *req, struct reply *reply, struct err *e);
int image_map_get(struct request *req, struct reply *reply, struct err *e);

/* partition_download.c */
int dump_partition_get(struct request *req, struct reply *reply, struct err *e);
int image_partition_get(struct request *req, struct reply *reply, struct err *e);

/* dump_lookup.c: opens a sink */
int dumps_lookup(struct request *req, struct reply *reply, struct err *e);

/* dump_search.c */
int dump_find_get(struct request *req, struct reply *reply, struct err *e);

/* dump_diff.c */
int dump_diff_get(struct request *req, struct reply *reply, struct err *e);
int dump_diff_bytes_get(struct request *req, struct reply *reply, struct err *e);

/* images.c */
int images_list(struct request *req, struct reply *reply, struct err *e);
int images_get(struct request *req, struct reply *reply, struct err *e);
int images_patch(struct request *req, struct reply *reply, struct err *e);
int images_delete(struct request *req, struct reply *reply, struct err *e);
int image_content_get(struct request *req, struct reply *reply, struct err *e);

/* image_upload.c: opens a sink */
int images_post(struct request *req, struct reply *reply, struct err *e);

/* devices.c */
int devices_list(struct request *req, struct reply *reply, struct err *e);
int devices_get(struct request *req, struct reply *reply, struct err *e);
int devices_patch(struct request *req, struct reply *reply, struct err *e);
int devices_merge(struct request *req, struct reply *reply, struct err *e);

/* chips.c */
int chips_list(struct request *req, struct reply *reply, struct err *e);

/* events.c */
int events_get(struct request *req, struct reply *reply, struct err *e);

/* page.c */
int page_get(struct request *req, struct reply *reply, struct err *e);
int openapi_get(struct request *req, struct reply *reply, struct err *e);
