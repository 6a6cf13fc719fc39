#include "shelf.h"

int shelf_open(struct shelf *shelf, struct err *e)
{
	shelf->temp = temp_open();
	return db_open(&shelf->db, shelf->temp.path, e);
}

void shelf_close(struct shelf *shelf)
{
	db_close(&shelf->db);
	temp_close(&shelf->temp);
}
