// SPDX-License-Identifier: Apache-2.0
/*
 * ntlm_seal.c: messages after the log-on: signatures and sealing with extended session security.
 * [MS-NLMP] 3.4.3, 3.4.4.2. Without that the keys are so weak that nothing is offered.
 */
#include "ntlm.h"

#include <errno.h>
#include <smb3/auth.h>

#define CHECKSUM_SIZE 8
#define AT_CHECKSUM   4
#define AT_NUMBER     12

bool ntlm_seal_begin(struct ntlm_seal *s, const struct ntlm_crypto *c,
		     const uint8_t session_key[NTLM_KEY_SIZE], bool from_server)
{
	uint8_t key[NTLM_KEY_SIZE];

	if (ntlm_sign_key(c, session_key, from_server, s->sign_key) &&
	    ntlm_seal_key(c, session_key, s->flags, from_server, key))
		s->stream = ntlm_stream_new(c, key);
	smb3_wipe(key, sizeof(key));
	return s->stream;
}

void ntlm_seal_end(struct ntlm_seal *s)
{
	ntlm_stream_free(s->stream);
	smb3_wipe(s, sizeof(*s));
}

/* Over what is not sealed, or not any more; all of it, whether headers were agreed on or not. */
static bool checksum(const struct ntlm_seal *s, const struct ntlm_crypto *c,
		     const struct smb3_auth_message *m, uint8_t ret_mac[NTLM_KEY_SIZE])
{
	uint8_t number[4];
	const struct ntlm_field parts[3] = { { number, sizeof(number) }, { m->pdu, m->len } };

	smb3_store_u32(number, s->number);
	return ntlm_hmac(c, s->sign_key, parts, ret_mac);
}

/* The stream runs over the data first, then over the checksum. */
static bool signature_make(struct ntlm_seal *s, const uint8_t mac[NTLM_KEY_SIZE],
			   uint8_t ret_signature[NTLM_MIC_SIZE])
{
	smb3_store_u32(ret_signature, 1);
	memcpy(ret_signature + AT_CHECKSUM, mac, CHECKSUM_SIZE);
	smb3_store_u32(ret_signature + AT_NUMBER, s->number++);
	return !(s->flags & NTLMSSP_NEGOTIATE_KEY_EXCH) ||
	       ntlm_stream_run(s->stream, ret_signature + AT_CHECKSUM, CHECKSUM_SIZE);
}

bool ntlm_seal_wrap(struct ntlm_seal *s, const struct ntlm_crypto *c,
		    const struct smb3_auth_message *m, uint8_t ret_signature[NTLM_MIC_SIZE])
{
	uint8_t mac[NTLM_KEY_SIZE];

	return checksum(s, c, m, mac) &&
	       (!m->seal || ntlm_stream_run(s->stream, m->pdu + m->at, m->data_len)) &&
	       signature_make(s, mac, ret_signature);
}

int ntlm_seal_unwrap(struct ntlm_seal *s, const struct ntlm_crypto *c,
		     const struct smb3_auth_message *m, const uint8_t signature[NTLM_MIC_SIZE])
{
	uint8_t mac[NTLM_KEY_SIZE], own[NTLM_MIC_SIZE];

	if ((m->seal && !ntlm_stream_run(s->stream, m->pdu + m->at, m->data_len)) ||
	    !checksum(s, c, m, mac) || !signature_make(s, mac, own))
		return -EIO;
	return smb3_same(own, signature, sizeof(own)) ? 0 : -EBADMSG;
}
