#include "image_store.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "download.h"
#include "file_name.h"
#include "handlers.h"
#include "json.h"
#include "paging.h"
#include "read.h"
#include "removal.h"
#include "tell.h"
#include "wire.h"

static cJSON *wire_images(const struct image *images, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire_image(&images[i])))
			return NULL;
	return TAKE(array);
}

static int load_page(struct db *db, const struct paging *paging, struct reply *reply, struct err *e)
{
	struct page page = { .max = (size_t)paging->limit };
	AUTO(auto_free) struct image *images = calloc(page.max, sizeof *images);
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	if (!images)
		return err_set(e, ERR_MEMORY, "out of memory for a list of images");
	if (image_list(&tx, paging->before, images, &page, e) < 0)
		return -1;
	return json_reply_list(reply, "images", wire_images(images, page.n), page.next, e);
}

int images_list(struct request *req, struct reply *reply, struct err *e)
{
	struct paging paging;

	if (paging_read(req, &paging, e) < 0)
		return -1;
	return load_page(api_of(req)->db, &paging, reply, e);
}

static int load(const struct request *req, struct image *image, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	return image_get(&tx, req->args.id, image, e);
}

int images_get(struct request *req, struct reply *reply, struct err *e)
{
	struct image image;

	if (load(req, &image, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_image(&image), e);
}

int image_content_get(struct request *req, struct reply *reply, struct err *e)
{
	char name[FILE_NAME];
	struct image image;

	if (load(req, &image, e) < 0)
		return -1;
	file_name_of_image(&image, name);
	return download_reply(req, reply, &image.content, name, e);
}

/* ---- changing */

static int read_name(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (read_text(value, field, at, e) < 0)
		return -1;
	return *(const char *)at ? 0 : err_set(e, ERR_BAD_INPUT, "%s: is empty", field->name);
}

static const struct field fields[] = {
	{ "name", read_name, offsetof(struct image, name), IMAGE_NAME },
};

static int change(const struct request *req, const cJSON *json, struct image *image, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(api_of(req)->db);

	if (image_get(&tx, req->args.id, image, e) < 0 ||
	    read_fields(json, fields, ARRAY_LEN(fields), image, e) < 0 ||
	    image_update(&tx, image, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int images_patch(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;
	struct image image;

	if (read_json(req->body, req->body_len, api_of(req)->info.json_depth, &json, e) < 0 ||
	    change(req, json, &image, e) < 0)
		return -1;
	tell_image(api_of(req), image.id);
	return json_reply(reply, HTTP_OK, wire_image(&image), e);
}

static int take_out(struct tx *tx, const struct request *req, struct err *e)
{
	return image_remove(tx, req->args.id, e);
}

int images_delete(struct request *req, struct reply *reply, struct err *e)
{
	return removal_run(req, take_out, "image", reply, e);
}
