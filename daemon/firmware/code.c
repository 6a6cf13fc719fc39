#include "code.h"

#include <assert.h>
#include <string.h>

#include "crc_grid.h"

int code_read(struct code *code, uint32_t logical, uint8_t *buf, size_t len, struct err *e)
{
	const size_t blocks = len / CRC_GRID_DATA;

	assert(logical % CRC_GRID_DATA == 0 && len % CRC_GRID_DATA == 0 && len <= CODE_PIECE);
	if (flash_read(code->flash, crc_grid_phys(logical), code->raw, blocks * CRC_GRID_BLOCK, e) <
	    0)
		return -1;
	for (size_t i = 0; i < blocks; i++)
		memcpy(buf + i * CRC_GRID_DATA, code->raw + i * CRC_GRID_BLOCK, CRC_GRID_DATA);
	scramble_apply(&code->key, logical + code->shift, buf, len);
	return 0;
}
