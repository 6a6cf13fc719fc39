/* Flash content for tests, made as the real things make it: scrambled code, trailers, stores. */
#pragma once

#include "flash.h"
#include "scramble.h"

struct maker {
	struct flash flash; /* first: reads outside abort */
	uint8_t *bytes;
};

/* Erased. */
void maker_open(struct maker *m, uint32_t size);
void maker_close(struct maker *m);

/* The bytes of a text without its NUL. */
void maker_put(uint8_t *at, const char *text);

extern const struct scramble_key maker_tuya, maker_clear;

/* Code at a logical address: scrambled, with CRCs; the last block is filled with FF. */
void maker_code(struct maker *m, const struct scramble_key *key, uint32_t logical,
		const uint8_t *clear, size_t len);

/* The vector block that all code starts with. */
void maker_vectors(uint8_t block[32]);

/* An RBL trailer in clear, on the grid, for firmware of size bytes from start on. */
void maker_trailer(struct maker *m, const char *name, uint32_t start, uint32_t size, uint32_t at);

/* A header with its sums. */
void maker_header(uint8_t header[96], const char *name, uint32_t algo, const uint8_t *plain,
		  uint32_t plain_len, const uint8_t *body, uint32_t body_len);

/* The RF partition of a BK7231N, with a MAC. */
void maker_rf(struct maker *m, uint32_t at, const uint8_t mac[6]);

/* A key sector at an address and a data sector behind it, with values: name, text, ..., NULL. */
void maker_vault(struct maker *m, uint32_t at, const char *const *values);

/* An OpenBeken configuration with a network, and passwords in all fields that have one. */
void maker_openbeken(struct maker *m, uint32_t at);

/* Tuya's: a bootloader with texts, key and table; an application with texts and its trailer. */
void maker_loader(struct maker *m);
void maker_app(struct maker *m, uint32_t trailer);

/*
 * A whole 2 MiB flash of a BK7231N with Tuya's firmware "oem_bk7231n_test" 1.2.3, as far as an
 * analysis looks: bootloader with a table, application with texts, trailers, RF, a store.
 */
void maker_tuya_n(struct maker *m);
