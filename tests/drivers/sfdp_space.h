/* Builds SFDP spaces by hand. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SPACE_BFPT 0x30u /* where the basic table stands */
#define SPACE_FOUR 0x90u /* and a four-byte address instruction table, if there is one */

struct sfdp_space {
	uint8_t bytes[512];
	size_t len;
};

/* The words that do not tell times: 4 MiB, 20h 4 KiB, 52h 32 KiB, D8h 64 KiB, as a W25Q32 has. */
extern const uint32_t space_w25q32[16];

/* With a basic table of that many dwords, and room for that many headers. */
struct sfdp_space sfdp_space(const uint32_t *bfpt, uint32_t dwords, uint32_t headers);

/* Header number 1 is the first. */
void space_header(struct sfdp_space *s, size_t number, uint16_t id, uint32_t dwords, uint32_t at);
void space_words(struct sfdp_space *s, size_t at, const uint32_t *words, size_t n);
