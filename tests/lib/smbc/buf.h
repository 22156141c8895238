// SPDX-License-Identifier: Apache-2.0
/*
 * buf.h: a growing byte buffer to build messages in, a bounds-checked reader to take them apart.
 * Both are little-endian. The reader's error is sticky: read several fields, test `bad` once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing buffer. All zero is an empty one. Running out of memory ends the program. */
struct smbc_buf {
	uint8_t *p;
	size_t len, cap;
};

void smbc_buf_free(struct smbc_buf *b);
/* Room for n more bytes after b->len; the address of the first. Does not change b->len. */
uint8_t *smbc_buf_room(struct smbc_buf *b, size_t n);
/* Appends n bytes, zeroed, and gives their address. */
uint8_t *smbc_buf_grow(struct smbc_buf *b, size_t n);

void smbc_put8(struct smbc_buf *b, uint8_t v);
void smbc_put16(struct smbc_buf *b, uint16_t v);
void smbc_put32(struct smbc_buf *b, uint32_t v);
void smbc_put64(struct smbc_buf *b, uint64_t v);
void smbc_put_bytes(struct smbc_buf *b, const void *p, size_t n);
void smbc_put_zero(struct smbc_buf *b, size_t n);
/* Zeroes up to the next multiple of `to`, counted from offset `base`. */
void smbc_put_align(struct smbc_buf *b, size_t base, size_t to);
/* UTF-8 to UTF-16LE, no terminator; returns the number of bytes. Broken UTF-8 is taken bytewise. */
size_t smbc_put_utf16(struct smbc_buf *b, const char *utf8);

/* Overwrites at an offset that has been written already. */
void smbc_set16(struct smbc_buf *b, size_t at, uint16_t v);
void smbc_set32(struct smbc_buf *b, size_t at, uint32_t v);

void smbc_store16(uint8_t *p, uint16_t v);
void smbc_store32(uint8_t *p, uint32_t v);
void smbc_store64(uint8_t *p, uint64_t v);
uint16_t smbc_load16(const uint8_t *p);
uint32_t smbc_load32(const uint8_t *p);
uint64_t smbc_load64(const uint8_t *p);

struct smbc_rd {
	const uint8_t *p;
	size_t len, pos;
	bool bad;
};

struct smbc_rd smbc_rd(const void *p, size_t len);
uint8_t smbc_get8(struct smbc_rd *r);
uint16_t smbc_get16(struct smbc_rd *r);
uint32_t smbc_get32(struct smbc_rd *r);
uint64_t smbc_get64(struct smbc_rd *r);
/* n bytes, or NULL (and bad) when there are fewer. */
const uint8_t *smbc_get_bytes(struct smbc_rd *r, size_t n);
void smbc_get_skip(struct smbc_rd *r, size_t n);
/* A reader of the n bytes at offset `at` from the start; bad when they do not all exist. */
struct smbc_rd smbc_rd_sub(struct smbc_rd *r, size_t at, size_t n);
