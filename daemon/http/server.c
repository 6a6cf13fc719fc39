#include "server.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "exchange.h"
#include "listen.h"
#include "log.h"
#include "serving.h"

#define THREADS 4u /* so that a handler that waits for the disk does not stop the others */

struct http_server {
	struct serving serving;
	struct MHD_Daemon *daemon;
	char address[LISTEN_ADDRESS];
};

static void on_log(void *cls, const char *fmt, va_list ap)
{
	char text[256];

	(void)cls;
	vsnprintf(text, sizeof text, fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("http: %s", text);
}

/* Paths and queries are decoded by route and uri: %2F is no slash, %00 is no end. */
static size_t keep_escapes(void *cls, struct MHD_Connection *conn, char *text)
{
	(void)cls, (void)conn;
	return strlen(text);
}

/* Room for a head of the allowed size, what is made of it, and the head of the reply. */
static size_t memory_of(const struct http_limits *limits)
{
	return 2 * limits->headers + 4096;
}

#define FLAGS (MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG)

/* The options for both kinds: libmicrohttpd miscounts those of TLS where there is none. */
#define OPTIONS(s, fd) \
	MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, (fd), \
		MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_CONNECTION_LIMIT, \
		(s)->limits.connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, \
		(s)->limits.per_address, MHD_OPTION_CONNECTION_TIMEOUT, (s)->limits.idle_s, \
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_of(&(s)->limits), \
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_URI_LOG_CALLBACK, \
		exchange_on_uri, (s), MHD_OPTION_NOTIFY_COMPLETED, exchange_on_completed, (s), \
		MHD_OPTION_NOTIFY_CONNECTION, exchange_on_connection, (s)

/* Takes fd. */
static struct MHD_Daemon *start(struct serving *s, int fd)
{
	if (!s->tls)
		return MHD_start_daemon(FLAGS, 0, NULL, NULL, exchange_on_request, s,
					OPTIONS(s, fd), MHD_OPTION_END);
	return MHD_start_daemon(FLAGS | MHD_USE_TLS, 0, NULL, NULL, exchange_on_request, s,
				OPTIONS(s, fd), MHD_OPTION_HTTPS_CERT_CALLBACK, tls_on_hello,
				MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES, MHD_OPTION_END);
}

static int prepare(struct serving *s, const struct http_config *config, struct http_app *app,
		   struct err *e)
{
	s->limits = config->limits;
	s->app = app;
	s->streams.app = app;
	s->streams.max = config->limits.streams;
	if (forwarders_init(&s->proxies, config->proxies, config->n_proxies, e) < 0)
		return -1;
	if (config->tls_cert) {
		s->tls = tls_open(config->tls_cert, config->tls_key, e);
		if (!s->tls)
			return -1;
	}
	s->errands = errands_open(s->limits.errands, e);
	if (!s->errands)
		return -1;
	s->watch = watch_open(&s->limits, app->hub, e);
	if (!s->watch)
		return -1;
	return host_names_init(&s->names, config->host, config->names, config->n_names, e);
}

static void auto_server(struct http_server **server)
{
	http_server_close(*server);
}

struct http_server *http_server_open(const struct http_config *config, struct http_app *app,
				     struct err *e)
{
	AUTO(auto_server) struct http_server *server = calloc(1, sizeof *server);
	int fd;

	if (!server) {
		err_set(e, ERR_MEMORY, "http server: out of memory");
		return NULL;
	}
	if (prepare(&server->serving, config, app, e) < 0)
		return NULL;
	fd = listen_open(config->host, config->port, server->address, e);
	if (fd < 0)
		return NULL;
	server->daemon = start(&server->serving, fd);
	if (!server->daemon) {
		err_set(e, ERR_IO, "listening on %s: libmicrohttpd does not start",
			server->address);
		return NULL;
	}
	return TAKE(server);
}

int http_check_tls(const char *cert, const char *key, struct err *e)
{
	struct tls *tls = tls_open(cert, key, e);

	if (!tls)
		return -1;
	tls_close(tls);
	return 0;
}

const char *http_server_address(const struct http_server *server)
{
	return server->address;
}

/* Streams and errands first: libmicrohttpd must not be stopped while a connection is suspended. */
void http_server_close(struct http_server *server)
{
	if (!server)
		return;
	if (server->daemon) {
		hub_close(server->serving.app->hub);
		errands_stop(server->serving.errands);
		MHD_stop_daemon(server->daemon);
	}
	errands_close(server->serving.errands);
	watch_close(server->serving.watch);
	tls_close(server->serving.tls);
	forwarders_done(&server->serving.proxies);
	host_names_done(&server->serving.names);
	free(server);
}
