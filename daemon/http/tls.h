/*
 * The certificate that the server shows to clients, and its key: PEM files. They are looked at again
 * while it serves, so that a renewed certificate is used without a restart.
 */
#pragma once

#include <gnutls/abstract.h>

#include "err.h"

/* TLS 1.2 and 1.3. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct tls;

/*
 * ERR_BAD_INPUT names the file and what is wrong with it: not there, not readable, not PEM, a key
 * with a password, a key of another certificate. One that has expired, or is not valid yet, is used,
 * with a warning in the log. There is one at a time in a process: libmicrohttpd tells the callback
 * nothing of ours.
 */
struct tls *tls_open(const char *cert, const char *key, struct err *e) MUST_CHECK;
void tls_close(struct tls *tls); /* after the server's end; accepts NULL */

/* Looks at the files, whatever the time; what it has stays where they are no good. */
int tls_renew(struct tls *tls, struct err *e) MUST_CHECK;

/* MHD_OPTION_HTTPS_CERT_CALLBACK. Looks at the files now and then. */
int tls_on_hello(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
		 const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **pcert,
		 unsigned *n_pcert, gnutls_privkey_t *privkey);
