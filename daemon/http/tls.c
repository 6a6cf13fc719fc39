#include "tls.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "auto.h"
#include "clock.h"
#include "log.h"

#define LOOK_NS  (2 * (uint64_t)CLOCK_S) /* between looks at the files */
#define FILE_MAX (256u << 10)
#define CHAIN    16

/* What was read at one time. Those that are replaced stay: a handshake may be using them. */
struct identity {
	struct identity *before;
	gnutls_pcert_st chain[CHAIN];
	unsigned n;
	gnutls_privkey_t key;
};

/* By which one tells that a file has changed. */
struct look {
	struct timespec mtime[2];
	ino_t inode[2];
};

struct tls {
	char *cert, *key; /* paths; never change */
	pthread_mutex_t lock;
	/* all below guarded by lock */
	struct identity *now; /* owned, with all before it */
	struct look look;     /* at the files that were read last, good or not */
	uint64_t looked_ns;
};

static _Atomic(struct tls *) shown;

/* ---- files */

static void auto_datum(gnutls_datum_t *d)
{
	if (d->data)
		gnutls_memset(d->data, 0, d->size);
	free(d->data);
}

static int unreadable(const char *what, const char *path, int error, struct err *e)
{
	err_set(e, ERR_BAD_INPUT, "%s: %s: %s", what, path, strerrordesc_np(error));
	return error == EACCES
		       ? err_hint(e, "The user that runs the daemon must be able to read it.")
		       : -1;
}

static int read_file(const char *what, const char *path, gnutls_datum_t *d, struct err *e)
{
	AUTO(auto_fclose) FILE *f = fopen(path, "re");
	size_t len;

	if (!f)
		return unreadable(what, path, errno, e);
	d->data = malloc(FILE_MAX);
	if (!d->data)
		return err_set(e, ERR_MEMORY, "%s: out of memory", what);
	len = fread(d->data, 1, FILE_MAX, f);
	d->size = (unsigned)len;
	if (ferror(f))
		return unreadable(what, path, errno, e);
	if (len == FILE_MAX)
		return err_set(e, ERR_BAD_INPUT, "%s: %s: larger than any certificate", what, path);
	return 0;
}

static struct look look_at(const struct tls *tls)
{
	const char *const path[] = { tls->cert, tls->key };
	struct look look = { 0 };
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(path); i++) {
		if (stat(path[i], &st) != 0)
			continue;
		look.mtime[i] = st.st_mtim;
		look.inode[i] = st.st_ino;
	}
	return look;
}

static bool is_same(const struct look *a, const struct look *b)
{
	for (size_t i = 0; i < ARRAY_LEN(a->inode); i++)
		if (a->inode[i] != b->inode[i] || a->mtime[i].tv_sec != b->mtime[i].tv_sec ||
		    a->mtime[i].tv_nsec != b->mtime[i].tv_nsec)
			return false;
	return true;
}

/* ---- an identity */

static void identity_free(struct identity *id)
{
	while (id) {
		struct identity *before = id->before;

		for (unsigned i = 0; i < id->n; i++)
			gnutls_pcert_deinit(&id->chain[i]);
		if (id->key)
			gnutls_privkey_deinit(id->key);
		free(id);
		id = before;
	}
}

static void auto_identity(struct identity **id)
{
	identity_free(*id);
}

static int read_chain(struct identity *id, const char *path, const gnutls_datum_t *pem,
		      struct err *e)
{
	unsigned n = CHAIN;
	const int rc =
		gnutls_pcert_list_import_x509_raw(id->chain, &n, pem, GNUTLS_X509_FMT_PEM, 0);

	if (rc < 0)
		return err_set(e, ERR_BAD_INPUT, "tls_cert: %s: no certificate in PEM format: %s",
			       path, gnutls_strerror(rc));
	id->n = n;
	return 0;
}

static int read_key(struct identity *id, const char *path, const gnutls_datum_t *pem, struct err *e)
{
	int rc = gnutls_privkey_init(&id->key);

	if (rc == 0)
		rc = gnutls_privkey_import_x509_raw(id->key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (rc == 0)
		return 0;
	if (pem->data && memmem(pem->data, pem->size, "ENCRYPTED", 9)) {
		err_set(e, ERR_BAD_INPUT, "tls_key: %s: it has a password", path);
		return err_hint(e, "Take the password off: openssl pkey -in FILE -out NEW.");
	}
	return err_set(e, ERR_BAD_INPUT, "tls_key: %s: no private key in PEM format: %s", path,
		       gnutls_strerror(rc));
}

/* GnuTLS compares the two when they become credentials. */
static int check_pair(const struct tls *tls, const gnutls_datum_t *cert, const gnutls_datum_t *key,
		      struct err *e)
{
	gnutls_certificate_credentials_t both;
	int rc = gnutls_certificate_allocate_credentials(&both);

	if (rc < 0)
		return err_set(e, ERR_MEMORY, "tls_cert: %s", gnutls_strerror(rc));
	rc = gnutls_certificate_set_x509_key_mem2(both, cert, key, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_certificate_free_credentials(both);
	if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		return err_set(e, ERR_BAD_INPUT,
			       "tls_key: %s: it is not the key of the certificate in %s", tls->key,
			       tls->cert);
	if (rc < 0)
		return err_set(e, ERR_BAD_INPUT, "tls_cert: %s: %s", tls->cert,
			       gnutls_strerror(rc));
	return 0;
}

static void say_when(const struct tls *tls, const char *what, time_t when)
{
	char text[CLOCK_TEXT];

	clock_wall_text((int64_t)when * 1000, text);
	log_warning("tls_cert: %s: %s %s; browsers will complain", tls->cert, what, text);
}

static void check_dates(const struct tls *tls, struct identity *id)
{
	gnutls_x509_crt_t first;
	const time_t now = time(NULL);

	if (gnutls_pcert_export_x509(&id->chain[0], &first) < 0)
		return;
	if (gnutls_x509_crt_get_expiration_time(first) < now)
		say_when(tls, "has expired on", gnutls_x509_crt_get_expiration_time(first));
	if (gnutls_x509_crt_get_activation_time(first) > now)
		say_when(tls, "is not valid before", gnutls_x509_crt_get_activation_time(first));
	gnutls_x509_crt_deinit(first);
}

static struct identity *identity_new(const struct tls *tls, struct err *e)
{
	AUTO(auto_datum) gnutls_datum_t cert = { 0 };
	AUTO(auto_datum) gnutls_datum_t key = { 0 };
	AUTO(auto_identity) struct identity *id = calloc(1, sizeof *id);

	if (!id) {
		err_set(e, ERR_MEMORY, "tls_cert: out of memory");
		return NULL;
	}
	if (read_file("tls_cert", tls->cert, &cert, e) < 0 ||
	    read_chain(id, tls->cert, &cert, e) < 0 ||
	    read_file("tls_key", tls->key, &key, e) < 0 || read_key(id, tls->key, &key, e) < 0 ||
	    check_pair(tls, &cert, &key, e) < 0)
		return NULL;
	check_dates(tls, id);
	return TAKE(id);
}

/* ---- the one that is shown */

/* With the lock. */
static int renew(struct tls *tls, struct err *e)
{
	struct identity *id;

	tls->look = look_at(tls);
	id = identity_new(tls, e);
	if (!id)
		return -1;
	id->before = tls->now;
	tls->now = id;
	return 0;
}

int tls_renew(struct tls *tls, struct err *e)
{
	LOCK(&tls->lock);

	return renew(tls, e);
}

/* Half of a renewal may be there: the other half changes the files once more, and is seen too. */
static void look_again(struct tls *tls)
{
	const uint64_t now = clock_now_ns(clock_real());
	struct look look;
	struct err e;

	if (now - tls->looked_ns < LOOK_NS)
		return;
	tls->looked_ns = now;
	look = look_at(tls);
	if (is_same(&look, &tls->look))
		return;
	if (renew(tls, &e) < 0)
		log_error("%s; the certificate from before stays in use", e.text);
	else
		log_info("tls_cert: %s: has been read again", tls->cert);
}

static struct identity *identity_of(struct tls *tls)
{
	LOCK(&tls->lock);

	look_again(tls);
	return tls->now;
}

/* NOLINTNEXTLINE(readability-function-size): the signature is GnuTLS's */
int tls_on_hello(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
		 const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **pcert,
		 unsigned *n_pcert, gnutls_privkey_t *privkey)
{
	struct tls *tls = atomic_load(&shown);
	struct identity *id = identity_of(tls);

	(void)session, (void)authorities, (void)n_authorities, (void)algorithms, (void)n_algorithms;
	*pcert = id->chain;
	*n_pcert = id->n;
	*privkey = id->key;
	return 0;
}

static void auto_tls(struct tls **tls)
{
	tls_close(*tls);
}

struct tls *tls_open(const char *cert, const char *key, struct err *e)
{
	AUTO(auto_tls) struct tls *tls = calloc(1, sizeof *tls);
	struct tls *none = NULL;
	bool alone;

	if (!tls) {
		err_set(e, ERR_MEMORY, "tls_cert: out of memory");
		return NULL;
	}
	pthread_mutex_init(&tls->lock, NULL);
	tls->looked_ns = clock_now_ns(clock_real());
	tls->cert = strdup(cert);
	tls->key = strdup(key);
	if (!tls->cert || !tls->key) {
		err_set(e, ERR_MEMORY, "tls_cert: out of memory");
		return NULL;
	}
	if (tls_renew(tls, e) < 0)
		return NULL;
	alone = atomic_compare_exchange_strong(&shown, &none, tls);
	assert(alone);
	(void)alone;
	return TAKE(tls);
}

void tls_close(struct tls *tls)
{
	struct tls *it = tls;

	if (!tls)
		return;
	atomic_compare_exchange_strong(&shown, &it, NULL);
	identity_free(tls->now);
	pthread_mutex_destroy(&tls->lock);
	free(tls->cert);
	free(tls->key);
	free(tls);
}
