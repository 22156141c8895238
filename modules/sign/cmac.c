// SPDX-License-Identifier: Apache-2.0
/*
 * cmac.c: AES-128-CMAC by AES-CBC. RFC 4493
 *
 * The library's own CMAC asks its cipher for one block at a time, which costs more than the cipher.
 * A CMAC is the last block of a CBC encryption whose last plain block was changed, so long pieces are
 * encrypted in one go and what comes out, but for that block, is thrown away.
 */
#include "sign.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define BLOCK   16
#define SCRATCH 4096 /* stays in the innermost cache */

struct cmac {
	EVP_CIPHER_CTX *cbc;
	uint8_t k1[BLOCK], k2[BLOCK]; /* for a last block that is whole, and one that is not */
	uint8_t held[BLOCK];          /* the last bytes so far: the last block is treated apart */
	size_t n_held;
};

/* Whole blocks; the last one that came out stands at the end of scratch. */
static bool cmac_blocks(struct cmac *c, const uint8_t *data, size_t len, uint8_t *scratch)
{
	while (len) {
		int part = len < SCRATCH ? (int)len : SCRATCH, out;

		if (EVP_EncryptUpdate(c->cbc, scratch, &out, data, part) != 1 || out != part)
			return false;
		data += part;
		len -= (size_t)part;
	}
	return true;
}

/* Twice the number in GF(2^128). */
static void subkey(const uint8_t from[BLOCK], uint8_t to[BLOCK])
{
	uint8_t carry = from[0] >> 7;

	for (int i = 0; i < BLOCK - 1; i++)
		to[i] = (uint8_t)(from[i] << 1 | from[i + 1] >> 7);
	to[BLOCK - 1] = (uint8_t)(from[BLOCK - 1] << 1 ^ (carry ? 0x87 : 0));
}

static bool cmac_rewind(struct cmac *c)
{
	static const uint8_t zero[BLOCK];

	c->n_held = 0;
	return EVP_EncryptInit_ex2(c->cbc, NULL, NULL, zero, NULL) == 1;
}

static bool cmac_start(struct cmac *c, const uint8_t key[16])
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
	uint8_t zero[BLOCK] = { 0 }, l[SCRATCH];
	bool ok = c->cbc && cipher && EVP_EncryptInit_ex2(c->cbc, cipher, key, zero, NULL) == 1 &&
		  EVP_CIPHER_CTX_set_padding(c->cbc, 0) == 1 && cmac_blocks(c, zero, BLOCK, l);

	EVP_CIPHER_free(cipher);
	if (!ok)
		return false;
	subkey(l, c->k1);
	subkey(c->k1, c->k2);
	smb3_wipe(l, BLOCK);
	return true;
}

void *cmac_key(const uint8_t key[16])
{
	struct cmac *c = smb3_alloc(sizeof(*c));

	c->cbc = EVP_CIPHER_CTX_new();
	if (cmac_start(c, key))
		return c;
	cmac_free(c);
	return NULL;
}

void cmac_free(void *ctx)
{
	struct cmac *c = ctx;

	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->cbc);
	smb3_wipe(c, sizeof(*c));
	free(c);
}

/* Leaves 1 to 16 bytes held, when there were any. */
static bool cmac_feed(struct cmac *c, const uint8_t *data, size_t len, uint8_t *scratch)
{
	size_t room = BLOCK - c->n_held, whole;

	if (c->n_held && len > room) {
		memcpy(c->held + c->n_held, data, room);
		if (!cmac_blocks(c, c->held, BLOCK, scratch))
			return false;
		data += room;
		len -= room;
		c->n_held = 0;
	}
	whole = !c->n_held && len ? (len - 1) / BLOCK * BLOCK : 0;
	if (!cmac_blocks(c, data, whole, scratch))
		return false;
	if (len > whole)
		memcpy(c->held + c->n_held, data + whole, len - whole);
	c->n_held += len - whole;
	return true;
}

int cmac_sign(void *ctx, const struct smb3_sign_info *info, const struct iovec *iov, int n_iov,
	      uint8_t ret_signature[16])
{
	struct cmac *c = ctx;
	uint8_t scratch[SCRATCH];
	const uint8_t *k;

	(void)info;
	if (!cmac_rewind(c))
		return -EIO;
	for (int i = 0; i < n_iov; i++)
		if (!cmac_feed(c, iov[i].iov_base, iov[i].iov_len, scratch))
			return -EIO;
	k = c->n_held == BLOCK ? c->k1 : c->k2;
	if (c->n_held < BLOCK) {
		memset(c->held + c->n_held, 0, BLOCK - c->n_held);
		c->held[c->n_held] = 0x80;
	}
	for (int i = 0; i < BLOCK; i++)
		c->held[i] ^= k[i];
	if (!cmac_blocks(c, c->held, BLOCK, scratch))
		return -EIO;
	memcpy(ret_signature, scratch, 16);
	return 0;
}
