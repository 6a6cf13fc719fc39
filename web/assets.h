/* The files of this folder that the daemon serves, built into it as bytes. */
#pragma once

#include <stddef.h>

struct web_asset {
	const char *path;         /* as in a URL: "/index.html" */
	const char *content_type; /* "text/html; charset=utf-8" */
	const unsigned char *bytes;
	size_t len;
	const unsigned char *gzip; /* the same, compressed */
	size_t gzip_len;
	const char *etag; /* quoted, from the SHA-256 of the bytes */
	const char *gzip_etag;
};

/* All of them, by path. Constants. */
const struct web_asset *web_assets(size_t *n);

/* NULL when there is none of that path. */
const struct web_asset *web_asset_find(const char *path);
