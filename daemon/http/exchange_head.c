/* What a request's head says, and whether it may be. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "exchange_impl.h"
#include "parse.h"

#define HTTP_HEAD_TOO_LARGE 431

const struct sockaddr *exchange_address(const struct exchange *x)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info ? info->client_addr : NULL;
}

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
	const char *client = NULL, *scheme = request_header(&x->req, "X-Forwarded-Proto");

	x->req.secure = serving->tls != NULL;
	if (serving->proxies.n == 0 || !forwarders_have(&serving->proxies, exchange_address(x)))
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
	const char *site = request_header(&x->req, "Sec-Fetch-Site");
	const char *mode = request_header(&x->req, "Sec-Fetch-Mode");

	return site && !strcmp(site, "cross-site") && mode && strcmp(mode, "navigate") != 0;
}

static int check_sender(struct exchange *x, struct err *e)
{
	const char *host = request_header(&x->req, "Host");
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
	if (!origin_allowed(request_header(&x->req, "Origin"), host) || is_foreign_part(x))
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

uint64_t exchange_body_length(const struct exchange *x)
{
	const char *text = request_header(&x->req, "Content-Length");
	uint64_t len = 0;

	if (text)
		(void)parse_u64(text, UINT64_MAX, &len); /* libmicrohttpd has refused nonsense */
	return len;
}

int exchange_check_type(const struct exchange *x, struct err *e)
{
	return body_check_type(x->route->body, request_header(&x->req, "Content-Type"), e);
}

static int check_head(struct exchange *x, struct err *e)
{
	char *query = strchr(x->uri, '?');
	const uint64_t len = exchange_body_length(x);

	if (query)
		*query++ = '\0';
	x->req.path = x->uri;
	look_behind_proxy(x);
	if (check_size(x, e) < 0 || check_sender(x, e) < 0 || check_route(x, e) < 0 ||
	    check_scope(x, e) < 0 || check_query(x, query, e) < 0)
		return -1;
	x->body.kind = x->route->body;
	if ((len > 0 || body_streams(x->body.kind)) && exchange_check_type(x, e) < 0)
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

int exchange_take_head(struct exchange *x, struct err *e)
{
	if (check_head(x, e) < 0)
		return -1;
	return body_streams(x->body.kind) ? open_sink(x, e) : 0;
}
