// SPDX-License-Identifier: Apache-2.0
/*
 * cipher.c: AES-CCM and AES-GCM with 128 and 256 bits over pieces of memory. [MS-SMB2] 3.1.4.3
 * A key is set up once; each message brings only its nonce.
 */
#include "encrypt.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct cipher_key {
	const struct cipher *cipher;
	EVP_CIPHER_CTX *ctx;
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
static bool key_set(struct cipher_key *key, const uint8_t *bytes, int sealing)
{
	const struct cipher *c = key->cipher;
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, c->library, NULL);
	bool ok = cipher && EVP_CipherInit_ex2(key->ctx, cipher, NULL, NULL, sealing, NULL) == 1;

	EVP_CIPHER_free(cipher);
	if (ok)
		ok = EVP_CIPHER_CTX_ctrl(key->ctx, EVP_CTRL_AEAD_SET_IVLEN, c->nonce_len, NULL) ==
		     1;
	if (ok && c->ccm)
		ok = EVP_CIPHER_CTX_ctrl(key->ctx, EVP_CTRL_AEAD_SET_TAG, CIPHER_TAG_SIZE, NULL) ==
		     1;
	return ok && EVP_CipherInit_ex2(key->ctx, NULL, bytes, NULL, sealing, NULL) == 1;
}

struct cipher_key *cipher_key_new(const struct cipher *cipher, const uint8_t *bytes, bool sealing)
{
	struct cipher_key *key = smb3_alloc(sizeof(*key));

	key->cipher = cipher;
	key->ctx = EVP_CIPHER_CTX_new();
	if (key->ctx && key_set(key, bytes, sealing))
		return key;
	cipher_key_free(key);
	return NULL;
}

void cipher_key_free(struct cipher_key *key)
{
	if (!key)
		return;
	EVP_CIPHER_CTX_free(key->ctx);
	free(key);
}

static bool feed(struct cipher_key *key, void *to, struct iovec from)
{
	int len;

	return from.iov_len <= INT32_MAX &&
	       EVP_CipherUpdate(key->ctx, to, &len, from.iov_base, (int)from.iov_len) == 1;
}

/* Nonce, for CCM the length of all that comes, and what only the tag covers. */
static bool begin(struct cipher_key *key, const uint8_t *nonce, struct iovec ad, size_t len)
{
	struct iovec all = { NULL, len };

	if (EVP_CipherInit_ex2(key->ctx, NULL, NULL, nonce, -1, NULL) != 1)
		return false;
	if (key->cipher->ccm && !feed(key, NULL, all))
		return false;
	return feed(key, NULL, ad);
}

int cipher_seal(struct cipher_key *key, const uint8_t nonce[CIPHER_NONCE_SIZE], struct iovec ad,
		const struct iovec *iov, int n_iov, uint8_t ret_tag[CIPHER_TAG_SIZE])
{
	uint8_t rest[EVP_MAX_BLOCK_LENGTH];
	int len;

	if ((key->cipher->ccm && n_iov != 1) || !begin(key, nonce, ad, iov[0].iov_len))
		return -EIO;
	for (int i = 0; i < n_iov; i++)
		if (!feed(key, iov[i].iov_base, iov[i]))
			return -EIO;
	if (EVP_CipherFinal_ex(key->ctx, rest, &len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(key->ctx, EVP_CTRL_AEAD_GET_TAG, CIPHER_TAG_SIZE, ret_tag) != 1)
		return -EIO;
	return 0;
}

/* CCM compares the tag while it is fed, GCM at the end. */
int cipher_open(struct cipher_key *key, const uint8_t nonce[CIPHER_NONCE_SIZE], struct iovec ad,
		struct iovec data, const uint8_t tag[CIPHER_TAG_SIZE])
{
	uint8_t rest[EVP_MAX_BLOCK_LENGTH];
	int len;

	if (EVP_CIPHER_CTX_ctrl(key->ctx, EVP_CTRL_AEAD_SET_TAG, CIPHER_TAG_SIZE,
				(void *)(uintptr_t)tag) != 1 ||
	    !begin(key, nonce, ad, data.iov_len) || !feed(key, data.iov_base, data))
		return -EBADMSG;
	if (!key->cipher->ccm && EVP_CipherFinal_ex(key->ctx, rest, &len) != 1)
		return -EBADMSG;
	return 0;
}
