/* The bytes of a dump. */
#include "api_impl.h"
#include "auto.h"
#include "download.h"
#include "file_name.h"
#include "handlers.h"

static int load(const struct request *req, struct dump *dump, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	return dump_get(&tx, req->args.id, dump, e);
}

int dump_content_get(struct request *req, struct reply *reply, struct err *e)
{
	char name[FILE_NAME];
	struct dump dump;

	if (load(req, &dump, e) < 0)
		return -1;
	file_name(&dump, name);
	return download_reply(req, reply, &dump.content, name, e);
}
