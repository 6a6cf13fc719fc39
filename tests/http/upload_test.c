/* Bodies that go into a sink while they come. */
#include <stdlib.h>
#include <time.h>

#include "auto.h"
#include "check.h"
#include "client.h"
#include "fixture.h"

#define MIB (1u << 20)

static char reply[8192];
static struct err e;

static void nap(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Waits until n sinks are freed; true when that is all, and each one that was opened. */
static bool freed(struct fixture *f, unsigned n)
{
	for (int i = 0; i < 400 && atomic_load(&f->upload.freed) < n; i++)
		nap(10);
	return atomic_load(&f->upload.freed) == n && atomic_load(&f->upload.opened) == n;
}

static uint8_t *bytes_new(size_t len)
{
	uint8_t *bytes = malloc(len);

	if (!bytes)
		abort();
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 1000);
	return bytes;
}

static unsigned sum_of(const uint8_t *bytes, size_t len)
{
	unsigned sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = sum * 31 + bytes[i];
	return sum;
}

static int begin(struct fixture *f, const char *path, const char *head)
{
	const int fd = client_connect(f->address);
	char text[512];

	snprintf(text, sizeof text,
		 "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", path, head);
	if (fd < 0 || !client_say(fd, text))
		abort();
	return fd;
}

static int length_of(struct fixture *f, const char *path, size_t len)
{
	char head[64];

	snprintf(head, sizeof head, "Content-Length: %zu\r\n", len);
	return begin(f, path, head);
}

/* The status of what comes back; its text is in reply. */
static int status(int fd)
{
	size_t n = 0;

	if (client_read(fd, reply, sizeof reply - 1, 5000, &n) < 0)
		return -1;
	reply[n] = '\0';
	return fixture_status(reply);
}

static int post(struct fixture *f, const char *path, const uint8_t *bytes, size_t len)
{
	AUTO(auto_close) int fd = length_of(f, path, len);

	return client_send(fd, (const char *)bytes, len) ? status(fd) : -1;
}

static bool says(const uint8_t *bytes, size_t len)
{
	char text[64];

	snprintf(text, sizeof text, "%zu bytes, sum %u", len, sum_of(bytes, len));
	return !strcmp(fixture_body(reply), text);
}

static void every_byte_reaches_the_sink_once(void)
{
	static const size_t sizes[] = { 0, 1, 4096, 65536, 65537, 3 * MIB + 3 };
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_free) uint8_t *bytes = bytes_new(3 * MIB + 3);

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CHECK(post(&f, "/upload", bytes, sizes[i]) == 201);
		CHECK(says(bytes, sizes[i]));
		CHECK(freed(&f, (unsigned)i + 1));
	}
	CHECK(atomic_load(&f.upload.finished) == ARRAY_LEN(sizes));
}

static void chunks_reach_it_too(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_free) uint8_t *bytes = bytes_new(MIB);
	AUTO(auto_close) int fd = -1;
	char head[16];

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = begin(&f, "/upload", "Transfer-Encoding: chunked\r\n");
	for (size_t at = 0, n = 1; at < MIB; at += n, n = n * 2 + 1) {
		n = MIB - at < n ? MIB - at : n;
		snprintf(head, sizeof head, "%zx\r\n", n);
		CHECK(client_say(fd, head) && client_send(fd, (char *)bytes + at, n));
		CHECK(client_say(fd, "\r\n"));
	}
	CHECK(client_say(fd, "0\r\n\r\n"));
	CHECK(status(fd) == 201 && says(bytes, MIB));
	CHECK(freed(&f, 1));
}

static void declared_size_over_the_limit_is_refused_at_once(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = length_of(&f, "/upload", 64 * MIB + 1);
	CHECK(status(fd) == 413);
	CHECK(atomic_load(&f.upload.opened) == 0);
}

static struct http_limits small(void)
{
	struct http_limits limits = http_limits_default();

	limits.upload = 100000;
	return limits;
}

static void limit_is_exact(void)
{
	const struct http_limits limits = small();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_free) uint8_t *bytes = bytes_new(100001);

	CHECK_OK(fixture_open(&f, &limits, &e), e);
	CHECK(post(&f, "/upload", bytes, 100000) == 201);
	CHECK(post(&f, "/upload", bytes, 100001) == 413);
	CHECK(!strcmp(fixture_body(reply), "{\"code\":\"too-large\"}"));
	CHECK(freed(&f, 1));
}

static void chunks_are_counted(void)
{
	const struct http_limits limits = small();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_free) uint8_t *bytes = bytes_new(0x8000);
	AUTO(auto_close) int fd = -1;

	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = begin(&f, "/upload", "Transfer-Encoding: chunked\r\n");
	for (int i = 0; i < 4; i++)
		CHECK(client_say(fd, "8000\r\n") && client_send(fd, (char *)bytes, 0x8000) &&
		      client_say(fd, "\r\n"));
	CHECK(client_say(fd, "0\r\n\r\n"));
	CHECK(status(fd) == 413);
	CHECK(freed(&f, 1) && atomic_load(&f.upload.finished) == 0);
	CHECK(atomic_load(&f.upload.bytes) <= 100000);
}

static void client_that_goes_leaves_nothing(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_free) uint8_t *bytes = bytes_new(300000);
	static const size_t sent[] = { 0, 1, 65536, 299999 };

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
		AUTO(auto_close) int fd = length_of(&f, "/upload", 300000);

		CHECK(client_send(fd, (char *)bytes, sent[i]));
	}
	CHECK(freed(&f, ARRAY_LEN(sent)));
	CHECK(atomic_load(&f.upload.finished) == 0);
}

static void body_that_trickles_is_cut(void)
{
	struct http_limits limits = http_limits_default();
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_close) int fd = -1;

	limits.body_grace_ms = 300;
	CHECK_OK(fixture_open(&f, &limits, &e), e);
	fd = length_of(&f, "/upload", 300000);
	for (int i = 0; i < 30 && client_send(fd, "x", 1); i++)
		nap(40);
	CHECK(client_sees_end(fd, 1000));
	CHECK(freed(&f, 1) && atomic_load(&f.upload.finished) == 0);
}

/* The client hears why, however much it still has to send. */
static void sink_that_fails_is_the_reply(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_free) uint8_t *bytes = bytes_new(8 * MIB);

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	f.upload.damaged_at = 100000;
	CHECK(post(&f, "/upload", bytes, 8 * MIB) == 503);
	CHECK(!strcmp(fixture_body(reply), "{\"code\":\"archive-full\"}"));
	CHECK(freed(&f, 1) && atomic_load(&f.upload.bytes) < 300000);
	f.upload.damaged_at = 0;
	CHECK(post(&f, "/upload?wrong", bytes, 70000) == 422);
	CHECK(freed(&f, 2) && atomic_load(&f.upload.finished) == 0);
}

static void handler_that_refuses_opens_nothing(void)
{
	AUTO(fixture_close) struct fixture f;
	AUTO(auto_free) uint8_t *bytes = bytes_new(70000);

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	CHECK(post(&f, "/upload?no", bytes, 70000) == 409);
	CHECK(post(&f, "/upload?yes", bytes, 70000) == 400);
	f.closed_door = true;
	CHECK(post(&f, "/upload", bytes, 70000) == 401);
	CHECK(atomic_load(&f.upload.opened) == 0);
}

static void forms_are_refused_and_everything_else_is_bytes(void)
{
	static const struct {
		const char *type;
		int status;
	} cases[] = {
		{ "application/octet-stream", 201 }, { "application/json", 201 },
		{ "multipart/form-data-not", 201 },  { "multipart/form-data; boundary=x", 415 },
		{ "Multipart/Form-Data", 415 },      { "application/x-www-form-urlencoded", 415 },
	};
	AUTO(fixture_close) struct fixture f;
	char head[128];

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(auto_close) int fd = -1;

		snprintf(head, sizeof head, "Content-Type: %s\r\nContent-Length: 3\r\n",
			 cases[i].type);
		fd = begin(&f, "/upload", head);
		CHECK(client_send(fd, "a=1", 3) && status(fd) == cases[i].status);
	}
}

static void uploads_at_a_time_are_limited(void)
{
	struct http_limits limits = http_limits_default();
	AUTO(fixture_close) struct fixture f;
	int held[2];

	limits.uploads = 2;
	CHECK_OK(fixture_open(&f, &limits, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		held[i] = length_of(&f, "/upload", 10);
	for (int i = 0; i < 200 && atomic_load(&f.upload.opened) < 2; i++)
		nap(10);
	CHECK(post(&f, "/upload", (const uint8_t *)"x", 1) == 429);
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		close(held[i]);
	CHECK(freed(&f, 2));
	CHECK(post(&f, "/upload", (const uint8_t *)"x", 1) == 201);
}

static void closing_the_server_frees_what_is_under_way(void)
{
	struct fixture f;
	struct fixture_upload *upload = &f.upload;
	AUTO(auto_close) int fd = -1;

	CHECK_OK(fixture_open(&f, NULL, &e), e);
	fd = length_of(&f, "/upload", 10);
	CHECK(fd >= 0);
	for (int i = 0; i < 200 && atomic_load(&upload->opened) < 1; i++)
		nap(10);
	http_server_close(f.server);
	f.server = NULL;
	CHECK(atomic_load(&upload->opened) == 1 && atomic_load(&upload->freed) == 1);
	fixture_close(&f);
}

static const struct check all[] = {
	{ "every byte reaches the sink once", every_byte_reaches_the_sink_once },
	{ "chunks reach it too", chunks_reach_it_too },
	{ "declared size over the limit is refused at once",
	  declared_size_over_the_limit_is_refused_at_once },
	{ "limit is exact", limit_is_exact },
	{ "chunks are counted", chunks_are_counted },
	{ "client that goes leaves nothing", client_that_goes_leaves_nothing },
	{ "body that trickles is cut", body_that_trickles_is_cut },
	{ "sink that fails is the reply", sink_that_fails_is_the_reply },
	{ "handler that refuses opens nothing", handler_that_refuses_opens_nothing },
	{ "forms are refused and everything else is bytes",
	  forms_are_refused_and_everything_else_is_bytes },
	{ "uploads at a time are limited", uploads_at_a_time_are_limited },
	{ "closing the server frees what is under way",
	  closing_the_server_frees_what_is_under_way },
};

CHECK_MAIN(all)
