// SPDX-License-Identifier: Apache-2.0
/*
 * crypto.c: digests, MACs and key derivation. [MS-SMB2] 3.1.4.2, 3.1.4.4.1
 * When OpenSSL refuses an algorithm that was fetched, the mistake is ours and never a peer's: it
 * ends the program.
 */
#include "crypto.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "smbc: OpenSSL: %s failed\n", what);
	abort();
}

static bool lib_fetch(struct smbc_lib *lib)
{
	static const char *const ciphers[] = {
		[SMB2_CIPHER_AES128_CCM] = "AES-128-CCM",
		[SMB2_CIPHER_AES128_GCM] = "AES-128-GCM",
		[SMB2_CIPHER_AES256_CCM] = "AES-256-CCM",
		[SMB2_CIPHER_AES256_GCM] = "AES-256-GCM",
	};
	bool ok = true;

	for (int i = SMB2_CIPHER_AES128_CCM; i <= SMB2_CIPHER_AES256_GCM; i++) {
		lib->cipher[i] = EVP_CIPHER_fetch(lib->ctx, ciphers[i], NULL);
		ok = ok && lib->cipher[i];
	}
	lib->md4 = EVP_MD_fetch(lib->ctx, "MD4", NULL);
	lib->md5 = EVP_MD_fetch(lib->ctx, "MD5", NULL);
	lib->sha512 = EVP_MD_fetch(lib->ctx, "SHA512", NULL);
	lib->hmac = EVP_MAC_fetch(lib->ctx, "HMAC", NULL);
	lib->cmac = EVP_MAC_fetch(lib->ctx, "CMAC", NULL);
	lib->rc4 = EVP_CIPHER_fetch(lib->ctx, "RC4", NULL);
	return ok && lib->md4 && lib->md5 && lib->sha512 && lib->hmac && lib->cmac && lib->rc4;
}

int smbc_lib_new(struct smbc_lib **ret_lib)
{
	struct smbc_lib *lib = calloc(1, sizeof(*lib));

	if (!lib)
		return -ENOMEM;
	lib->ctx = OSSL_LIB_CTX_new();
	if (lib->ctx) {
		lib->provider = OSSL_PROVIDER_load(lib->ctx, "default");
		lib->legacy = OSSL_PROVIDER_load(lib->ctx, "legacy");
	}
	if (!lib->provider || !lib->legacy || !lib_fetch(lib)) {
		smbc_lib_free(lib);
		return -ENOTSUP;
	}
	*ret_lib = lib;
	return 0;
}

void smbc_lib_free(struct smbc_lib *lib)
{
	if (!lib)
		return;
	for (int i = 0; i <= SMB2_CIPHER_AES256_GCM; i++)
		EVP_CIPHER_free(lib->cipher[i]);
	EVP_CIPHER_free(lib->rc4);
	EVP_MD_free(lib->md4);
	EVP_MD_free(lib->md5);
	EVP_MD_free(lib->sha512);
	EVP_MAC_free(lib->hmac);
	EVP_MAC_free(lib->cmac);
	if (lib->legacy)
		OSSL_PROVIDER_unload(lib->legacy);
	if (lib->provider)
		OSSL_PROVIDER_unload(lib->provider);
	OSSL_LIB_CTX_free(lib->ctx);
	free(lib);
}

void smbc_hmac(const struct smbc_lib *lib, const char *digest, struct smbc_part key,
	       const struct smbc_part *parts, uint8_t *ret_mac)
{
	OSSL_PARAM param[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *mac = EVP_MAC_CTX_new(lib->hmac);
	size_t n;

	must(mac && EVP_MAC_init(mac, key.p, key.n, param), "HMAC");
	for (; parts->p; parts++)
		must(EVP_MAC_update(mac, parts->p, parts->n), "HMAC");
	must(EVP_MAC_final(mac, ret_mac, &n, EVP_MAX_MD_SIZE), "HMAC");
	EVP_MAC_CTX_free(mac);
}

void smbc_md4(const struct smbc_lib *lib, const void *p, size_t n, uint8_t ret_hash[16])
{
	must(EVP_Digest(p, n, ret_hash, NULL, lib->md4, NULL), "MD4");
}

void smbc_md5(const struct smbc_lib *lib, const void *p, size_t n, uint8_t ret_hash[16])
{
	must(EVP_Digest(p, n, ret_hash, NULL, lib->md5, NULL), "MD5");
}

void smbc_rc4(const struct smbc_lib *lib, const uint8_t key[16], const uint8_t *in, size_t n,
	      uint8_t *ret_out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int out;

	must(c && EVP_EncryptInit_ex2(c, lib->rc4, key, NULL, NULL), "RC4");
	must(EVP_EncryptUpdate(c, ret_out, &out, in, (int)n), "RC4");
	EVP_CIPHER_CTX_free(c);
}

void smbc_random(const struct smbc_lib *lib, void *p, size_t n)
{
	must(RAND_bytes_ex(lib->ctx, p, n, 0) == 1, "random numbers");
}

void smbc_preauth(const struct smbc_lib *lib, uint8_t hash[64], const void *p, size_t n)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	must(md && EVP_DigestInit_ex2(md, lib->sha512, NULL), "SHA-512");
	must(EVP_DigestUpdate(md, hash, 64) && EVP_DigestUpdate(md, p, n), "SHA-512");
	must(EVP_DigestFinal_ex(md, hash, NULL), "SHA-512");
	EVP_MD_CTX_free(md);
}

void smbc_kdf(const struct smbc_lib *lib, struct smbc_part key, struct smbc_part label,
	      struct smbc_part context, uint8_t *ret_key, size_t n)
{
	uint8_t bits[4] = { 0, 0, (uint8_t)(n * 8 >> 8), (uint8_t)(n * 8) };
	uint8_t mac[EVP_MAX_MD_SIZE];
	const struct smbc_part parts[] = {
		{ "\0\0\0\1", 4 }, label, { "", 1 }, context, { bits, 4 }, { NULL, 0 },
	};

	smbc_hmac(lib, "SHA256", key, parts, mac);
	memcpy(ret_key, mac, n);
}
