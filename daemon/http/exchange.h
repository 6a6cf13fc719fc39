/* One request and its reply, as libmicrohttpd brings them along. The callbacks of its options. */
#pragma once

#include <microhttpd.h>

/* cls is struct serving in all of them. */

/* MHD_OPTION_URI_LOG_CALLBACK: the request line is there; makes the exchange. */
void *exchange_on_uri(void *cls, const char *uri, struct MHD_Connection *conn);

/* The access handler: head, pieces of the body, end. */
enum MHD_Result exchange_on_request(void *cls, struct MHD_Connection *conn, const char *url,
				    const char *method, const char *version, const char *data,
				    size_t *len, void **exchange);

/* MHD_OPTION_NOTIFY_COMPLETED: sent, or broken off; frees the exchange. */
void exchange_on_completed(void *cls, struct MHD_Connection *conn, void **exchange,
			   enum MHD_RequestTerminationCode how);

/* MHD_OPTION_NOTIFY_CONNECTION: a client came or went. */
void exchange_on_connection(void *cls, struct MHD_Connection *conn, void **context,
			    enum MHD_ConnectionNotificationCode what);
