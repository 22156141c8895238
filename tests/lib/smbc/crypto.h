// SPDX-License-Identifier: Apache-2.0
/*
 * crypto.h: what SMB needs of OpenSSL, for the client library alone.
 * Everything is fetched once into a library context of its own, with the legacy provider for MD4
 * and RC4, so that the program around it is not touched. A `struct smbc_lib` is constant after
 * smbc_lib_new() and may be shared by threads; signers and sealers may not.
 *
 *   signer  an algorithm and a key, ready to sign or verify one PDU after the other
 *   sealer  a cipher and the two keys of a session, ready to encrypt and decrypt messages
 */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto.h"

struct smbc_lib {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *provider, *legacy;
	EVP_MD *md4, *md5, *sha512;
	EVP_MAC *hmac, *cmac;
	EVP_CIPHER *rc4;
	EVP_CIPHER *cipher[SMB2_CIPHER_AES256_GCM + 1];
};

/* 0, or -ENOTSUP when OpenSSL lacks an algorithm (the legacy provider is a file of its own). */
int smbc_lib_new(struct smbc_lib **ret_lib);
void smbc_lib_free(struct smbc_lib *lib);

struct smbc_part {
	const void *p;
	size_t n;
};

/* A MAC over parts, the last of which is empty; digest is "MD5" (NTLM) or "SHA256" (SMB). */
void smbc_hmac(const struct smbc_lib *lib, const char *digest, struct smbc_part key,
	       const struct smbc_part *parts, uint8_t *ret_mac);
void smbc_md4(const struct smbc_lib *lib, const void *p, size_t n, uint8_t ret_hash[16]);
void smbc_md5(const struct smbc_lib *lib, const void *p, size_t n, uint8_t ret_hash[16]);
/* n bytes, from the start of the key stream. */
void smbc_rc4(const struct smbc_lib *lib, const uint8_t key[16], const uint8_t *in, size_t n,
	      uint8_t *ret_out);
void smbc_random(const struct smbc_lib *lib, void *p, size_t n);
/* hash = SHA-512(hash + message): one step of the preauth integrity hash. [MS-SMB2] 3.1.4.4.1 */
void smbc_preauth(const struct smbc_lib *lib, uint8_t hash[64], const void *p, size_t n);
/* SP800-108 in counter mode with HMAC-SHA256; n is 16 or 32. [MS-SMB2] 3.1.4.2 */
void smbc_kdf(const struct smbc_lib *lib, struct smbc_part key, struct smbc_part label,
	      struct smbc_part context, uint8_t *ret_key, size_t n);

struct smbc_signer {
	enum smb2_signing algorithm;
	bool ready;
	EVP_MAC_CTX *mac;
	EVP_CIPHER_CTX *gmac;
};

void smbc_signer_init(struct smbc_signer *s, const struct smbc_lib *lib,
		      enum smb2_signing algorithm, const uint8_t key[16]);
void smbc_signer_done(struct smbc_signer *s);
/*
 * The signature of a PDU whose header and start are `pdu` and whose rest is `more` (may be empty).
 * The signature field counts as zero, whatever it holds. [MS-SMB2] 3.1.4.1
 */
void smbc_signer_run(struct smbc_signer *s, struct smbc_part pdu, struct smbc_part more,
		     uint8_t ret_signature[16]);

struct smbc_sealer {
	enum smb2_cipher cipher;
	bool ready;
	EVP_CIPHER_CTX *enc, *dec;
	uint8_t nonce[16];
};

/* Keys have 16 bytes, or 32 for the AES-256 ciphers. */
void smbc_sealer_init(struct smbc_sealer *s, const struct smbc_lib *lib, enum smb2_cipher cipher,
		      const uint8_t *send_key, const uint8_t *receive_key);
void smbc_sealer_done(struct smbc_sealer *s);
/* Encrypts msg in place and fills the transform header before it. [MS-SMB2] 3.1.4.3 */
void smbc_seal(struct smbc_sealer *s, uint8_t *transform, uint64_t session_id, uint8_t *msg,
	       size_t n);
/* Decrypts msg in place; -EBADMSG when it was not made with this key. [MS-SMB2] 3.2.5.1.1 */
int smbc_unseal(struct smbc_sealer *s, const uint8_t *transform, uint8_t *msg, size_t n);
