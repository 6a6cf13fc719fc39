/* Requests with a condition or for a part: ETag lists and Range. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* If-None-Match: true when the list has the tag (quotes included), weak or not, or is "*". NULL has none. */
bool etag_listed(const char *list, const char *etag);

/* If-Range: true when there is none, or when it is exactly this tag. */
bool etag_allows_range(const char *if_range, const char *etag);

enum range_got {
	RANGE_ALL,  /* no range, several, or a unit that is not bytes: the whole is sent */
	RANGE_PART, /* *first and *length say which, within size */
	RANGE_BAD   /* none of it is there: 416 */
};

/* "bytes=0-99", "bytes=100-", "bytes=-5". header may be NULL. */
enum range_got range_parse(const char *header, uint64_t size, uint64_t *first, uint64_t *length);
