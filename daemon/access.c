#include "access.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "token_store.h"

#define FIRST_NAME "first-start"

static bool is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (!strcmp(host, "localhost"))
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool access_needs_token(const struct config_http *http)
{
	return http->require_token || http->proxy[0] || !is_loopback(http->listen.host);
}

/* text is "" when there are tokens already. */
static int make(struct db *db, char text[TOKEN_TEXT], struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	bool any;

	text[0] = '\0';
	if (token_any(&tx, &any, e) < 0)
		return -1;
	if (any)
		return 0;
	if (token_add(&tx, FIRST_NAME, TOKEN_ADMIN, text, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int access_first_token(struct db *db, struct err *e)
{
	char text[TOKEN_TEXT];

	if (make(db, text, e) < 0)
		return err_prefix(e, "making the first token: ");
	if (text[0])
		fprintf(stderr,
			"\nThis daemon wants an access token, and there was none. This one is "
			"shown "
			"only now:\n\n    admin token: %s\n\nIts name is " FIRST_NAME
			": flashrigd token revoke " FIRST_NAME " takes it back.\n\n",
			text);
	return 0;
}
