// SPDX-License-Identifier: Apache-2.0
/*
 * crypto.c: the arithmetic of passwords on the wire. [MS-SAMR] 3.2.2, 2.2.11.1
 * MD4, RC4 and DES are in OpenSSL's legacy provider, loaded into a library context of the module's own.
 */
#include "crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <smb3/cursor.h>
#include <stdlib.h>
#include <string.h>

#define SHA512_SIZE 64

struct sam_crypto {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *legacy, *base;
	EVP_MD *md4, *md5;
	EVP_CIPHER *rc4, *des, *aes;
	EVP_MAC *hmac;
	EVP_KDF *pbkdf2;
};

struct sam_crypto *sam_crypto_new(void)
{
	struct sam_crypto *c = smb3_alloc(sizeof(*c));

	c->lib = OSSL_LIB_CTX_new();
	c->legacy = OSSL_PROVIDER_load(c->lib, "legacy");
	c->base = OSSL_PROVIDER_load(c->lib, "default");
	c->md4 = EVP_MD_fetch(c->lib, "MD4", NULL);
	c->md5 = EVP_MD_fetch(c->lib, "MD5", NULL);
	c->rc4 = EVP_CIPHER_fetch(c->lib, "RC4", NULL);
	c->des = EVP_CIPHER_fetch(c->lib, "DES-ECB", NULL);
	c->aes = EVP_CIPHER_fetch(c->lib, "AES-256-CBC", NULL);
	c->hmac = EVP_MAC_fetch(c->lib, "HMAC", NULL);
	c->pbkdf2 = EVP_KDF_fetch(c->lib, "PBKDF2", NULL);
	if (c->md4 && c->md5 && c->rc4 && c->des && c->aes && c->hmac && c->pbkdf2)
		return c;
	sam_crypto_free(c);
	return NULL;
}

void sam_crypto_free(struct sam_crypto *c)
{
	if (!c)
		return;
	EVP_MD_free(c->md4);
	EVP_MD_free(c->md5);
	EVP_CIPHER_free(c->rc4);
	EVP_CIPHER_free(c->des);
	EVP_CIPHER_free(c->aes);
	EVP_MAC_free(c->hmac);
	EVP_KDF_free(c->pbkdf2);
	if (c->legacy)
		OSSL_PROVIDER_unload(c->legacy);
	if (c->base)
		OSSL_PROVIDER_unload(c->base);
	OSSL_LIB_CTX_free(c->lib);
	free(c);
}

bool sam_md4(const struct sam_crypto *c, const void *data, size_t len, uint8_t ret_hash[16])
{
	return EVP_Digest(data, len, ret_hash, NULL, c->md4, NULL);
}

bool sam_md5(const struct sam_crypto *c, const void *data, size_t len, uint8_t ret_hash[16])
{
	return EVP_Digest(data, len, ret_hash, NULL, c->md5, NULL);
}

bool sam_same(const uint8_t a[16], const uint8_t b[16])
{
	return CRYPTO_memcmp(a, b, 16) == 0;
}

/* One pass over all of it, without padding. */
static bool cipher(const EVP_CIPHER *algorithm, const uint8_t *key, const struct sam_bytes *in,
		   uint8_t *ret_out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, rest = 0;
	bool ok = ctx && EVP_DecryptInit_ex2(ctx, algorithm, NULL, NULL, NULL) &&
		  (EVP_CIPHER_get_key_length(algorithm) == 16 ||
		   EVP_CIPHER_CTX_set_padding(ctx, 0)) &&
		  EVP_DecryptInit_ex2(ctx, NULL, key, NULL, NULL) &&
		  EVP_DecryptUpdate(ctx, ret_out, &n, in->data, (int)in->len) &&
		  EVP_DecryptFinal_ex(ctx, ret_out + n, &rest) && (size_t)(n + rest) == in->len;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

bool sam_rc4(const struct sam_crypto *c, const uint8_t key[16], const struct sam_bytes *in,
	     uint8_t *ret_out)
{
	return cipher(c->rc4, key, in, ret_out);
}

/* 56 bits of key become 64, of which each eighth is not looked at. */
static void des_key(const uint8_t in[7], uint8_t out[8])
{
	uint64_t bits = 0;

	for (int i = 0; i < 7; i++)
		bits = bits << 8 | in[i];
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(bits >> (49 - 7 * i) << 1);
}

bool sam_des_hash(const struct sam_crypto *c, const uint8_t key[16], const uint8_t in[16],
		  uint8_t ret_hash[16])
{
	bool ok = true;

	for (int i = 0; i < 2 && ok; i++) {
		const struct sam_bytes block = { in + 8 * i, 8 };
		uint8_t des[8];

		des_key(key + 7 * i, des);
		ok = cipher(c->des, des, &block, ret_hash + 8 * i);
		smb3_wipe(des, sizeof(des));
	}
	return ok;
}

/* ---- AES: 3.2.2.4, 3.2.2.5 ---- */

#define MANY_ROUNDS 100000u /* a tenth of a second or so */

bool sam_derive_begin(atomic_flag *busy, uint64_t rounds)
{
	return rounds <= MANY_ROUNDS || !atomic_flag_test_and_set(busy);
}

void sam_derive_end(atomic_flag *busy, uint64_t rounds)
{
	if (rounds > MANY_ROUNDS)
		atomic_flag_clear(busy);
}

bool sam_derive(const struct sam_crypto *c, const uint8_t hash[16], const struct sam_sealed *s,
		uint8_t ret_key[16])
{
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(c->pbkdf2);
	uint64_t iterations = s->iterations;
	int pkcs5 = 1; /* no rules of others about lengths */
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA512", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)hash, 16),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)s->salt, 16),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iterations),
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &pkcs5),
		OSSL_PARAM_construct_end(),
	};
	bool ok = ctx && EVP_KDF_derive(ctx, ret_key, 16, params) > 0;

	EVP_KDF_CTX_free(ctx);
	return ok;
}

static bool hmac(const struct sam_crypto *c, const struct sam_bytes *key,
		 const struct sam_bytes parts[4], uint8_t ret_mac[SHA512_SIZE])
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(c->hmac);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA512", 0),
		OSSL_PARAM_construct_end(),
	};
	bool ok = ctx && EVP_MAC_init(ctx, key->data, key->len, params);

	for (int i = 0; i < 4 && ok && parts[i].data; i++)
		ok = EVP_MAC_update(ctx, parts[i].data, parts[i].len);
	ok = ok && EVP_MAC_final(ctx, ret_mac, NULL, SHA512_SIZE);
	EVP_MAC_CTX_free(ctx);
	return ok;
}

#define AES_NAME " key AEAD-AES-256-CBC-HMAC-SHA512 16"

/* With their zeros. */
static const char enc_label[] = "Microsoft SAM encryption" AES_NAME;
static const char mac_label[] = "Microsoft SAM MAC" AES_NAME;
static const uint8_t version = 1;

static bool sealed_genuine(const struct sam_crypto *c, const struct sam_bytes *key,
			   const struct sam_sealed *s)
{
	const struct sam_bytes label[4] = { { (const uint8_t *)mac_label, sizeof(mac_label) } };
	const struct sam_bytes parts[4] = {
		{ &version, 1 }, { s->salt, 16 }, { s->cipher, s->len }, { &version, 1 }
	};
	uint8_t mac_key[SHA512_SIZE], mac[SHA512_SIZE];
	const struct sam_bytes mk = { mac_key, sizeof(mac_key) };
	bool ok = hmac(c, key, label, mac_key) && hmac(c, &mk, parts, mac) &&
		  CRYPTO_memcmp(mac, s->auth, sizeof(mac)) == 0;

	smb3_wipe(mac_key, sizeof(mac_key));
	return ok;
}

bool sam_open(const struct sam_crypto *c, const uint8_t key[16], const struct sam_sealed *s,
	      uint8_t *ret_out, size_t *ret_len)
{
	const struct sam_bytes k = { key, 16 };
	const struct sam_bytes label[4] = { { (const uint8_t *)enc_label, sizeof(enc_label) } };
	EVP_CIPHER_CTX *ctx;
	uint8_t enc[SHA512_SIZE];
	int n = 0, rest = 0;
	bool ok;

	if (!s->len || s->len % 16 || !sealed_genuine(c, &k, s))
		return false;
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx && hmac(c, &k, label, enc) &&
	     EVP_DecryptInit_ex2(ctx, c->aes, enc, s->salt, NULL) &&
	     EVP_DecryptUpdate(ctx, ret_out, &n, s->cipher, (int)s->len) &&
	     EVP_DecryptFinal_ex(ctx, ret_out + n, &rest);
	EVP_CIPHER_CTX_free(ctx);
	smb3_wipe(enc, sizeof(enc));
	*ret_len = (size_t)(n + rest);
	return ok;
}
