#include "tls.h"

#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "auto.h"
#include "check.h"
#include "client.h"
#include "fixture.h"

static struct err e;

/* ---- a folder with a certificate and a key that can be replaced */

struct shelf {
	char dir[32], cert[64], key[64];
};

static bool put(const char *name, const char *to)
{
	char command[400];

	snprintf(command, sizeof command, "cp %s/%s %s.new && mv %s.new %s", TLS_FOLDER, name, to,
		 to, to);
	return system(command) == 0;
}

static bool shelf_open(struct shelf *s)
{
	*s = (struct shelf){ .dir = "/tmp/tls_test.XXXXXX" };
	if (!mkdtemp(s->dir))
		return false;
	snprintf(s->cert, sizeof s->cert, "%s/cert.pem", s->dir);
	snprintf(s->key, sizeof s->key, "%s/key.pem", s->dir);
	return put("rig.pem", s->cert) && put("rig.key", s->key);
}

static void shelf_close(struct shelf *s)
{
	char command[64];

	snprintf(command, sizeof command, "rm -r %s", s->dir);
	(void)!system(command);
}

/* ---- a client */

static int talk(gnutls_session_t session, char *reply, size_t size)
{
	static const char ask[] =
		"GET /text HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	size_t n = 0;
	ssize_t len;

	if (gnutls_record_send(session, ask, sizeof ask - 1) != sizeof ask - 1)
		return -1;
	while (n < size - 1 && (len = gnutls_record_recv(session, reply + n, size - 1 - n)) > 0)
		n += (size_t)len;
	reply[n] = '\0';
	return fixture_status(reply);
}

/* The status of a reply; -1 when the certificate is none that trusted knows, or nothing comes. */
static int get_trusting(const char *address, const char *trusted)
{
	const struct timeval patience = { .tv_sec = 20 };
	AUTO(auto_close) int fd = client_connect(address);
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
	char path[300], reply[4000];
	int status = -1, rc;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	snprintf(path, sizeof path, "%s/%s", TLS_FOLDER, trusted);
	gnutls_certificate_allocate_credentials(&credentials);
	gnutls_certificate_set_x509_trust_file(credentials, path, GNUTLS_X509_FMT_PEM);
	gnutls_init(&session, GNUTLS_CLIENT);
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_session_set_verify_cert(session, "localhost", 0);
	gnutls_transport_set_int(session, fd);
	do
		rc = gnutls_handshake(session);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	if (rc == 0)
		status = talk(session, reply, sizeof reply);
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
	return status;
}

static void page_comes_over_tls(void)
{
	AUTO(shelf_close) struct shelf s;
	AUTO(fixture_close) struct fixture f;

	CHECK(shelf_open(&s));
	CHECK_OK(fixture_open_tls(&f, s.cert, s.key, &e), e);
	CHECK(get_trusting(f.address, "rig.pem") == 200);
	CHECK(get_trusting(f.address, "other.pem") == -1);
}

static void what_is_no_certificate_is_named(void)
{
	static const struct {
		const char *cert, *key, *word;
	} cases[] = {
		{ "rig.pem", "other.key", "is not the key" },
		{ "rig.pem", "locked.key", "password" },
		{ "rig.key", "rig.key", "no certificate" },
		{ "rig.pem", "rig.pem", "no private key" },
		{ "rig.pem", "none", "No such file" },
		{ ".", "rig.key", "tls_cert" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char cert[300], key[300];

		snprintf(cert, sizeof cert, "%s/%s", TLS_FOLDER, cases[i].cert);
		snprintf(key, sizeof key, "%s/%s", TLS_FOLDER, cases[i].key);
		CHECK(http_check_tls(cert, key, &e) < 0 && e.code == ERR_BAD_INPUT);
		CHECK(strstr(e.text, cases[i].word));
	}
}

static void auto_tls(struct tls **tls)
{
	tls_close(*tls);
}

static void renewed_certificate_is_shown_to_those_who_come(void)
{
	AUTO(shelf_close) struct shelf s;
	AUTO(auto_tls) struct tls *tls = NULL;
	gnutls_pcert_st *first, *second;
	gnutls_privkey_t key;
	unsigned n;

	CHECK(shelf_open(&s));
	tls = tls_open(s.cert, s.key, &e);
	CHECK(tls && tls_on_hello(NULL, NULL, 0, NULL, 0, &first, &n, &key) == 0 && n == 1);
	CHECK(put("other.pem", s.cert)); /* half of it */
	CHECK(tls_renew(tls, &e) < 0);
	CHECK(tls_on_hello(NULL, NULL, 0, NULL, 0, &second, &n, &key) == 0 && second == first);
	CHECK(put("other.key", s.key));
	CHECK_OK(tls_renew(tls, &e), e);
	CHECK(tls_on_hello(NULL, NULL, 0, NULL, 0, &second, &n, &key) == 0 && second != first);
	CHECK(first->cert.size > 0); /* it stays for those who are at it */
}

/* ---- many at once */

struct crowd {
	const char *address;
	atomic_uint good;
};

static void *ask_many(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < 6; i++)
		if (get_trusting(crowd->address, "rig.pem") == 200)
			atomic_fetch_add(&crowd->good, 1);
	return NULL;
}

static void clients_come_side_by_side(void)
{
	AUTO(shelf_close) struct shelf s;
	AUTO(fixture_close) struct fixture f;
	struct crowd crowd = { 0 };
	pthread_t thread[4];

	CHECK(shelf_open(&s));
	CHECK_OK(fixture_open_tls(&f, s.cert, s.key, &e), e);
	crowd.address = f.address;
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&thread[i], NULL, ask_many, &crowd) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	CHECK(atomic_load(&crowd.good) == 24);
}

static const struct check all[] = {
	{ "a page comes over TLS", page_comes_over_tls },
	{ "what is no certificate is named", what_is_no_certificate_is_named },
	{ "a renewed certificate is shown to those who come",
	  renewed_certificate_is_shown_to_those_who_come },
	{ "clients come side by side", clients_come_side_by_side },
};
CHECK_MAIN(all)
