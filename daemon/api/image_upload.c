/* POST /images: the body is the bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "clock.h"
#include "handlers.h"
#include "image_store.h"
#include "json.h"
#include "kind.h"
#include "params.h"
#include "routes.h"
#include "tell.h"
#include "upload.h"
#include "wire.h"

struct image_upload {
	struct upload base;            /* first */
	char sha256[HASH_SHA256_TEXT]; /* as announced; "": it was not */
	struct kind_finder kind;
	struct image image;
};

static void look(struct upload *base, const uint8_t *bytes, size_t len)
{
	kind_feed(&((struct image_upload *)base)->kind, bytes, len);
}

static int check(struct upload *base, const struct content *content, struct err *e)
{
	const struct image_upload *up = (const struct image_upload *)base;
	char sum[HASH_SHA256_TEXT];

	hash_hex(content->sha256, HASH_SHA256_LEN, sum);
	if (!*up->sha256 || !strcmp(up->sha256, sum))
		return 0;
	err_set(e, ERR_UNPROCESSABLE, "the SHA-256 of what came is %s, not %s", sum, up->sha256);
	return err_hint(e, "%" PRIu64 " bytes came. Nothing was stored: send the file again.",
			content->size);
}

static int store(struct upload *base, struct tx *tx, const struct content *content, struct err *e)
{
	struct image_upload *up = (struct image_upload *)base;
	struct image *image = &up->image;

	image->content = *content;
	image->created_ms = clock_wall_ms();
	snprintf(image->kind, sizeof image->kind, "%s", kind_name(&up->kind));
	if (!*image->name)
		snprintf(image->name, sizeof image->name, "image_0x%08X.bin", content->crc32);
	return image_add(tx, image, e);
}

static int answer(struct upload *base, struct reply *reply, struct err *e)
{
	const struct image *image = &((struct image_upload *)base)->image;

	tell_image(base->api, image->id);
	reply_header(reply, "Location", API_ROOT "/images/%" PRId64, image->id);
	return json_reply(reply, HTTP_CREATED, wire_image(image), e);
}

static const struct upload_ops ops = { look, check, store, answer };

static int read_request(const struct request *req, struct image_upload *up, struct err *e)
{
	static const struct param_hex sha256 = { "sha256", 64, 64, PARAM_LOWER };

	if (param_text(req, "name", up->image.name, sizeof up->image.name, e) < 0)
		return -1;
	return param_hex(req, &sha256, up->sha256, e);
}

int images_post(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct image_upload *up = calloc(1, sizeof *up);

	(void)reply;
	if (up && read_request(req, up, e) < 0)
		return -1;
	return upload_begin(up ? &TAKE(up)->base : NULL, &ops, req, e);
}
