// SPDX-License-Identifier: Apache-2.0
/*
 * ntlm.h: the parts of the NTLM module. [MS-NLMP]
 *   message  NEGOTIATE, CHALLENGE and AUTHENTICATE taken apart and built; no secrets, no state
 *   crypto   the arithmetic of NTLMv2; no messages
 *   seal     signing and sealing of what follows the log-on
 *   ntlm.c   the log-on
 */
#ifndef NTLM_H
#define NTLM_H

#include <smb3/base.h>
#include <smb3/cursor.h>

/* 2.2.2.5 */
#define NTLMSSP_NEGOTIATE_UNICODE                  0x00000001u
#define NTLMSSP_REQUEST_TARGET                     0x00000004u
#define NTLMSSP_NEGOTIATE_SIGN                     0x00000010u
#define NTLMSSP_NEGOTIATE_SEAL                     0x00000020u
#define NTLMSSP_NEGOTIATE_NTLM                     0x00000200u
#define NTLMSSP_NEGOTIATE_ALWAYS_SIGN              0x00008000u
#define NTLMSSP_TARGET_TYPE_SERVER                 0x00020000u
#define NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY 0x00080000u
#define NTLMSSP_NEGOTIATE_TARGET_INFO              0x00800000u
#define NTLMSSP_NEGOTIATE_VERSION                  0x02000000u
#define NTLMSSP_NEGOTIATE_128                      0x20000000u
#define NTLMSSP_NEGOTIATE_KEY_EXCH                 0x40000000u
#define NTLMSSP_NEGOTIATE_56                       0x80000000u

#define NTLM_KEY_SIZE       16
#define NTLM_CHALLENGE_SIZE 8
#define NTLM_MIC_SIZE       16
#define NTLM_MIC_AT         72 /* in AUTHENTICATE, when the message has one */

/* ---- messages: ntlm_message.c ---- */

struct ntlm_field {
	const uint8_t *data;
	size_t len;
};

/* Names are UTF-16LE. All fields point into the message. */
struct ntlm_authenticate {
	uint32_t flags;
	struct ntlm_field lm, nt, domain, user, workstation, key;
	bool has_mic; /* there is room for one at NTLM_MIC_AT */
};

/* The response of NTLMv2, 2.2.2.8 and 2.2.2.7. */
struct ntlm_response {
	const uint8_t *proof;   /* 16 bytes */
	struct ntlm_field rest; /* what the proof proves, together with the server's challenge */
	bool mic;               /* its MsvAvFlags say that the message has a MIC */
};

struct ntlm_challenge {
	uint32_t flags;
	uint8_t challenge[NTLM_CHALLENGE_SIZE];
	const char *name; /* the server's */
	uint64_t time;    /* NT time */
};

/* False: not such a message, or one whose fields lie outside of it. */
bool ntlm_negotiate_parse(const uint8_t *data, size_t len, uint32_t *ret_flags);
bool ntlm_authenticate_parse(const uint8_t *data, size_t len, struct ntlm_authenticate *ret_msg);
bool ntlm_response_parse(struct ntlm_field nt, struct ntlm_response *ret_response);
void ntlm_challenge_build(const struct ntlm_challenge *c, struct smb3_builder *out);
/* What CHALLENGE answers to NEGOTIATE's flags. */
uint32_t ntlm_flags_answer(uint32_t asked);

/* ---- arithmetic: ntlm_crypto.c ---- */

struct ntlm_crypto;

/* NULL, with the reason, when OpenSSL lacks an algorithm. Usable from any thread. */
struct ntlm_crypto *ntlm_crypto_new(const char **ret_why);
void ntlm_crypto_free(struct ntlm_crypto *c); /* NULL is allowed */

/* All of these: false when OpenSSL fails, which is nothing that a peer can bring about. */

/* NTOWFv2, 3.3.2: the user's name is taken in upper case. */
bool ntlm_response_key(const struct ntlm_crypto *c, const uint8_t nt_hash[NTLM_KEY_SIZE],
		       struct ntlm_field user, struct ntlm_field domain,
		       uint8_t ret_key[NTLM_KEY_SIZE]);
/* NTProofStr, 3.3.2. */
bool ntlm_proof(const struct ntlm_crypto *c, const uint8_t response_key[NTLM_KEY_SIZE],
		const uint8_t challenge[NTLM_CHALLENGE_SIZE], struct ntlm_field rest,
		uint8_t ret_proof[NTLM_KEY_SIZE]);
/* HMAC-MD5 over up to three parts; unused ones are empty. */
bool ntlm_hmac(const struct ntlm_crypto *c, const uint8_t key[NTLM_KEY_SIZE],
	       const struct ntlm_field part[3], uint8_t ret_mac[NTLM_KEY_SIZE]);
/* RC4K, 6. */
bool ntlm_rc4(const struct ntlm_crypto *c, const uint8_t *key, size_t key_len, const uint8_t *in,
	      size_t len, uint8_t *ret_out);
/* The signature of the first message (number 0) with extended session security, 3.4.4.2: SMB has
 * no second one. */
bool ntlm_signature(const struct ntlm_crypto *c, const uint8_t session_key[NTLM_KEY_SIZE],
		    uint32_t flags, bool from_server, struct ntlm_field data,
		    uint8_t ret_signature[NTLM_MIC_SIZE]);

/* SIGNKEY and SEALKEY of one direction, 3.4.5.2 and 3.4.5.3. */
bool ntlm_sign_key(const struct ntlm_crypto *c, const uint8_t session_key[NTLM_KEY_SIZE],
		   bool from_server, uint8_t ret_key[NTLM_KEY_SIZE]);
bool ntlm_seal_key(const struct ntlm_crypto *c, const uint8_t session_key[NTLM_KEY_SIZE],
		   uint32_t flags, bool from_server, uint8_t ret_key[NTLM_KEY_SIZE]);

/* RC4 whose stream goes on from call to call. NULL when OpenSSL fails. */
struct ntlm_stream;
struct ntlm_stream *ntlm_stream_new(const struct ntlm_crypto *c, const uint8_t key[NTLM_KEY_SIZE]);
bool ntlm_stream_run(struct ntlm_stream *s, uint8_t *data, size_t len);
void ntlm_stream_free(struct ntlm_stream *s); /* NULL is allowed */

/* ---- messages after the log-on: ntlm_seal.c ---- */

struct smb3_auth_message;

/* One direction of a log-on that has succeeded. */
struct ntlm_seal {
	uint32_t flags;  /* agreed on */
	uint32_t number; /* of the next message */
	uint8_t sign_key[NTLM_KEY_SIZE];
	struct ntlm_stream *stream;
};

bool ntlm_seal_begin(struct ntlm_seal *s, const struct ntlm_crypto *c,
		     const uint8_t session_key[NTLM_KEY_SIZE], bool from_server);
/* The sender's: data is sealed when that is wanted. */
bool ntlm_seal_wrap(struct ntlm_seal *s, const struct ntlm_crypto *c,
		    const struct smb3_auth_message *m, uint8_t ret_signature[NTLM_MIC_SIZE]);
/* The receiver's: -EBADMSG for a wrong one. */
int ntlm_seal_unwrap(struct ntlm_seal *s, const struct ntlm_crypto *c,
		     const struct smb3_auth_message *m, const uint8_t signature[NTLM_MIC_SIZE]);
void ntlm_seal_end(struct ntlm_seal *s);

#endif
