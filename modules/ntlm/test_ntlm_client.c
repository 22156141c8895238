// SPDX-License-Identifier: Apache-2.0
/*
 * test_ntlm_client.c: the client's side of NTLM. [MS-NLMP] 3.1.5
 */
#include "test_ntlm_client.h"

#include <criterion/criterion.h>
#include <smb3/utf16.h>

struct ntlm_crypto *crypto_new(void)
{
	const char *why = "";
	struct ntlm_crypto *c = ntlm_crypto_new(&why);

	cr_assert_not_null(c, "%s", why);
	return c;
}

void client_negotiate(struct client *c)
{
	struct smb3_builder b = smb3_builder_init(c->negotiate, sizeof(c->negotiate));

	smb3_put_bytes(&b, "NTLMSSP", 8);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, c->flags);
	smb3_put_zero(&b, 16);
	c->negotiate_len = b.len;
}

static struct ntlm_field utf16(const char *s, uint8_t *buf, size_t size)
{
	struct smb3_builder b = smb3_builder_init(buf, size);

	smb3_put_utf16(&b, s);
	cr_assert(smb3_builder_ok(&b));
	return (struct ntlm_field){ buf, b.len };
}

static void field(struct smb3_builder *b, size_t number, struct ntlm_field v)
{
	size_t at = b->len;

	smb3_put_bytes(b, v.data, v.len);
	smb3_set_u16(b, 12 + 8 * number, (uint16_t)v.len);
	smb3_set_u16(b, 14 + 8 * number, (uint16_t)v.len);
	smb3_set_u32(b, 16 + 8 * number, (uint32_t)at);
}

/* What is proved: time, challenge, and the list of values. */
static struct ntlm_field rest_build(const struct client *c, uint8_t *buf, size_t size)
{
	struct smb3_builder b = smb3_builder_init(buf, size);

	smb3_put_u16(&b, 0x0101);
	smb3_put_zero(&b, 6);
	smb3_put_u64(&b, 0x01d0aecbadf5a1a1);
	smb3_put_bytes(&b, "\1\2\3\4\5\6\7\10", 8);
	smb3_put_u32(&b, 0);
	smb3_put_u16(&b, 6);
	smb3_put_u16(&b, 4);
	smb3_put_u32(&b, c->announce_mic ? 2 : 0);
	smb3_put_zero(&b, 8);
	return (struct ntlm_field){ buf, b.len };
}

static void keys(struct client *c, const struct ntlm_crypto *crypto, const uint8_t *response_key,
		 const uint8_t *proof, uint8_t ret_sent[16])
{
	const struct ntlm_field parts[3] = { { proof, 16 } };
	uint8_t base[16];

	cr_assert(ntlm_hmac(crypto, response_key, parts, base));
	if (!(c->flags & NTLMSSP_NEGOTIATE_KEY_EXCH) || !c->key_len) {
		memcpy(c->key, base, 16);
		return;
	}
	memset(c->key, 0x55, 16);
	cr_assert(ntlm_rc4(crypto, base, 16, c->key, 16, ret_sent));
}

static void mic_set(struct client *c, const struct ntlm_crypto *crypto, const uint8_t *challenge,
		    size_t len)
{
	const struct ntlm_field parts[3] = { { c->negotiate, c->negotiate_len },
					     { challenge, len },
					     { c->message, c->message_len } };
	uint8_t mic[16];

	cr_assert(ntlm_hmac(crypto, c->key, parts, mic));
	memcpy(c->message + NTLM_MIC_AT, mic, 16);
	if (c->spoil_mic)
		c->message[NTLM_MIC_AT + 7] ^= 1;
}

void client_authenticate(struct client *c, const struct ntlm_crypto *crypto,
			 const uint8_t *challenge, size_t len)
{
	struct smb3_builder b = smb3_builder_init(c->message, sizeof(c->message));
	uint8_t user[512], domain[512], rest[128], response_key[16], sent[32] = { 0 };
	uint8_t nt[256] = { 0 }, lm[32] = { 0 };
	struct ntlm_field u = utf16(c->user, user, sizeof(user));
	struct ntlm_field d = utf16(c->domain, domain, sizeof(domain));
	struct ntlm_field r = rest_build(c, rest, sizeof(rest));
	size_t nt_len = c->nt_len ? c->nt_len : 16 + r.len;

	cr_assert(ntlm_response_key(crypto, c->nt_hash, u, d, response_key));
	cr_assert(ntlm_proof(crypto, response_key, challenge + 24, r, nt));
	keys(c, crypto, response_key, nt, sent);
	memcpy(nt + 16, r.data, r.len);
	if (c->nt_len)
		memset(nt, 0, sizeof(nt));
	if (!*c->user && c->nt_len == 0)
		nt_len = 0; /* anonymous */
	smb3_put_bytes(&b, "NTLMSSP", 8);
	smb3_put_u32(&b, 3);
	smb3_put_zero(&b, c->send_mic ? 76 : 60);
	smb3_set_u32(&b, 60, c->flags);
	field(&b, 0, (struct ntlm_field){ lm, c->lm_len });
	field(&b, 1, (struct ntlm_field){ nt, nt_len });
	field(&b, 2, d);
	field(&b, 3, u);
	field(&b, 4, (struct ntlm_field){ NULL, 0 });
	field(&b, 5, (struct ntlm_field){ sent, c->key_len });
	cr_assert(smb3_builder_ok(&b));
	c->message_len = b.len;
	if (c->send_mic)
		mic_set(c, crypto, challenge, len);
}
