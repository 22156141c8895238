// SPDX-License-Identifier: Apache-2.0
/*
 * ntlm_message.c: the three messages of NTLM on the wire. [MS-NLMP] 2.2.1
 */
#include "ntlm.h"

#include <smb3/utf16.h>

#define MESSAGE_NEGOTIATE    1
#define MESSAGE_CHALLENGE    2
#define MESSAGE_AUTHENTICATE 3

/* 2.2.2.1 */
#define AV_EOL               0
#define AV_NB_COMPUTER_NAME  1
#define AV_NB_DOMAIN_NAME    2
#define AV_DNS_COMPUTER_NAME 3
#define AV_DNS_DOMAIN_NAME   4
#define AV_FLAGS             6
#define AV_TIMESTAMP         7
#define AV_FLAGS_MIC         0x00000002u

static const char signature[8] = "NTLMSSP";

static bool message_begins(struct smb3_cursor *c, uint32_t type)
{
	const uint8_t *p = smb3_get_bytes(c, sizeof(signature));

	return p && !memcmp(p, signature, sizeof(signature)) && smb3_get_u32(c) == type &&
	       smb3_cursor_ok(c);
}

/* The names in it are unknown to most clients, empty, and of no use. */
bool ntlm_negotiate_parse(const uint8_t *data, size_t len, uint32_t *ret_flags)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	uint32_t flags;

	if (!message_begins(&c, MESSAGE_NEGOTIATE))
		return false;
	flags = smb3_get_u32(&c);
	if (!smb3_cursor_ok(&c))
		return false;
	*ret_flags = flags;
	return true;
}

static struct ntlm_field field_get(struct smb3_cursor *c)
{
	uint16_t len = smb3_get_u16(c);
	struct smb3_cursor part;
	uint32_t offset;

	smb3_get_u16(c); /* MaxLen: to be ignored */
	offset = smb3_get_u32(c);
	part = smb3_cursor_sub(c, offset, len);
	return (struct ntlm_field){ part.pos, smb3_cursor_left(&part) };
}

bool ntlm_authenticate_parse(const uint8_t *data, size_t len, struct ntlm_authenticate *ret_msg)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	struct ntlm_authenticate msg;

	if (!message_begins(&c, MESSAGE_AUTHENTICATE))
		return false;
	msg.lm = field_get(&c);
	msg.nt = field_get(&c);
	msg.domain = field_get(&c);
	msg.user = field_get(&c);
	msg.workstation = field_get(&c);
	msg.key = field_get(&c);
	msg.flags = smb3_get_u32(&c);
	msg.has_mic = len >= NTLM_MIC_AT + NTLM_MIC_SIZE;
	if (!smb3_cursor_ok(&c) || msg.user.len % 2 || msg.domain.len % 2)
		return false;
	*ret_msg = msg;
	return true;
}

/* A list that breaks off inside of a pair leaves c in error. */
static bool av_says_mic(struct smb3_cursor *c)
{
	bool mic = false;

	while (smb3_cursor_left(c)) {
		uint16_t id = smb3_get_u16(c), len = smb3_get_u16(c);
		const uint8_t *value = smb3_get_bytes(c, len);
		struct smb3_cursor v = smb3_cursor_init(value, value ? len : 0);

		if (id == AV_EOL)
			break;
		mic |= id == AV_FLAGS && (smb3_get_u32(&v) & AV_FLAGS_MIC);
	}
	return mic;
}

bool ntlm_response_parse(struct ntlm_field nt, struct ntlm_response *ret_response)
{
	struct smb3_cursor c = smb3_cursor_init(nt.data, nt.len);
	struct ntlm_response r;
	uint8_t version, highest;

	r.proof = smb3_get_bytes(&c, NTLM_KEY_SIZE);
	r.rest.data = c.pos;
	r.rest.len = smb3_cursor_left(&c);
	version = smb3_get_u8(&c);
	highest = smb3_get_u8(&c);
	smb3_get_skip(&c, 6); /* reserved */
	smb3_get_skip(&c, 8); /* the client's time */
	smb3_get_skip(&c, 8); /* its challenge */
	smb3_get_skip(&c, 4); /* reserved */
	if (!smb3_cursor_ok(&c) || version != 1 || highest != 1)
		return false;
	r.mic = av_says_mic(&c);
	if (!smb3_cursor_ok(&c))
		return false;
	*ret_response = r;
	return true;
}

uint32_t ntlm_flags_answer(uint32_t asked)
{
	const uint32_t as_asked =
		NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_REQUEST_TARGET | NTLMSSP_NEGOTIATE_SIGN |
		NTLMSSP_NEGOTIATE_SEAL | NTLMSSP_NEGOTIATE_ALWAYS_SIGN |
		NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | NTLMSSP_NEGOTIATE_VERSION |
		NTLMSSP_NEGOTIATE_128 | NTLMSSP_NEGOTIATE_KEY_EXCH | NTLMSSP_NEGOTIATE_56;

	return (asked & as_asked) | NTLMSSP_NEGOTIATE_NTLM | NTLMSSP_TARGET_TYPE_SERVER |
	       NTLMSSP_NEGOTIATE_TARGET_INFO;
}

static void av_put_name(struct smb3_builder *b, uint16_t id, const char *name)
{
	smb3_put_u16(b, id);
	smb3_put_u16(b, (uint16_t)smb3_utf16_size(name));
	smb3_put_utf16(b, name);
}

/* A server of its own, in no domain, is its own domain. The time makes clients send a MIC. */
static void target_info_put(struct smb3_builder *b, const struct ntlm_challenge *c)
{
	av_put_name(b, AV_NB_DOMAIN_NAME, c->name);
	av_put_name(b, AV_NB_COMPUTER_NAME, c->name);
	av_put_name(b, AV_DNS_DOMAIN_NAME, c->name);
	av_put_name(b, AV_DNS_COMPUTER_NAME, c->name);
	smb3_put_u16(b, AV_TIMESTAMP);
	smb3_put_u16(b, 8);
	smb3_put_u64(b, c->time);
	smb3_put_u16(b, AV_EOL);
	smb3_put_u16(b, 0);
}

static void field_set(struct smb3_builder *b, size_t at, size_t from)
{
	smb3_set_u16(b, at, (uint16_t)(b->len - from));
	smb3_set_u16(b, at + 2, (uint16_t)(b->len - from));
	smb3_set_u32(b, at + 4, (uint32_t)from);
}

void ntlm_challenge_build(const struct ntlm_challenge *c, struct smb3_builder *out)
{
	size_t target, info, at;

	smb3_put_bytes(out, signature, sizeof(signature));
	smb3_put_u32(out, MESSAGE_CHALLENGE);
	target = out->len;
	smb3_put_zero(out, 8);
	smb3_put_u32(out, c->flags);
	smb3_put_bytes(out, c->challenge, sizeof(c->challenge));
	smb3_put_zero(out, 8); /* reserved */
	info = out->len;
	smb3_put_zero(out, 8);
	smb3_put_u8(out, 10); /* VERSION: of use in debugging only, 2.2.2.10 */
	smb3_put_zero(out, 6);
	smb3_put_u8(out, 15); /* NTLMSSP_REVISION_W2K3 */
	at = out->len;
	smb3_put_utf16(out, c->name);
	field_set(out, target, at);
	at = out->len;
	target_info_put(out, c);
	field_set(out, info, at);
}
