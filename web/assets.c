#include "assets.h"

#include <string.h>

const struct web_asset *web_asset_find(const char *path)
{
	size_t n;
	const struct web_asset *all = web_assets(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].path, path))
			return &all[i];
	return NULL;
}
