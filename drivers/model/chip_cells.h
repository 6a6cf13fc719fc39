/* The cells of a chip: reading, programming and erasing charge. */
#pragma once

#include "model_types.h"

/* All of these leave pages alone that would not change: untouched memory stays untouched. */

/* buf = the data of len cells. */
void cells_read(const uint8_t *cells, uint8_t *buf, size_t len);

/* Makes the cells hold buf. */
void cells_write(uint8_t *cells, const uint8_t *buf, size_t len);

/* Adds charge where there was none: clears bits of the data. */
void cells_charge(uint8_t *cells, const uint8_t *charge, size_t len);

void cells_erase(uint8_t *cells, size_t len);
