#include "exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "auto.h"
#include "body.h"
#include "clock.h"
#include "log.h"
#include "parse.h"
#include "peer.h"
#include "respond.h"
#include "serving.h"

/*
 * How much of the body of a refused request is read and thrown away, so that the client gets to
 * the reply: closing on unread bytes would reset the connection under it.
 */
#define DRAIN_MAX (4u << 20)

#define HTTP_HEAD_TOO_LARGE 431

struct exchange {
	struct request req;
	struct reply reply;
	struct serving *serving;
	struct MHD_Connection *conn;
	struct watched *watched;
	const struct route *route;
	char *uri; /* owned; req points into it */
	char peer[PEER_TEXT];
	struct body body;
	bool uploading;  /* counted in serving->uploads */
	bool started;    /* the head is complete */
	bool refused;    /* error says why; the rest of the body is thrown away */
	unsigned status; /* in place of the error's own, or 0 */
	struct err error;
};

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

static const struct sockaddr *address_of(const struct exchange *x)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info ? info->client_addr : NULL;
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
	peer_text(address_of(x), x->peer);
	if (x->uri)
		return x;
	exchange_free(x);
	return NULL;
}

/* ---- the head */

/* The last one counts: a client may have sent others, which a proxy has passed on. */
static enum MHD_Result last_value(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	(void)kind;
	if (!strcasecmp(name, "X-Forwarded-For"))
		*(const char **)cls = value;
	return MHD_YES;
}

/* Whose request it is, and how it came, where a proxy that is believed says so. */
static void look_behind_proxy(struct exchange *x)
{
	const struct serving *serving = x->serving;
	const char *client = NULL, *scheme = header(&x->req, "X-Forwarded-Proto");

	x->req.secure = serving->tls != NULL;
	if (serving->proxies.n == 0 || !forwarders_have(&serving->proxies, address_of(x)))
		return;
	MHD_get_connection_values(x->conn, MHD_HEADER_KIND, last_value, &client);
	if (client)
		(void)forwarded_peer(client, x->peer);
	x->req.secure = x->req.secure || (scheme && !strcasecmp(scheme, "https"));
}

static int check_size(struct exchange *x, struct err *e)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->conn, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	if (info && info->header_size <= x->serving->limits.headers)
		return 0;
	x->status = HTTP_HEAD_TOO_LARGE;
	return err_set(e, ERR_TOO_LARGE, "the head of the request is larger than %zu bytes",
		       x->serving->limits.headers);
}

static enum MHD_Result count_hosts(void *cls, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	(void)kind, (void)value;
	*(unsigned *)cls += !strcasecmp(name, "Host");
	return MHD_YES;
}

/*
 * Browsers say who asks: a picture or a script of another site's page sends no Origin, and would
 * make the daemon work for nothing. A link that somebody follows is welcome.
 */
static bool is_foreign_part(const struct exchange *x)
{
	const char *site = header(&x->req, "Sec-Fetch-Site");
	const char *mode = header(&x->req, "Sec-Fetch-Mode");

	return site && !strcmp(site, "cross-site") && mode && strcmp(mode, "navigate") != 0;
}

static int check_sender(struct exchange *x, struct err *e)
{
	const char *host = header(&x->req, "Host");
	unsigned hosts = 0;

	MHD_get_connection_values(x->conn, MHD_HEADER_KIND, count_hosts, &hosts);
	if (hosts != 1)
		return err_set(e, ERR_BAD_INPUT, "the request has %s Host header",
			       hosts ? "more than one" : "no");
	if (!host_allowed(&x->serving->names, host)) {
		err_set(e, ERR_WRONG_HOST, "this is not \"%.200s\"", host);
		return err_hint(e, "Use one of this machine's names or addresses, or add the name "
				   "to names = in [http].");
	}
	if (!origin_allowed(header(&x->req, "Origin"), host) || is_foreign_part(x))
		return err_set(e, ERR_FORBIDDEN, "requests from pages of another site are refused");
	return 0;
}

static int check_route(struct exchange *x, struct err *e)
{
	struct http_app *app = x->serving->app;
	char allow[ROUTE_ALLOW];

	x->route = x->req.route =
		route_find(&app->table, x->req.method, x->req.path, &x->req.args, e);
	if (x->route)
		return 0;
	if (e->code == ERR_METHOD_NOT_ALLOWED) {
		route_allow(&app->table, x->req.path, allow);
		reply_header(&x->reply, "Allow", "%s", allow);
	}
	return -1;
}

static int check_scope(struct exchange *x, struct err *e)
{
	struct http_app *app = x->serving->app;

	if (x->route->scope == SCOPE_NONE)
		return 0;
	if (!app->authorize) {
		x->req.grant.scope = SCOPE_ADMIN;
		return 0;
	}
	return app->authorize(app, &x->req, x->route->scope, &x->req.grant, e);
}

static int check_query(struct exchange *x, char *query, struct err *e)
{
	if (query_parse(query, &x->req.query, e) < 0)
		return -1;
	return query_check_known(&x->req.query, x->route->query ? x->route->query : "", e);
}

static uint64_t declared_length(const struct exchange *x)
{
	const char *text = header(&x->req, "Content-Length");
	uint64_t len = 0;

	if (text)
		(void)parse_u64(text, UINT64_MAX, &len); /* libmicrohttpd has refused nonsense */
	return len;
}

static int check_type(const struct exchange *x, struct err *e)
{
	return body_check_type(x->route->body, header(&x->req, "Content-Type"), e);
}

static int check_head(struct exchange *x, struct err *e)
{
	char *query = strchr(x->uri, '?');
	const uint64_t len = declared_length(x);

	if (query)
		*query++ = '\0';
	x->req.path = x->uri;
	look_behind_proxy(x);
	if (check_size(x, e) < 0 || check_sender(x, e) < 0 || check_route(x, e) < 0 ||
	    check_scope(x, e) < 0 || check_query(x, query, e) < 0)
		return -1;
	x->body.kind = x->route->body;
	if ((len > 0 || body_streams(x->body.kind)) && check_type(x, e) < 0)
		return -1;
	return body_check_size(x->body.kind, &x->serving->limits, x->req.path, len, e);
}

static int open_sink(struct exchange *x, struct err *e)
{
	struct serving *serving = x->serving;

	x->uploading = true;
	if (atomic_fetch_add(&serving->uploads, 1) >= serving->limits.uploads)
		return err_set(e, ERR_TOO_MANY, "there are %u uploads already",
			       serving->limits.uploads);
	if (x->route->handler(&x->req, &x->reply, e) < 0)
		return -1;
	assert(x->req.sink);
	x->body.sink = x->req.sink;
	return 0;
}

static int take_head(struct exchange *x, struct err *e)
{
	if (check_head(x, e) < 0)
		return -1;
	return body_streams(x->body.kind) ? open_sink(x, e) : 0;
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
					       .last_id = header(&x->req, "Last-Event-ID"),
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
	if (body->len > 0 && check_type(x, e) < 0)
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
	return handle(x, e) < 0 ? NULL : make_response(x, e);
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

static enum MHD_Result finish(struct exchange *x)
{
	AUTO(auto_response) struct MHD_Response *res = NULL;
	const struct err *why = NULL;
	struct err e;

	watch_enter(x->serving->watch, x->watched, WATCH_REPLY);
	res = answer(x, &e);
	drop_body(x); /* a failed upload must be gone before the client hears of it */
	if (!res)
		res = apologise(x, why = &e);
	tell(x, why);
	return res ? MHD_queue_response(x->conn, x->reply.status, res) : MHD_NO;
}

/* ---- the body */

static void refuse(struct exchange *x, const struct err *e)
{
	x->refused = true;
	x->error = *e;
	drop_body(x);
}

/* A client that waits for "100 Continue", or has a lot to send, is told before it does. */
static bool tell_now(const struct exchange *x)
{
	return x->refused && (declared_length(x) > DRAIN_MAX || header(&x->req, "Expect"));
}

static enum MHD_Result begin(struct exchange *x, const char *method)
{
	struct err e;

	x->started = true;
	x->req.started_ns = clock_now_ns(clock_real());
	x->req.method = http_method_parse(method);
	x->req.head = !strcmp(method, "HEAD");
	watch_enter(x->serving->watch, x->watched, WATCH_BODY);
	if (take_head(x, &e) < 0)
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
