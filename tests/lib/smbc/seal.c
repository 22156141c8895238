// SPDX-License-Identifier: Apache-2.0
/*
 * seal.c: encryption of whole messages with the four ciphers. [MS-SMB2] 2.2.41, 3.1.4.3
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crypto.h"

#define AAD_OFFSET 20 /* the nonce and all that follows it in the transform header */
#define AAD_SIZE   (SMB2_TRANSFORM_SIZE - AAD_OFFSET)

static void must(int ok)
{
	if (ok)
		return;
	fputs("smbc: OpenSSL: encryption failed\n", stderr);
	abort();
}

static bool is_ccm(const struct smbc_sealer *s)
{
	return s->cipher == SMB2_CIPHER_AES128_CCM || s->cipher == SMB2_CIPHER_AES256_CCM;
}

/* encrypt: 1 or 0. CCM wants the sizes of nonce and tag before it is given a key. */
static EVP_CIPHER_CTX *context_new(const struct smbc_sealer *s, const EVP_CIPHER *cipher,
				   const uint8_t *key, int encrypt)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	must(c && EVP_CipherInit_ex2(c, cipher, NULL, NULL, encrypt, NULL));
	if (is_ccm(s)) {
		must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, 11, NULL));
		must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, 16, NULL));
	}
	must(EVP_CipherInit_ex2(c, NULL, key, NULL, encrypt, NULL));
	return c;
}

void smbc_sealer_init(struct smbc_sealer *s, const struct smbc_lib *lib, enum smb2_cipher cipher,
		      const uint8_t *send_key, const uint8_t *receive_key)
{
	smbc_sealer_done(s);
	s->cipher = cipher;
	s->ready = true;
	s->enc = context_new(s, lib->cipher[cipher], send_key, 1);
	s->dec = context_new(s, lib->cipher[cipher], receive_key, 0);
	smbc_random(lib, s->nonce, sizeof(s->nonce));
}

void smbc_sealer_done(struct smbc_sealer *s)
{
	EVP_CIPHER_CTX_free(s->enc);
	EVP_CIPHER_CTX_free(s->dec);
	*s = (struct smbc_sealer){ 0 };
}

/* A counter in the first eight bytes; the random rest keeps apart connections that share a key. */
static void nonce_next(struct smbc_sealer *s, uint8_t *ret_nonce)
{
	size_t n = is_ccm(s) ? 11 : 12;

	smbc_store64(s->nonce, smbc_load64(s->nonce) + 1);
	memset(ret_nonce, 0, 16);
	memcpy(ret_nonce, s->nonce, n);
}

void smbc_seal(struct smbc_sealer *s, uint8_t *transform, uint64_t session_id, uint8_t *msg,
	       size_t n)
{
	int out;

	memcpy(transform, "\xfdSMB", 4);
	nonce_next(s, transform + AAD_OFFSET);
	smbc_store32(transform + 36, (uint32_t)n);
	smbc_store16(transform + 40, 0);
	smbc_store16(transform + 42, 1);
	smbc_store64(transform + 44, session_id);

	must(EVP_EncryptInit_ex2(s->enc, NULL, NULL, transform + AAD_OFFSET, NULL));
	if (is_ccm(s))
		must(EVP_EncryptUpdate(s->enc, NULL, &out, NULL, (int)n));
	must(EVP_EncryptUpdate(s->enc, NULL, &out, transform + AAD_OFFSET, AAD_SIZE));
	must(EVP_EncryptUpdate(s->enc, msg, &out, msg, (int)n));
	must(EVP_EncryptFinal_ex(s->enc, msg + out, &out));
	must(EVP_CIPHER_CTX_ctrl(s->enc, EVP_CTRL_AEAD_GET_TAG, 16, transform + 4));
}

int smbc_unseal(struct smbc_sealer *s, const uint8_t *transform, uint8_t *msg, size_t n)
{
	uint8_t tag[16];
	int out, ok;

	memcpy(tag, transform + 4, sizeof(tag));
	must(EVP_CIPHER_CTX_ctrl(s->dec, EVP_CTRL_AEAD_SET_TAG, 16, tag));
	must(EVP_DecryptInit_ex2(s->dec, NULL, NULL, transform + AAD_OFFSET, NULL));
	if (is_ccm(s))
		must(EVP_DecryptUpdate(s->dec, NULL, &out, NULL, (int)n));
	must(EVP_DecryptUpdate(s->dec, NULL, &out, transform + AAD_OFFSET, AAD_SIZE));
	ok = EVP_DecryptUpdate(s->dec, msg, &out, msg, (int)n) > 0;
	if (ok && !is_ccm(s))
		ok = EVP_DecryptFinal_ex(s->dec, msg + out, &out) > 0;
	return ok ? 0 : -EBADMSG;
}
