/* An empty archive in a folder of its own, gone with its scope. */
#pragma once

#include "temp.h"

struct shelf {
	struct temp temp;
	struct db db;
};

int shelf_open(struct shelf *shelf, struct err *e);
void shelf_close(struct shelf *shelf);
