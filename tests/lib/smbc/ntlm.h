// SPDX-License-Identifier: Apache-2.0
/*
 * ntlm.h: the client's side of NTLMv2, and the SPNEGO wrapping of it. [MS-NLMP] 3.1.5, [MS-SPNG]
 */
#pragma once

#include "smbc.h"

/* Deviations that a server must notice. */
#define SMBC_NTLM_NO_MIC       0x01u /* leave the MIC out */
#define SMBC_NTLM_BAD_MIC      0x02u /* a wrong one */
#define SMBC_NTLM_NO_KEY_EXCH  0x04u /* the session key is the base key */
#define SMBC_NTLM_V1           0x08u /* a 24-byte NTLMv1-like answer */
#define SMBC_NTLM_BAD_PROOF    0x10u /* a wrong proof of the right length */
#define SMBC_NTLM_NO_LIST_MIC  0x20u /* SPNEGO without mechListMIC */
#define SMBC_NTLM_BAD_LIST_MIC 0x40u

struct smbc_cred {
	const char *user, *domain, *password;
	bool anonymous;
	bool raw; /* NTLMSSP without SPNEGO around it */
	unsigned tweak;
};

struct smbc_ntlm {
	struct smbc_buf negotiate, challenge; /* kept for the MIC */
	uint8_t session_key[16];
	bool key_exchange;
};

void ntlm_free(struct smbc_ntlm *n);
void ntlm_negotiate(struct smbc_ntlm *n);
/* Appends AUTHENTICATE to out; -EPROTO when the challenge is not one. */
int ntlm_authenticate(const struct smbc_lib *lib, struct smbc_ntlm *n, const struct smbc_cred *cred,
		      struct smbc_part challenge, struct smbc_buf *out);

/* GSS_GetMIC of the first message of a direction. [MS-NLMP] 3.4.4.2 */
void ntlm_get_mic(const struct smbc_lib *lib, const struct smbc_ntlm *n, bool from_server,
		  struct smbc_part message, uint8_t ret_mic[16]);

/* The list that NegTokenInit offers, as mechListMIC covers it. */
extern const struct smbc_part spnego_mech_list;

/* NegTokenInit offering NTLMSSP alone, and NegTokenResp. [RFC4178] 4.2 */
void spnego_init(struct smbc_buf *out, struct smbc_part token);
void spnego_resp(struct smbc_buf *out, struct smbc_part token, struct smbc_part mic);
/* The mechanism's token and mechListMIC in a NegTokenResp; empty what is not there. */
int spnego_parse(struct smbc_part blob, struct smbc_part *ret_token, struct smbc_part *ret_mic);
