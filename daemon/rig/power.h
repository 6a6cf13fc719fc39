/* The supply of a board. */
#pragma once

#include "board.h"

/* On, and as long as a flash needs after that; for a board without a power line, nothing. */
int power_on(struct board *board, struct err *e) MUST_CHECK;
