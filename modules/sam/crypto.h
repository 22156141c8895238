// SPDX-License-Identifier: Apache-2.0
/*
 * crypto.h: what passwords on the wire are computed with.
 */
#ifndef SAM_CRYPTO_H
#define SAM_CRYPTO_H

#include <smb3/base.h>
#include <stdatomic.h>

struct sam_crypto;

struct sam_bytes {
	const uint8_t *data;
	size_t len;
};

/* SAMPR_ENCRYPTED_PASSWORD_AES [MS-SAMR] 2.2.6.32 */
struct sam_sealed {
	const uint8_t *salt; /* 16 bytes */
	uint64_t iterations; /* of PBKDF2 */
	const uint8_t *auth; /* 64 bytes */
	const uint8_t *cipher;
	size_t len;
};

/* NULL: OpenSSL lacks an algorithm. From any thread. */
struct sam_crypto *sam_crypto_new(void);
void sam_crypto_free(struct sam_crypto *c); /* NULL is allowed */

/* False when OpenSSL fails; sam_open: also what was not sealed with that key. */
bool sam_md4(const struct sam_crypto *c, const void *data, size_t len, uint8_t ret_hash[16]);
bool sam_md5(const struct sam_crypto *c, const void *data, size_t len, uint8_t ret_hash[16]);
bool sam_rc4(const struct sam_crypto *c, const uint8_t key[16], const struct sam_bytes *in,
	     uint8_t *ret_out);
/* A hash that was sealed with another one: decrypts. 2.2.11.1.3 */
bool sam_des_hash(const struct sam_crypto *c, const uint8_t key[16], const uint8_t in[16],
		  uint8_t ret_hash[16]);
/* In a time that says nothing. */
bool sam_same(const uint8_t a[16], const uint8_t b[16]);
/* How many rounds there are to compute is the client's to say, whether or not it knows the password:
 * around sam_derive(), so that all who want many get one thread together. False: somebody is at it. */
bool sam_derive_begin(atomic_flag *busy, uint64_t rounds);
void sam_derive_end(atomic_flag *busy, uint64_t rounds);
/* From an NT hash to the key of a change: 3.2.2.5. */
bool sam_derive(const struct sam_crypto *c, const uint8_t hash[16], const struct sam_sealed *s,
		uint8_t ret_key[16]);
/* ret_out has room for s->len bytes. 3.2.2.4 */
bool sam_open(const struct sam_crypto *c, const uint8_t key[16], const struct sam_sealed *s,
	      uint8_t *ret_out, size_t *ret_len);

#endif
