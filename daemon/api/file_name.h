/* The name under which a dump or an image is saved: tells what it is when it is found in a folder years later. */
#pragma once

#include "dump_store.h"
#include "image_store.h"

#define FILE_NAME 200 /* bytes, with NUL */

/* "flashrig_doorbell_XT25F32B_0B4016_20261122_0x64E354DE.bin": only letters, digits, - _ and dots. */
void file_name(const struct dump *dump, char name[FILE_NAME]);

/* The image's own name, as far as it is made of such characters; its first is never a dot. */
void file_name_of_image(const struct image *image, char name[FILE_NAME]);
