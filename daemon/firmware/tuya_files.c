#include "tuya_files.h"

#include "bytes.h"

#define MAGIC 0x98764321u

struct tuya_files tuya_files_read(const uint8_t sector[FLASH_SECTOR])
{
	struct tuya_files files = { .generation = le32(sector + 8), .files = le16(sector + 14) };

	files.right = le32(sector) == MAGIC && files.files <= TUYA_FILES &&
		      le32(sector + 4) == byte_sum(sector + 8, FLASH_SECTOR - 8);
	return files;
}
