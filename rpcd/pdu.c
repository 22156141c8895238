// SPDX-License-Identifier: Apache-2.0
/*
 * pdu.c: the header of connection-oriented PDUs. [C706] 12.6.3.1, [MS-RPCE] 2.2.2
 */
#include "runtime.h"

#define RPC_VERSION    5
#define DREP_LITTLE    0x10 /* integers; ASCII, IEEE */
#define AT_FRAG_LENGTH 8
#define AT_AUTH_LENGTH 10
#define PFC_VERSIONS   1 /* minor ones: 0 and 1 */

uint16_t pdu_u16(struct pdu *p)
{
	uint16_t v = smb3_get_u16(&p->body);

	return p->big ? __builtin_bswap16(v) : v;
}

uint32_t pdu_u32(struct pdu *p)
{
	uint32_t v = smb3_get_u32(&p->body);

	return p->big ? __builtin_bswap32(v) : v;
}

static bool parse_trailer(struct pdu *p)
{
	size_t at = p->frag_len - p->auth_len - PDU_TRAILER;
	struct smb3_cursor c = smb3_cursor_init(p->data, p->frag_len);

	if (p->frag_len < PDU_HEADER + PDU_TRAILER + p->auth_len)
		return false;
	smb3_cursor_seek(&c, at);
	p->auth_type = smb3_get_u8(&c);
	p->auth_level = smb3_get_u8(&c);
	p->auth_pad = smb3_get_u8(&c);
	smb3_get_skip(&c, 1);
	p->auth_id = smb3_get_u32(&c);
	if (p->big)
		p->auth_id = __builtin_bswap32(p->auth_id);
	p->auth_value = smb3_get_bytes(&c, p->auth_len);
	if (p->auth_pad > at - PDU_HEADER)
		return false;
	p->body.end = p->data + at;
	return smb3_cursor_ok(&c);
}

bool pdu_parse(struct pdu *p, uint8_t *data, size_t len)
{
	uint8_t major, minor, drep;

	*p = (struct pdu){ .data = data, .body = smb3_cursor_init(data, len) };
	major = smb3_get_u8(&p->body);
	minor = smb3_get_u8(&p->body);
	p->type = smb3_get_u8(&p->body);
	p->flags = smb3_get_u8(&p->body);
	drep = smb3_get_u8(&p->body);
	smb3_get_skip(&p->body, 3);
	p->big = !(drep & DREP_LITTLE);
	p->frag_len = pdu_u16(p);
	p->auth_len = pdu_u16(p);
	p->call_id = pdu_u32(p);
	if (!smb3_cursor_ok(&p->body) || major != RPC_VERSION || minor > PFC_VERSIONS ||
	    p->frag_len != len)
		return false;
	return !p->auth_len || parse_trailer(p);
}

struct smb3_builder pdu_begin(struct smb3_arena *a, uint8_t type, uint8_t flags, uint32_t call_id)
{
	struct smb3_builder b = smb3_builder_arena(a, UINT16_MAX);

	smb3_put_u8(&b, RPC_VERSION);
	smb3_put_u8(&b, 0);
	smb3_put_u8(&b, type);
	smb3_put_u8(&b, flags);
	smb3_put_u32(&b, DREP_LITTLE);
	smb3_put_u32(&b, 0); /* frag_length, auth_length: known at the end */
	smb3_put_u32(&b, call_id);
	return b;
}

void pdu_end(struct smb3_rpc_assoc *a, struct smb3_builder *b)
{
	smb3_set_u16(b, AT_FRAG_LENGTH, (uint16_t)b->len);
	if (!smb3_builder_ok(b)) {
		a->broken = true;
		return;
	}
	atomic_fetch_add(&a->host->counts.pdus_out, 1);
	a->host->ops->send(a, b->data, b->len);
}

/* Signatures are over the lengths, too: both are set before. */
void pdu_put_trailer(struct smb3_builder *b, const struct pdu *like, uint8_t pad, size_t value_len)
{
	smb3_put_u8(b, like->auth_type);
	smb3_put_u8(b, like->auth_level);
	smb3_put_u8(b, pad);
	smb3_put_u8(b, 0);
	smb3_put_u32(b, like->auth_id);
	smb3_set_u16(b, AT_FRAG_LENGTH, (uint16_t)(b->len + value_len));
	smb3_set_u16(b, AT_AUTH_LENGTH, (uint16_t)value_len);
}
