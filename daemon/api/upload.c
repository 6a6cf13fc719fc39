#include "upload.h"

#include <stdlib.h>

#include "auto.h"

static int upload_write(struct body_sink *sink, const void *bytes, size_t len, struct err *e)
{
	struct upload *upload = (struct upload *)sink;

	upload->ops->look(upload, bytes, len);
	upload->size += len;
	return ingest_append(upload->ingest, bytes, len, e);
}

static int commit(struct upload *upload, struct content *content, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(upload->api->db);

	if (ingest_commit(upload->ingest, &tx, content, e) < 0 ||
	    upload->ops->store(upload, &tx, content, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

static int upload_finish(struct body_sink *sink, struct request *req, struct reply *reply,
			 struct err *e)
{
	struct upload *upload = (struct upload *)sink;
	struct content content;

	(void)req;
	if (upload->size == 0) {
		err_set(e, ERR_UNPROCESSABLE, "the body is empty");
		return err_hint(e, "Send the bytes themselves as the body.");
	}
	if (ingest_seal(upload->ingest, &content, e) < 0 ||
	    upload->ops->check(upload, &content, e) < 0 || commit(upload, &content, e) < 0)
		return -1;
	return upload->ops->answer(upload, reply, e);
}

static void upload_free(struct body_sink *sink)
{
	struct upload *upload = (struct upload *)sink;

	ingest_close(upload->ingest);
	free(upload);
}

int upload_begin(struct upload *upload, const struct upload_ops *ops, struct request *req,
		 struct err *e)
{
	AUTO(auto_free) struct upload *owned = upload;

	if (!owned)
		return err_set(e, ERR_MEMORY, "out of memory for an upload");
	owned->base = (struct body_sink){ upload_write, upload_finish, upload_free };
	owned->ops = ops;
	owned->api = api_of(req);
	owned->ingest = ingest_open(owned->api->db, e);
	if (!owned->ingest)
		return -1;
	req->sink = &TAKE(owned)->base;
	return 0;
}
