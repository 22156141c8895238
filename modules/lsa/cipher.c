// SPDX-License-Identifier: Apache-2.0
/*
 * cipher.c: how the values of secrets stand on the wire: DES with pieces of the session's key, 7 bytes
 * for each block, and before the value its length and the version 1. [MS-LSAD] 5.1.2 to 5.1.4
 * Triple DES with one key is DES, and OpenSSL has it where it has no DES any more.
 */
#include "lsa.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define BLOCK   8
#define PIECE   7 /* bytes of key for a block */
#define VERSION 1u

struct lsa_cipher {
	EVP_CIPHER *des;
};

struct lsa_cipher *lsa_cipher_new(void)
{
	struct lsa_cipher *c = smb3_alloc(sizeof(*c));

	c->des = EVP_CIPHER_fetch(NULL, "DES-EDE3-ECB", NULL);
	if (c->des)
		return c;
	free(c);
	return NULL;
}

void lsa_cipher_free(struct lsa_cipher *c)
{
	if (!c)
		return;
	EVP_CIPHER_free(c->des);
	free(c);
}

/* 56 bits become 64, of which each eighth is not looked at; three times. */
static void des_key(const uint8_t piece[PIECE], uint8_t ret_key[3 * BLOCK])
{
	uint64_t bits = 0;

	for (int i = 0; i < PIECE; i++)
		bits = bits << 8 | piece[i];
	for (int i = 0; i < BLOCK; i++)
		ret_key[i] = (uint8_t)(bits >> (49 - 7 * i) << 1);
	memcpy(ret_key + BLOCK, ret_key, BLOCK);
	memcpy(ret_key + 2 * BLOCK, ret_key, BLOCK);
}

/* AdvanceKey: what does not fit any more begins as far from the start as the end was near. */
static size_t key_advance(size_t at)
{
	at += PIECE;
	return at + PIECE <= LSA_KEY_SIZE ? at : LSA_KEY_SIZE - at;
}

/* Blocks from in to out; *at is where their first key begins. */
static bool blocks(const struct lsa_cipher *c, const uint8_t key[LSA_KEY_SIZE], bool seal,
		   struct smb3_cursor in, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t des[3 * BLOCK];
	bool ok = ctx;
	size_t at = 0;

	for (; ok && smb3_cursor_left(&in); out += BLOCK, at = key_advance(at)) {
		const uint8_t *block = smb3_get_bytes(&in, BLOCK);
		int n = 0;

		des_key(key + at, des);
		ok = block && EVP_CipherInit_ex2(ctx, c->des, des, NULL, seal, NULL) &&
		     EVP_CIPHER_CTX_set_padding(ctx, 0) &&
		     EVP_CipherUpdate(ctx, out, &n, block, BLOCK) && n == BLOCK;
	}
	EVP_CIPHER_CTX_free(ctx);
	smb3_wipe(des, sizeof(des));
	return ok;
}

bool lsa_seal(const struct lsa_cipher *c, const uint8_t key[LSA_KEY_SIZE], const uint8_t *value,
	      size_t len, uint8_t *ret_sealed)
{
	size_t size = lsa_sealed_size(len);
	uint8_t *open = smb3_alloc(size);
	bool ok;

	smb3_store_u32(open, (uint32_t)len);
	smb3_store_u32(open + 4, VERSION);
	if (len)
		memcpy(open + LSA_SEALED_HEAD, value, len);
	ok = blocks(c, key, true, smb3_cursor_init(open, size), ret_sealed);
	smb3_wipe(open, size);
	free(open);
	return ok;
}

/* A wrong key shows by the version. */
static ntstatus opened(const uint8_t *open, size_t size, uint8_t *ret_value, size_t *ret_len)
{
	struct smb3_cursor head = smb3_cursor_init(open, size);
	uint32_t len = smb3_get_u32(&head);

	if (smb3_get_u32(&head) != VERSION)
		return STATUS_UNKNOWN_REVISION;
	if (len > size - LSA_SEALED_HEAD)
		return STATUS_INVALID_PARAMETER;
	memcpy(ret_value, open + LSA_SEALED_HEAD, len);
	*ret_len = len;
	return STATUS_SUCCESS;
}

ntstatus lsa_unseal(const struct lsa_cipher *c, const uint8_t key[LSA_KEY_SIZE],
		    const uint8_t *sealed, size_t len, uint8_t *ret_value, size_t *ret_len)
{
	ntstatus status = STATUS_INTERNAL_ERROR;
	uint8_t *open;

	if (len < LSA_SEALED_HEAD || len % BLOCK)
		return STATUS_INVALID_PARAMETER;
	open = smb3_alloc(len);
	if (blocks(c, key, false, smb3_cursor_init(sealed, len), open))
		status = opened(open, len, ret_value, ret_len);
	smb3_wipe(open, len);
	free(open);
	return status;
}
