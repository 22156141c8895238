// SPDX-License-Identifier: Apache-2.0
/*
 * test_ntlm_client.h: the client's side of NTLM, with every mistake that a test may want.
 */
#ifndef TEST_NTLM_CLIENT_H
#define TEST_NTLM_CLIENT_H

#include "ntlm.h"

#define CLIENT_FLAGS                                                                   \
	(NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_REQUEST_TARGET | NTLMSSP_NEGOTIATE_SIGN | \
	 NTLMSSP_NEGOTIATE_NTLM | NTLMSSP_NEGOTIATE_ALWAYS_SIGN |                      \
	 NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | NTLMSSP_NEGOTIATE_128 |          \
	 NTLMSSP_NEGOTIATE_KEY_EXCH)

struct client {
	const char *user, *domain;
	uint8_t nt_hash[16];
	uint32_t flags;              /* of NEGOTIATE and AUTHENTICATE */
	bool announce_mic, send_mic; /* in the proof; in the message */
	bool spoil_mic;
	size_t key_len; /* of the encrypted session key that is sent */
	size_t nt_len;  /* not 0: a response of that many zeros instead */
	size_t lm_len;
	/* filled in */
	uint8_t key[16]; /* the session key as the client has it */
	uint8_t negotiate[64];
	size_t negotiate_len;
	uint8_t message[2048];
	size_t message_len;
};

/* Ends the test when there is none. */
struct ntlm_crypto *crypto_new(void);

void client_negotiate(struct client *c);
/* Answers the server's CHALLENGE. */
void client_authenticate(struct client *c, const struct ntlm_crypto *crypto,
			 const uint8_t *challenge, size_t len);

#endif
