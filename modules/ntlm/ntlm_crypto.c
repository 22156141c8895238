// SPDX-License-Identifier: Apache-2.0
/*
 * ntlm_crypto.c: the arithmetic of NTLMv2. [MS-NLMP] 3.3.2, 3.4
 * RC4 is in OpenSSL's legacy provider, MD5 may be barred by the machine's policy; both are loaded
 * into a library context of our own, so that nothing else in the process gets them.
 */
#include "ntlm.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <smb3/utf16.h>
#include <stdlib.h>

#define CHECKSUM_SIZE 8
#define NAME_MAX_SIZE 1024 /* bytes of a user's name that are hashed at once */

struct ntlm_crypto {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *plain, *legacy;
	EVP_MAC *hmac;
	EVP_MD *md5;
	EVP_CIPHER *rc4;
};

struct ntlm_crypto *ntlm_crypto_new(const char **ret_why)
{
	struct ntlm_crypto *c = smb3_alloc(sizeof(*c));

	c->lib = OSSL_LIB_CTX_new();
	if (c->lib) {
		c->plain = OSSL_PROVIDER_load(c->lib, "default");
		c->legacy = OSSL_PROVIDER_load(c->lib, "legacy");
		c->hmac = EVP_MAC_fetch(c->lib, "HMAC", NULL);
		c->md5 = EVP_MD_fetch(c->lib, "MD5", NULL);
		c->rc4 = EVP_CIPHER_fetch(c->lib, "RC4", NULL);
	}
	if (c->hmac && c->md5 && c->rc4)
		return c;
	*ret_why = !c->legacy ? "OpenSSL's legacy provider, which has RC4, cannot be loaded: "
				"install it (Debian: openssl-provider-legacy, or libssl3)" :
				"OpenSSL offers no MD5 or RC4, without which there is no NTLM";
	ntlm_crypto_free(c);
	return NULL;
}

void ntlm_crypto_free(struct ntlm_crypto *c)
{
	if (!c)
		return;
	EVP_CIPHER_free(c->rc4);
	EVP_MD_free(c->md5);
	EVP_MAC_free(c->hmac);
	if (c->legacy)
		OSSL_PROVIDER_unload(c->legacy);
	if (c->plain)
		OSSL_PROVIDER_unload(c->plain);
	OSSL_LIB_CTX_free(c->lib);
	free(c);
}

bool ntlm_hmac(const struct ntlm_crypto *c, const uint8_t key[NTLM_KEY_SIZE],
	       const struct ntlm_field part[3], uint8_t ret_mac[NTLM_KEY_SIZE])
{
	char digest[] = "MD5";
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
				OSSL_PARAM_construct_end() };
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(c->hmac);
	bool ok = ctx && EVP_MAC_init(ctx, key, NTLM_KEY_SIZE, params) == 1;
	size_t len = 0;

	for (int i = 0; i < 3 && ok; i++)
		ok = !part[i].len || EVP_MAC_update(ctx, part[i].data, part[i].len) == 1;
	ok = ok && EVP_MAC_final(ctx, ret_mac, &len, NTLM_KEY_SIZE) == 1 && len == NTLM_KEY_SIZE;
	EVP_MAC_CTX_free(ctx);
	return ok;
}

static bool md5(const struct ntlm_crypto *c, struct ntlm_field a, struct ntlm_field b,
		uint8_t ret_digest[NTLM_KEY_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, c->md5, NULL) &&
		  EVP_DigestUpdate(ctx, a.data, a.len) && EVP_DigestUpdate(ctx, b.data, b.len) &&
		  EVP_DigestFinal_ex(ctx, ret_digest, NULL);

	EVP_MD_CTX_free(ctx);
	return ok;
}

bool ntlm_rc4(const struct ntlm_crypto *c, const uint8_t *key, size_t key_len, const uint8_t *in,
	      size_t len, uint8_t *ret_out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok = ctx && EVP_EncryptInit_ex2(ctx, c->rc4, NULL, NULL, NULL) &&
		  EVP_CIPHER_CTX_set_key_length(ctx, (int)key_len) > 0 &&
		  EVP_EncryptInit_ex2(ctx, NULL, key, NULL, NULL) &&
		  EVP_EncryptUpdate(ctx, ret_out, &n, in, (int)len) && n == (int)len;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* By 16-bit units, as Windows does: what needs two of them has no case there. */
static void upper(struct ntlm_field name, uint8_t *ret_upper)
{
	for (size_t i = 0; i + 1 < name.len; i += 2) {
		uint32_t unit = (uint32_t)(name.data[i] | name.data[i + 1] << 8);
		uint32_t folded = smb3_fold(unit);

		smb3_store_u16(ret_upper + i, (uint16_t)(folded <= 0xffff ? folded : unit));
	}
}

bool ntlm_response_key(const struct ntlm_crypto *c, const uint8_t nt_hash[NTLM_KEY_SIZE],
		       struct ntlm_field user, struct ntlm_field domain,
		       uint8_t ret_key[NTLM_KEY_SIZE])
{
	uint8_t name[NAME_MAX_SIZE];
	struct ntlm_field parts[3] = { { name, user.len }, domain, { NULL, 0 } };

	/* Nobody has such a name; the caller has looked for it in vain. */
	if (user.len > sizeof(name))
		parts[0].len = user.len = sizeof(name);
	upper(user, name);
	return ntlm_hmac(c, nt_hash, parts, ret_key);
}

bool ntlm_proof(const struct ntlm_crypto *c, const uint8_t response_key[NTLM_KEY_SIZE],
		const uint8_t challenge[NTLM_CHALLENGE_SIZE], struct ntlm_field rest,
		uint8_t ret_proof[NTLM_KEY_SIZE])
{
	const struct ntlm_field parts[3] = { { challenge, NTLM_CHALLENGE_SIZE }, rest };

	return ntlm_hmac(c, response_key, parts, ret_proof);
}

/* SIGNKEY and SEALKEY, 3.4.5.2 and 3.4.5.3. The constants end with their NUL. */
static bool derived_key(const struct ntlm_crypto *c, const uint8_t *key, size_t key_len,
			const char *constant, uint8_t ret_key[NTLM_KEY_SIZE])
{
	return md5(c, (struct ntlm_field){ key, key_len },
		   (struct ntlm_field){ (const uint8_t *)constant, strlen(constant) + 1 }, ret_key);
}

bool ntlm_sign_key(const struct ntlm_crypto *c, const uint8_t session_key[NTLM_KEY_SIZE],
		   bool from_server, uint8_t ret_key[NTLM_KEY_SIZE])
{
	return derived_key(c, session_key, NTLM_KEY_SIZE,
			   from_server ?
				   "session key to server-to-client signing key magic constant" :
				   "session key to client-to-server signing key magic constant",
			   ret_key);
}

bool ntlm_seal_key(const struct ntlm_crypto *c, const uint8_t session_key[NTLM_KEY_SIZE],
		   uint32_t flags, bool from_server, uint8_t ret_key[NTLM_KEY_SIZE])
{
	size_t len = flags & NTLMSSP_NEGOTIATE_128 ? NTLM_KEY_SIZE :
		     flags & NTLMSSP_NEGOTIATE_56  ? 7 :
						     5;

	return derived_key(c, session_key, len,
			   from_server ?
				   "session key to server-to-client sealing key magic constant" :
				   "session key to client-to-server sealing key magic constant",
			   ret_key);
}

static bool checksum_seal(const struct ntlm_crypto *c, const uint8_t session_key[NTLM_KEY_SIZE],
			  uint32_t flags, bool from_server, uint8_t checksum[CHECKSUM_SIZE])
{
	uint8_t seal_key[NTLM_KEY_SIZE], sealed[CHECKSUM_SIZE];
	bool ok = ntlm_seal_key(c, session_key, flags, from_server, seal_key) &&
		  ntlm_rc4(c, seal_key, sizeof(seal_key), checksum, CHECKSUM_SIZE, sealed);

	if (ok)
		memcpy(checksum, sealed, CHECKSUM_SIZE);
	smb3_wipe(seal_key, sizeof(seal_key));
	return ok;
}

bool ntlm_signature(const struct ntlm_crypto *c, const uint8_t session_key[NTLM_KEY_SIZE],
		    uint32_t flags, bool from_server, struct ntlm_field data,
		    uint8_t ret_signature[NTLM_MIC_SIZE])
{
	static const uint8_t version[4] = { 1 }, number[4] = { 0 };
	const struct ntlm_field parts[3] = { { number, sizeof(number) }, data };
	uint8_t sign_key[NTLM_KEY_SIZE], mac[NTLM_KEY_SIZE];
	bool ok = ntlm_sign_key(c, session_key, from_server, sign_key) &&
		  ntlm_hmac(c, sign_key, parts, mac);

	smb3_wipe(sign_key, sizeof(sign_key));
	if (ok && flags & NTLMSSP_NEGOTIATE_KEY_EXCH)
		ok = checksum_seal(c, session_key, flags, from_server, mac);
	if (!ok)
		return false;
	memcpy(ret_signature, version, 4);
	memcpy(ret_signature + 4, mac, CHECKSUM_SIZE);
	memcpy(ret_signature + 12, number, 4);
	return true;
}

/* ---- streams ---- */

struct ntlm_stream {
	EVP_CIPHER_CTX *ctx;
};

struct ntlm_stream *ntlm_stream_new(const struct ntlm_crypto *c, const uint8_t key[NTLM_KEY_SIZE])
{
	struct ntlm_stream *s = smb3_alloc(sizeof(*s));

	s->ctx = EVP_CIPHER_CTX_new();
	if (s->ctx && EVP_EncryptInit_ex2(s->ctx, c->rc4, key, NULL, NULL))
		return s;
	ntlm_stream_free(s);
	return NULL;
}

bool ntlm_stream_run(struct ntlm_stream *s, uint8_t *data, size_t len)
{
	int n = 0;

	return EVP_EncryptUpdate(s->ctx, data, &n, data, (int)len) && n == (int)len;
}

void ntlm_stream_free(struct ntlm_stream *s)
{
	if (!s)
		return;
	EVP_CIPHER_CTX_free(s->ctx);
	free(s);
}
