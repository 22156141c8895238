// SPDX-License-Identifier: Apache-2.0
/*
 * encrypt.h: the four ciphers, and the layer that puts whole messages into them.
 *   key     a cipher with one key, for one direction
 *   nonce   what must never be used twice with a key; a counter makes sure
 *   tag     proves that a message comes from who has the key
 */
#ifndef ENCRYPT_ENCRYPT_H
#define ENCRYPT_ENCRYPT_H

#include <smb3/smb3.h>

#define CIPHER_TAG_SIZE   16
#define CIPHER_NONCE_SIZE 16 /* the field; a cipher takes 11 or 12 bytes of it */

struct cipher {
	uint16_t id;
	const char *name;    /* in smb3.conf */
	const char *library; /* as OpenSSL calls it */
	size_t key_len;      /* bytes */
	int nonce_len;       /* bytes */
	bool ccm;            /* takes the whole message in one piece */
};

/* NULL when there is none. */
const struct cipher *cipher_find(uint16_t id);
const struct cipher *cipher_named(const char *name);

/* For any number of threads at once. NULL when the library refuses. Free with cipher_key_free(), which
 * wipes. */
struct cipher_key *cipher_key_new(const struct cipher *cipher, const uint8_t *key, bool sealing);
void cipher_key_free(struct cipher_key *key); /* NULL is allowed */

/* In place; ad is what the tag covers besides. A cipher with ccm takes n_iov 1 only. 0 or -EIO. */
int cipher_seal(struct cipher_key *key, const uint8_t nonce[CIPHER_NONCE_SIZE], struct iovec ad,
		const struct iovec *iov, int n_iov, uint8_t ret_tag[CIPHER_TAG_SIZE]);
/* In place. -EBADMSG: the tag does not belong to it; what data holds then is rubbish. */
int cipher_open(struct cipher_key *key, const uint8_t nonce[CIPHER_NONCE_SIZE], struct iovec ad,
		struct iovec data, const uint8_t tag[CIPHER_TAG_SIZE]);

/* Of a session: both directions, keyed at the first message. The server alone seals with the
 * sealing key, on all channels of the session, so that one counter makes every nonce new: whatever
 * thread seals takes its number there. */
struct transform {
	struct cipher_key *seal, *open;
	_Atomic uint64_t sealed; /* messages */
	_Atomic uint64_t blocks; /* of the cipher, in these */
	bool tried;
};

/* A key seals so much and no more, 4 PiB: with as many blocks an observer tells what is sealed from
 * noise with a chance below 2^-32. NIST SP 800-38D appendix C, SP 800-38C section 5.3 */
#define TRANSFORM_BLOCKS_MAX (UINT64_C(1) << 48)

/* transform.c */
extern const struct smb3_layer transform_layer;
extern struct smb3_slot transform_session_slot;

#endif
