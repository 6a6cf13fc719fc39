#include "client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "auto.h"
#include "clock.h"
#include "hash.h"
#include "plain.h"
#include "trouble.h"

#define BODY_MAX       (64u << 20) /* of an answer that is kept in memory */
#define CONNECT_MS     10000L
#define SILENCE_S      60L /* an answer that does not move for so long is given up */
#define TRIES          4   /* of a request with a key */
#define STREAM_QUIET_S 45L /* three heartbeats of the event stream */

struct client {
	CURL *curl;
	char root[512];
	char *cacert;
	struct curl_slist *headers; /* of every request */
	bool insecure;
	bool refused; /* by the daemon, the last time */
	bool loopback;
	bool never; /* the last time there was not even a connection */
	char trouble[CURL_ERROR_SIZE];
	char key[33]; /* Idempotency-Key of the request that is made; "": none */
	bool (*stop)(void *ctx);
	void *stop_ctx;
};

/* One request on its way. */
struct transfer {
	struct client *client;
	struct client_sink *sink; /* NULL: into text */
	struct client_meta *meta;
	char *text;
	size_t len;
	bool stream; /* of events: it may break at any time */
	bool failed; /* in the sink: then err says why */
	struct err err;
};

static void auto_slist(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static int no_memory(struct err *e)
{
	return err_set(e, ERR_MEMORY, "out of memory");
}

static bool add_header(struct curl_slist **list, const char *fmt, const char *value)
{
	char line[1100];
	struct curl_slist *more;

	snprintf(line, sizeof line, fmt, value);
	more = curl_slist_append(*list, line);
	if (!more)
		return false;
	*list = more;
	return true;
}

/* What would be no header any more, or one of its own. */
static int check_token(const char *token, struct err *e)
{
	if (strlen(token) > 1000)
		return err_set(e, ERR_BAD_INPUT, "the token is too long to be one");
	for (const char *at = token; *at; at++)
		if (*at <= ' ' || *at > '~')
			return err_set(e, ERR_BAD_INPUT, "the token has a character that none has");
	return 0;
}

static int check_url(const char *url, struct err *e)
{
	const char *scheme = strstr(url, "://");

	if (strpbrk(url, " ?#\\") ||
	    (scheme && strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0))
		return err_set(e, ERR_BAD_INPUT, "%.80s: http://HOST:PORT or https://... is wanted",
			       url);
	return 0;
}

/* A proxy cannot know this machine. */
static bool is_loopback(const char *root)
{
	const char *host = strstr(root, "://") + 3;

	return !strncmp(host, "127.", 4) || !strncmp(host, "localhost", 9) ||
	       !strncmp(host, "[::1]", 5);
}

static int set_up(struct client *c, const struct client_config *config, struct err *e)
{
	const char *url = config->url && *config->url ? config->url : CLIENT_URL;
	const bool has_scheme = strstr(url, "://") != NULL;
	size_t len;

	if ((config->token && check_token(config->token, e) < 0) || check_url(url, e) < 0)
		return -1;
	snprintf(c->root, sizeof c->root, "%s%s", has_scheme ? "" : "http://", url);
	len = strlen(c->root);
	while (len > 0 && c->root[len - 1] == '/')
		c->root[--len] = '\0';
	c->insecure = config->insecure;
	c->loopback = is_loopback(c->root);
	if (config->cacert && !(c->cacert = strdup(config->cacert)))
		return no_memory(e);
	if (config->token && *config->token &&
	    !add_header(&c->headers, "Authorization: Bearer %s", config->token))
		return no_memory(e);
	return add_header(&c->headers, "%s", "Expect:") ? 0 : no_memory(e);
}

struct client *client_new(const struct client_config *config, struct err *e)
{
	AUTO(auto_client_free) struct client *c = calloc(1, sizeof *c);

	if (!c || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(c->curl = curl_easy_init())) {
		no_memory(e);
		return NULL;
	}
	return set_up(c, config, e) < 0 ? NULL : TAKE(c);
}

void client_free(struct client *client)
{
	if (!client)
		return;
	curl_slist_free_all(client->headers);
	curl_easy_cleanup(client->curl);
	free(client->cacert);
	free(client);
}

static struct curl_slist *headers_with(const struct client *c, const char *fmt, const char *value);

struct client *client_twin(const struct client *client, struct err *e)
{
	AUTO(auto_client_free) struct client *c = calloc(1, sizeof *c);

	if (c) {
		memcpy(c->root, client->root, sizeof c->root);
		c->insecure = client->insecure;
		c->loopback = client->loopback;
		c->headers = headers_with(client, NULL, NULL);
		c->cacert = client->cacert ? strdup(client->cacert) : NULL;
		c->curl = curl_easy_init();
	}
	if (c && c->curl && c->headers && !c->cacert == !client->cacert)
		return TAKE(c);
	no_memory(e);
	return NULL;
}

/* ---- what comes back */

static long status_of(const struct client *c)
{
	long status = 0;

	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t into_text(struct transfer *t, const char *bytes, size_t len)
{
	char *more;

	if (len > BODY_MAX - t->len || !(more = realloc(t->text, t->len + len + 1))) {
		err_set(&t->err, ERR_MEMORY, "the answer is too large");
		t->failed = true;
		return 0;
	}
	t->text = more;
	memcpy(more + t->len, bytes, len);
	t->len += len;
	more[t->len] = '\0';
	return len;
}

/* An error's body is text for us, whatever was asked for. */
static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	const size_t len = size * n;

	if (!t->sink || status_of(t->client) >= 300)
		return into_text(t, bytes, len);
	if (t->sink->write(t->sink, bytes, len, &t->err) == 0)
		return len;
	t->failed = true;
	return 0;
}

/* The value of a header line if it has that name, without what ends the line. */
static bool header_value(const char *line, size_t len, const char *name, char *out, size_t size)
{
	const size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	for (line += n + 1, len -= n + 1; len > 0 && *line == ' '; line++)
		len--;
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	snprintf(out, size, "%.*s", (int)len, line);
	return true;
}

/* A name that a server gives must not lead out of this folder, nor hide. */
static void keep_file_name(const char *disposition, char *out, size_t size)
{
	const char *from = strstr(disposition, "filename=\"");
	size_t len;

	if (!from)
		return;
	from += strlen("filename=\"");
	len = strcspn(from, "\"");
	snprintf(out, size, "%.*s", (int)len, from);
	for (char *c = out; *c; c++)
		if (*c == '/' || *c == '\\' || (unsigned char)*c < ' ' || (c == out && *c == '.'))
			*c = '_';
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	char value[512];

	if (!t->meta)
		return size * n;
	if (header_value(line, size * n, "ETag", value, sizeof value))
		snprintf(t->meta->etag, sizeof t->meta->etag, "%.*s",
			 (int)strcspn(value + (*value == '"'), "\""), value + (*value == '"'));
	else if (header_value(line, size * n, "Content-Disposition", value, sizeof value))
		keep_file_name(value, t->meta->file_name, sizeof t->meta->file_name);
	return size * n;
}

/* ---- sending */

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct client *client = arg;

	(void)a, (void)b, (void)c, (void)d;
	return client->stop && client->stop(client->stop_ctx);
}

void client_set_stop(struct client *client, bool (*stop)(void *ctx), void *ctx)
{
	client->stop = stop;
	client->stop_ctx = ctx;
}

static void prepare(struct transfer *t, const char *method, const char *path)
{
	CURL *curl = t->client->curl;
	char url[4096];

	snprintf(url, sizeof url, "%s/api/v1%s", t->client->root, path);
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	t->client->trouble[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->client->trouble);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SILENCE_S);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t->client);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (t->client->loopback)
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	if (t->client->cacert)
		curl_easy_setopt(curl, CURLOPT_CAINFO, t->client->cacert);
	if (t->client->insecure)
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	if (t->client->insecure)
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

/* The client's own headers and one more, which may be NULL. */
static struct curl_slist *headers_with(const struct client *c, const char *fmt, const char *value)
{
	AUTO(auto_slist) struct curl_slist *all = NULL;

	for (const struct curl_slist *h = c->headers; h; h = h->next)
		if (!add_header(&all, "%s", h->data))
			return NULL;
	if (fmt && !add_header(&all, fmt, value))
		return NULL;
	if (c->key[0] && !add_header(&all, "Idempotency-Key: %s", c->key))
		return NULL;
	return TAKE(all);
}

static int perform(struct transfer *t, struct curl_slist *headers, struct err *e)
{
	CURL *curl = t->client->curl;
	CURLcode rc;

	if (!headers)
		return no_memory(e);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	t->client->refused = false;
	rc = curl_easy_perform(curl);
	t->client->never = rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST;
	if (t->failed) {
		*e = t->err;
		return -1;
	}
	/* A refusal that came while an upload was on its way is an answer, too. */
	if (rc != CURLE_OK && status_of(t->client) < 300)
		return status_of(t->client) >= 200 && !t->stream && rc != CURLE_ABORTED_BY_CALLBACK
			       ? trouble_broken(t->client->root, rc, e)
			       : trouble_unreachable(t->client->root, rc, t->client->trouble, e);
	t->client->refused = status_of(t->client) >= 300;
	if (!t->client->refused)
		return 0;
	return trouble_refused(t->client->root, status_of(t->client), t->text, e);
}

static int parse(const struct transfer *t, cJSON **answer, struct err *e)
{
	cJSON *json;

	if (!answer)
		return 0;
	*answer = NULL;
	if (t->len == 0)
		return 0;
	json = cJSON_Parse(t->text);
	if (!json)
		return err_set(e, ERR_IO, "%s did not answer with JSON", t->client->root);
	*answer = json;
	return 0;
}

int client_ask(struct client *client, const char *method, const char *path, cJSON *body,
	       cJSON **answer, struct err *e)
{
	AUTO(auto_cjson) cJSON *owned = body;
	AUTO(auto_free) char *printed = owned ? cJSON_PrintUnformatted(owned) : NULL;
	AUTO(auto_slist)
	struct curl_slist *headers =
		headers_with(client, owned ? "%s" : NULL, "Content-Type: application/json");
	struct transfer t = { .client = client };
	int result;

	prepare(&t, method, path);
	if (printed)
		curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, printed);
	else if (!strcmp(method, "POST"))
		curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, "");
	result = perform(&t, headers, e) < 0 ? -1 : parse(&t, answer, e);
	free(t.text);
	return result;
}

static int make_key(char key[33], struct err *e)
{
	uint8_t bytes[16];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return err_set(e, ERR_IO, "the kernel gives no random bytes");
	hash_hex(bytes, sizeof bytes, key);
	return 0;
}

/* Whether the daemon may have heard the request, and nobody knows. */
static bool is_unsure(const struct client *c, const struct err *e)
{
	return !c->refused && !c->never && (e->code == ERR_OFFLINE || e->code == ERR_IO);
}

int client_ask_once(struct client *client, const char *path, cJSON *body, cJSON **answer,
		    struct err *e)
{
	AUTO(auto_cjson) cJSON *owned = body;
	int result;

	if (make_key(client->key, e) < 0)
		return -1;
	for (int tries = 1;; tries++) {
		result = client_ask(client, "POST", path, cJSON_Duplicate(owned, true), answer, e);
		if (result == 0 || tries == TRIES || !is_unsure(client, e))
			break;
		clock_sleep_ns(clock_real(), CLOCK_S);
	}
	client->key[0] = '\0';
	return result;
}

int client_text(struct client *client, const char *path, char **text, struct err *e)
{
	AUTO(auto_slist) struct curl_slist *headers = headers_with(client, NULL, NULL);
	struct transfer t = { .client = client };

	prepare(&t, "GET", path);
	if (perform(&t, headers, e) < 0) {
		free(t.text);
		return -1;
	}
	*text = t.text ? t.text : strdup("");
	return *text ? 0 : no_memory(e);
}

int client_download(struct client *client, const char *path, struct client_sink *sink,
		    struct client_meta *meta, struct err *e)
{
	AUTO(auto_slist) struct curl_slist *headers = headers_with(client, NULL, NULL);
	struct transfer t = { .client = client, .sink = sink, .meta = meta };
	int result;

	*meta = (struct client_meta){ .etag = "" };
	prepare(&t, "GET", path);
	result = perform(&t, headers, e);
	free(t.text);
	return result;
}

int client_follow(struct client *client, const char *path, const char *last_id,
		  struct client_sink *sink, struct err *e)
{
	const bool resume = last_id && *last_id;
	AUTO(auto_slist)
	struct curl_slist *headers =
		headers_with(client, resume ? "Last-Event-ID: %s" : NULL, last_id);
	struct transfer t = { .client = client, .sink = sink, .stream = true };
	int result;

	prepare(&t, "GET", path);
	curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME, STREAM_QUIET_S);
	result = perform(&t, headers, e);
	free(t.text);
	return result;
}

static size_t on_read(char *buf, size_t size, size_t n, void *arg)
{
	FILE *file = arg;
	const size_t got = fread(buf, 1, size * n, file);

	return got == 0 && ferror(file) ? CURL_READFUNC_ABORT : got;
}

int client_upload(struct client *client, const char *path, FILE *file, uint64_t size,
		  cJSON **answer, struct err *e)
{
	AUTO(auto_slist)
	struct curl_slist *headers =
		headers_with(client, "%s", "Content-Type: application/octet-stream");
	struct transfer t = { .client = client };
	int result;

	prepare(&t, "POST", path);
	curl_easy_setopt(client->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	curl_easy_setopt(client->curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(client->curl, CURLOPT_READDATA, file);
	result = perform(&t, headers, e) < 0 ? -1 : parse(&t, answer, e);
	free(t.text);
	return result;
}

bool client_was_refused(const struct client *client)
{
	return client->refused;
}

void client_query(char *path, size_t size, const char *name, const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, 0);
	const size_t used = strlen(path);

	if (escaped)
		snprintf(path + used, size - used, "%c%s=%s", strchr(path, '?') ? '&' : '?', name,
			 escaped);
	curl_free(escaped);
}
