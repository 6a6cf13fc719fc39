/* What all exchanges of one server share. Never changes while it serves, but for what guards itself. */
#pragma once

#include <stdatomic.h>

#include "errands.h"
#include "forwarded.h"
#include "host.h"
#include "limits.h"
#include "server.h"
#include "stream.h"
#include "tls.h"
#include "watch.h"

struct serving {
	struct http_limits limits;
	struct http_app *app;
	struct host_names names;
	struct watch *watch;
	struct tls *tls; /* owned; NULL: plain HTTP */
	struct forwarders proxies;
	struct streams streams;
	struct errands *errands; /* owned */
	atomic_uint uploads;     /* that are under way */
};
