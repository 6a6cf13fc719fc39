/* The page and its files, and the description of the API. */
#include <string.h>

#include "assets.h"
#include "conditional.h"
#include "handlers.h"

/* "gzip, deflate, br": named, and not with a weight of zero. */
static bool takes_gzip(const struct request *req)
{
	const char *list = request_header(req, "Accept-Encoding");
	const char *at = list ? strstr(list, "gzip") : NULL;

	return at && strncmp(at + strlen("gzip"), ";q=0", 4) != 0;
}

/* A browser keeps it, and asks each time whether it is still the same. */
static int send(const struct request *req, struct reply *reply, const char *path, struct err *e)
{
	const struct web_asset *asset = web_asset_find(path);
	const char *etag;
	bool gzip;

	if (!asset)
		return err_set(e, ERR_NOT_FOUND, "there is nothing at %s", req->path);
	gzip = takes_gzip(req);
	etag = gzip ? asset->gzip_etag : asset->etag;
	reply_header(reply, "ETag", "%s", etag);
	reply_header(reply, "Cache-Control", "no-cache");
	reply_header(reply, "Vary", "Accept-Encoding");
	if (gzip)
		reply_header(reply, "Content-Encoding", "gzip");
	reply_static(reply, asset->content_type, gzip ? asset->gzip : asset->bytes,
		     gzip ? asset->gzip_len : asset->len);
	if (etag_listed(request_header(req, "If-None-Match"), etag))
		reply_not_modified(reply);
	return 0;
}

int page_get(struct request *req, struct reply *reply, struct err *e)
{
	return send(req, reply, strcmp(req->path, "/") != 0 ? req->path : "/index.html", e);
}

int openapi_get(struct request *req, struct reply *reply, struct err *e)
{
	return send(req, reply, "/openapi.yaml", e);
}
