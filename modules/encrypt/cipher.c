// SPDX-License-Identifier: Apache-2.0
/*
 * cipher.c: AES-CCM and AES-GCM with 128 and 256 bits over pieces of memory. [MS-SMB2] 3.1.4.3
 * A context is keyed once; each message brings only its nonce. A key has as many contexts as threads use
 * it at once.
 */
#include "encrypt.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define KEY_MAX 32

struct cipher_key {
	const struct cipher *cipher;
	bool sealing;
	uint8_t bytes[KEY_MAX];
	struct smb3_spares ctxs; /* of EVP_CIPHER_CTX */
};

static const struct cipher ciphers[] = {
	{ SMB2_ENCRYPTION_AES128_CCM, "aes-128-ccm", "AES-128-CCM", 16, 11, true },
	{ SMB2_ENCRYPTION_AES128_GCM, "aes-128-gcm", "AES-128-GCM", 16, 12, false },
	{ SMB2_ENCRYPTION_AES256_CCM, "aes-256-ccm", "AES-256-CCM", 32, 11, true },
	{ SMB2_ENCRYPTION_AES256_GCM, "aes-256-gcm", "AES-256-GCM", 32, 12, false },
};

const struct cipher *cipher_find(uint16_t id)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(ciphers); i++)
		if (ciphers[i].id == id)
			return &ciphers[i];
	return NULL;
}

const struct cipher *cipher_named(const char *name)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(ciphers); i++)
		if (!strcmp(ciphers[i].name, name))
			return &ciphers[i];
	return NULL;
}

/* CCM wants to know the lengths of nonce and tag before it is given the key. */
static bool ctx_set(EVP_CIPHER_CTX *ctx, const struct cipher_key *key)
{
	const struct cipher *c = key->cipher;
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, c->library, NULL);
	bool ok = cipher && EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, key->sealing, NULL) == 1;

	EVP_CIPHER_free(cipher);
	if (ok)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, c->nonce_len, NULL) == 1;
	if (ok && c->ccm)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, CIPHER_TAG_SIZE, NULL) == 1;
	return ok && EVP_CipherInit_ex2(ctx, NULL, key->bytes, NULL, key->sealing, NULL) == 1;
}

static EVP_CIPHER_CTX *ctx_take(struct cipher_key *key)
{
	EVP_CIPHER_CTX *ctx = smb3_spare_take(&key->ctxs);

	if (ctx)
		return ctx;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx && ctx_set(ctx, key))
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

static void ctx_keep(struct cipher_key *key, EVP_CIPHER_CTX *ctx)
{
	EVP_CIPHER_CTX_free(smb3_spare_keep(&key->ctxs, ctx));
}

struct cipher_key *cipher_key_new(const struct cipher *cipher, const uint8_t *bytes, bool sealing)
{
	struct cipher_key *key = smb3_alloc(sizeof(*key));
	EVP_CIPHER_CTX *ctx;

	key->cipher = cipher;
	key->sealing = sealing;
	memcpy(key->bytes, bytes, cipher->key_len);
	ctx = ctx_take(key);
	if (ctx) {
		ctx_keep(key, ctx);
		return key;
	}
	cipher_key_free(key);
	return NULL;
}

void cipher_key_free(struct cipher_key *key)
{
	EVP_CIPHER_CTX *ctx;

	if (!key)
		return;
	while ((ctx = smb3_spare_take(&key->ctxs)))
		EVP_CIPHER_CTX_free(ctx);
	smb3_wipe(key, sizeof(*key));
	free(key);
}

static bool feed(EVP_CIPHER_CTX *ctx, void *to, struct iovec from)
{
	int len;

	return from.iov_len <= INT32_MAX &&
	       EVP_CipherUpdate(ctx, to, &len, from.iov_base, (int)from.iov_len) == 1;
}

/* Nonce, for CCM the length of all that comes, and what only the tag covers. */
static bool begin(EVP_CIPHER_CTX *ctx, const uint8_t *nonce, struct iovec ad, const size_t *ccm_len)
{
	if (EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, -1, NULL) != 1)
		return false;
	if (ccm_len && !feed(ctx, NULL, (struct iovec){ NULL, *ccm_len }))
		return false;
	return feed(ctx, NULL, ad);
}

static bool seal(EVP_CIPHER_CTX *ctx, const struct iovec *iov, int n_iov, uint8_t *ret_tag)
{
	uint8_t rest[EVP_MAX_BLOCK_LENGTH];
	int len;

	for (int i = 0; i < n_iov; i++)
		if (!feed(ctx, iov[i].iov_base, iov[i]))
			return false;
	return EVP_CipherFinal_ex(ctx, rest, &len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CIPHER_TAG_SIZE, ret_tag) == 1;
}

int cipher_seal(struct cipher_key *key, const uint8_t nonce[CIPHER_NONCE_SIZE], struct iovec ad,
		const struct iovec *iov, int n_iov, uint8_t ret_tag[CIPHER_TAG_SIZE])
{
	bool ccm = key->cipher->ccm, ok;
	EVP_CIPHER_CTX *ctx;

	if (ccm && n_iov != 1)
		return -EIO;
	ctx = ctx_take(key);
	if (!ctx)
		return -EIO;
	ok = begin(ctx, nonce, ad, ccm ? &iov[0].iov_len : NULL) && seal(ctx, iov, n_iov, ret_tag);
	ctx_keep(key, ctx);
	return ok ? 0 : -EIO;
}

/* CCM compares the tag while it is fed, GCM at the end. */
int cipher_open(struct cipher_key *key, const uint8_t nonce[CIPHER_NONCE_SIZE], struct iovec ad,
		struct iovec data, const uint8_t tag[CIPHER_TAG_SIZE])
{
	uint8_t rest[EVP_MAX_BLOCK_LENGTH];
	bool ccm = key->cipher->ccm, ok;
	EVP_CIPHER_CTX *ctx = ctx_take(key);
	int len;

	if (!ctx)
		return -EBADMSG;
	ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, CIPHER_TAG_SIZE,
				 (void *)(uintptr_t)tag) == 1 &&
	     begin(ctx, nonce, ad, ccm ? &data.iov_len : NULL) && feed(ctx, data.iov_base, data) &&
	     (ccm || EVP_CipherFinal_ex(ctx, rest, &len) == 1);
	ctx_keep(key, ctx);
	return ok ? 0 : -EBADMSG;
}
