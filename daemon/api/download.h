/* Sending content: all of it, or a part by query (offset, length) or by Range. */
#pragma once

#include "archive.h"
#include "reply.h"
#include "request.h"

/*
 * The reply to a GET of .../content: bytes, ETag, Range, and a file name to save it under. Each
 * block is checked while it is sent. ERR_BAD_INPUT, ERR_BAD_RANGE.
 */
int download_reply(const struct request *req, struct reply *reply, const struct content *content,
		   const char *file_name, struct err *e) MUST_CHECK;
