/* The page and its files, and the description of the API. */
#include <string.h>

#include "assets.h"
#include "conditional.h"
#include "handlers.h"

/* A browser keeps it, and asks each time whether it is still the same. */
static int send(const struct request *req, struct reply *reply, const char *path, struct err *e)
{
	const struct web_asset *asset = web_asset_find(path);

	if (!asset)
		return err_set(e, ERR_NOT_FOUND, "there is nothing at %s", req->path);
	reply_header(reply, "ETag", "%s", asset->etag);
	reply_header(reply, "Cache-Control", "no-cache");
	reply_static(reply, asset->content_type, asset->bytes, asset->len);
	if (etag_listed(request_header(req, "If-None-Match"), asset->etag))
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
