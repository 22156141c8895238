// SPDX-License-Identifier: Apache-2.0
/*
 * sign.c: signatures of PDUs: HMAC-SHA256, AES-128-CMAC, AES-128-GMAC. [MS-SMB2] 3.1.4.1
 */
#include <openssl/core_names.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crypto.h"

static const uint8_t zero16[16];

static void must(int ok)
{
	if (ok)
		return;
	fputs("smbc: OpenSSL: signing failed\n", stderr);
	abort();
}

static void mac_init(struct smbc_signer *s, EVP_MAC *mac, const char *param, const char *value,
		     const uint8_t *key)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(param, (char *)value, 0),
		OSSL_PARAM_construct_end(),
	};

	s->mac = EVP_MAC_CTX_new(mac);
	must(s->mac && EVP_MAC_init(s->mac, key, 16, params));
}

void smbc_signer_init(struct smbc_signer *s, const struct smbc_lib *lib,
		      enum smb2_signing algorithm, const uint8_t key[16])
{
	smbc_signer_done(s);
	s->algorithm = algorithm;
	s->ready = true;
	if (algorithm == SMB2_SIGN_AES_GMAC) {
		s->gmac = EVP_CIPHER_CTX_new();
		must(s->gmac && EVP_EncryptInit_ex2(s->gmac, lib->cipher[SMB2_CIPHER_AES128_GCM],
						    key, NULL, NULL));
	} else if (algorithm == SMB2_SIGN_AES_CMAC) {
		mac_init(s, lib->cmac, OSSL_MAC_PARAM_CIPHER, "AES-128-CBC", key);
	} else {
		mac_init(s, lib->hmac, OSSL_MAC_PARAM_DIGEST, "SHA256", key);
	}
}

void smbc_signer_done(struct smbc_signer *s)
{
	EVP_MAC_CTX_free(s->mac);
	EVP_CIPHER_CTX_free(s->gmac);
	*s = (struct smbc_signer){ 0 };
}

static void gmac_run(struct smbc_signer *s, const struct smbc_part *parts, const uint8_t *header,
		     uint8_t *ret_signature)
{
	uint8_t nonce[12] = { 0 };
	int n;

	memcpy(nonce, header + 24, 8);
	if (smbc_load32(header + 16) & SMB2_FLAGS_SERVER_TO_REDIR)
		nonce[8] |= 1;
	if (smbc_load16(header + 12) == SMB2_CANCEL)
		nonce[8] |= 2;
	must(EVP_EncryptInit_ex2(s->gmac, NULL, NULL, nonce, NULL));
	for (int i = 0; i < 4; i++) {
		if (parts[i].n)
			must(EVP_EncryptUpdate(s->gmac, NULL, &n, parts[i].p, (int)parts[i].n));
	}
	must(EVP_EncryptFinal_ex(s->gmac, ret_signature, &n));
	must(EVP_CIPHER_CTX_ctrl(s->gmac, EVP_CTRL_AEAD_GET_TAG, 16, ret_signature));
}

static void mac_run(struct smbc_signer *s, const struct smbc_part *parts, uint8_t *ret_signature)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	size_t n;

	must(EVP_MAC_init(s->mac, NULL, 0, NULL));
	for (int i = 0; i < 4; i++)
		must(EVP_MAC_update(s->mac, parts[i].p, parts[i].n));
	must(EVP_MAC_final(s->mac, mac, &n, sizeof(mac)));
	memcpy(ret_signature, mac, 16);
}

void smbc_signer_run(struct smbc_signer *s, struct smbc_part pdu, struct smbc_part more,
		     uint8_t ret_signature[16])
{
	const uint8_t *p = pdu.p;
	const struct smbc_part parts[4] = {
		{ p, 48 }, { zero16, 16 }, { p + SMB2_HEADER_SIZE, pdu.n - SMB2_HEADER_SIZE }, more
	};

	if (s->algorithm == SMB2_SIGN_AES_GMAC)
		gmac_run(s, parts, p, ret_signature);
	else
		mac_run(s, parts, ret_signature);
}
