#include "paging.h"

int paging_read(const struct request *req, struct paging *paging, struct err *e)
{
	*paging = (struct paging){ .limit = PAGE_DEFAULT, .before = -1 };
	if (request_query_int(req, "limit", 1, PAGE_MAX, &paging->limit, e) < 0)
		return -1;
	return request_query_int(req, "before", 1, INT64_MAX, &paging->before, e);
}
