/* What the files of an exchange share: exchange.c and exchange_head.c. */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>

#include "body.h"
#include "peer.h"
#include "reply.h"
#include "request.h"
#include "route.h"
#include "serving.h"

struct sockaddr;

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
	bool uploading; /* counted in serving->uploads */
	bool started;   /* the head is complete */
	bool refused;   /* error says why; the rest of the body is thrown away */
	bool handled;   /* as an errand: reply or error is there */
	bool replied;   /* or tried to */
	struct errand errand;
	unsigned status; /* in place of the error's own, or 0 */
	struct err error;
};

/* Of the other end of the connection; NULL when it is not known. */
const struct sockaddr *exchange_address(const struct exchange *x);

/* Looks behind a proxy, finds the route, checks all that the head says and opens a sink. */
int exchange_take_head(struct exchange *x, struct err *e) MUST_CHECK;

/* What Content-Length says; 0 without one. */
uint64_t exchange_body_length(const struct exchange *x);

/* The type of the body is one that the route takes. */
int exchange_check_type(const struct exchange *x, struct err *e) MUST_CHECK;
