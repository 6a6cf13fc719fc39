#include "exchange.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "auto.h"
#include "clock.h"
#include "exchange_impl.h"
#include "log.h"
#include "respond.h"

/*
 * How much of the body of a refused request is read and thrown away, so that the client gets to
 * the reply: closing on unread bytes would reset the connection under it.
 */
#define DRAIN_MAX (4u << 20)

static const char *header(const struct request *req, const char *name)
{
	const struct exchange *x = (const struct exchange *)req;

	return MHD_lookup_connection_value(x->conn, MHD_HEADER_KIND, name);
}

/* Nothing more goes into the body, nor comes out of it. */
static void drop_body(struct exchange *x)
{
	body_clear(&x->body);
	if (x->uploading)
		atomic_fetch_sub(&x->serving->uploads, 1);
	x->uploading = false;
}

static void exchange_free(struct exchange *x)
{
	if (!x)
		return;
	drop_body(x);
	reply_clear(&x->reply);
	free(x->uri);
	free(x);
}

void *exchange_on_uri(void *cls, const char *uri, struct MHD_Connection *conn)
{
	struct watched *watched =
		MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	struct exchange *x = watched ? calloc(1, sizeof *x) : NULL;

	if (!x)
		return NULL;
	x->serving = cls;
	x->conn = conn;
	x->watched = watched;
	x->uri = strdup(uri);
	x->req = (struct request){
		.app = x->serving->app, .peer = x->peer, .body = "", .header = header
	};
	peer_text(exchange_address(x), x->peer);
	if (x->uri)
		return x;
	exchange_free(x);
	return NULL;
}

/* ---- the reply */

static void auto_response(struct MHD_Response **res)
{
	if (*res)
		MHD_destroy_response(*res);
}

static struct MHD_Response *make_response(struct exchange *x, struct err *e)
{
	AUTO(auto_response) struct MHD_Response *res = NULL;

	if (x->reply.kind == REPLY_STREAM && !x->req.head)
		res = stream_response(
			&x->serving->streams, x->conn,
			&(struct stream_wish){ .granted = &x->req.grant,
					       .last_id = request_header(&x->req, "Last-Event-ID"),
					       .topic = x->reply.topic },
			e);
	else
		res = respond_make(&x->reply, e);
	if (!res || respond_headers(res, &x->reply, e) < 0)
		return NULL;
	return TAKE(res);
}

static int handle(struct exchange *x, struct err *e)
{
	struct body *body = &x->body;

	if (body_streams(body->kind))
		return body->sink->finish(body->sink, &x->req, &x->reply, e);
	if (body->len > 0 && exchange_check_type(x, e) < 0)
		return -1;
	if (body->kept)
		x->req.body = body->kept;
	x->req.body_len = body->len;
	return x->route->handler(&x->req, &x->reply, e);
}

static struct MHD_Response *answer(struct exchange *x, struct err *e)
{
	if (x->refused) {
		*e = x->error;
		return NULL;
	}
	return !x->handled && handle(x, e) < 0 ? NULL : make_response(x, e);
}

/* The end of the matter for an error: its status, its text, and if the fault is ours a log line. */
static struct MHD_Response *apologise(struct exchange *x, const struct err *e)
{
	struct http_app *app = x->serving->app;
	const unsigned status = x->status ? x->status : reply_status_of(e->code);
	struct err no_memory;

	if (status >= 500)
		log_error("%s: %s", x->req.path, e->text);
	if (status == 401)
		reply_header(&x->reply, "WWW-Authenticate", "Bearer");
	reply_clear(&x->reply);
	if (reply_text(&x->reply, status, "application/json", app->error_body(app, e), &no_memory) <
	    0)
		return NULL;
	return make_response(x, &no_memory);
}

static void tell(const struct exchange *x, const struct err *why)
{
	struct http_app *app = x->serving->app;

	if (app->answered)
		app->answered(app, &x->req, &x->reply, why);
}

/* A libmicrohttpd that is told to stop drops a response and may ask again: no handler runs twice. */
static enum MHD_Result reply_now(struct exchange *x)
{
	AUTO(auto_response) struct MHD_Response *res = NULL;
	const struct err *why = NULL;
	struct err e;

	if (x->replied)
		return MHD_NO;
	x->replied = true;
	res = answer(x, &e);
	drop_body(x); /* a failed upload must be gone before the client hears of it */
	if (!res)
		res = apologise(x, why = &e);
	tell(x, why);
	return res ? MHD_queue_response(x->conn, x->reply.status, res) : MHD_NO;
}

/* ---- what takes long */

static void refuse(struct exchange *x, const struct err *e)
{
	x->refused = true;
	x->error = *e;
	drop_body(x);
}

static bool takes_long(const struct exchange *x)
{
	const struct http_app *app = x->serving->app;

	return !x->refused && !body_streams(x->body.kind) && app->takes_long &&
	       app->takes_long(&x->req);
}

/* Nobody else looks at the exchange, until its connection goes on. */
static void on_errand(struct errand *errand, bool stopping)
{
	struct exchange *x =
		(struct exchange *)((char *)errand - offsetof(struct exchange, errand));
	struct err e;

	if (stopping)
		err_set(&e, ERR_UNAVAILABLE, "the daemon is stopping");
	if (stopping || handle(x, &e) < 0)
		refuse(x, &e);
	x->handled = true;
	MHD_resume_connection(x->conn);
}

/* Comes back to finish(). Asleep before somebody could wake it up. */
static enum MHD_Result send_away(struct exchange *x)
{
	struct err e;

	x->errand.run = on_errand;
	MHD_suspend_connection(x->conn);
	if (errands_add(x->serving->errands, &x->errand, &e) < 0) {
		refuse(x, &e);
		MHD_resume_connection(x->conn);
	}
	return MHD_YES;
}

static enum MHD_Result finish(struct exchange *x)
{
	watch_enter(x->serving->watch, x->watched, WATCH_REPLY);
	return !x->handled && takes_long(x) ? send_away(x) : reply_now(x);
}

/* ---- the body */

/* A client that waits for "100 Continue", or has a lot to send, is told before it does. */
static bool tell_now(const struct exchange *x)
{
	return x->refused &&
	       (exchange_body_length(x) > DRAIN_MAX || request_header(&x->req, "Expect"));
}

static enum MHD_Result begin(struct exchange *x, const char *method)
{
	struct err e;

	x->started = true;
	x->req.started_ns = clock_now_ns(clock_real());
	x->req.method = http_method_parse(method);
	x->req.head = !strcmp(method, "HEAD");
	watch_enter(x->serving->watch, x->watched, WATCH_BODY);
	if (exchange_take_head(x, &e) < 0)
		refuse(x, &e);
	return tell_now(x) ? finish(x) : MHD_YES;
}

/* Of an upload that has failed half-way the client shall still hear: all that is allowed is read. */
static uint64_t drain_max(const struct exchange *x)
{
	const uint64_t upload = x->serving->limits.upload;

	return body_streams(x->body.kind) && upload > DRAIN_MAX ? upload : DRAIN_MAX;
}

static int keep(struct exchange *x, const char *data, size_t len, struct err *e)
{
	const struct http_limits *limits = &x->serving->limits;

	if (body_check_size(x->body.kind, limits, x->req.path, x->body.came, e) < 0)
		return -1;
	return body_take(&x->body, limits, data, len, e);
}

static enum MHD_Result take_body(struct exchange *x, const char *data, size_t len)
{
	struct err e;

	watch_body(x->serving->watch, x->watched, len);
	x->body.came += len;
	if (!x->refused && keep(x, data, len, &e) < 0)
		refuse(x, &e);
	return x->refused && x->body.came > drain_max(x) ? MHD_NO : MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the signature is libmicrohttpd's */
enum MHD_Result exchange_on_request(void *cls, struct MHD_Connection *conn, const char *url,
				    const char *method, const char *version, const char *data,
				    size_t *len, void **exchange)
{
	struct exchange *x = *exchange;
	const size_t n = *len;

	(void)cls, (void)conn, (void)url, (void)version;
	if (!x)
		return MHD_NO;
	if (!x->started)
		return begin(x, method);
	if (n == 0)
		return finish(x);
	*len = 0;
	return take_body(x, data, n);
}

void exchange_on_completed(void *cls, struct MHD_Connection *conn, void **exchange,
			   enum MHD_RequestTerminationCode how)
{
	struct exchange *x = *exchange;

	(void)cls, (void)conn, (void)how;
	if (!x)
		return;
	watch_enter(x->serving->watch, x->watched, WATCH_HEAD);
	exchange_free(x);
	*exchange = NULL;
}

void exchange_on_connection(void *cls, struct MHD_Connection *conn, void **context,
			    enum MHD_ConnectionNotificationCode what)
{
	struct serving *serving = cls;
	int fd;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		watch_remove(serving->watch, *context);
		return;
	}
	fd = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	*context = watch_add(serving->watch, fd);
	if (!*context)
		shutdown(fd, SHUT_RDWR);
}
